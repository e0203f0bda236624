import Foundation

/// The files of this checkout.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The paths below `folder`, relative to the root, that end in `suffix`; sorted.
    static func files(below folder: String, suffix: String) -> [String] {
        let base = root.appendingPathComponent(folder)
        let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(suffix) }.map { "\(folder)/\($0)" }.sorted()
    }

    /// The module of a source file: `Sources/<module>/…`, `Tools/<program>/<module>/…` or `Tools/<program>/Main/…`.
    static func module(of path: String) -> String {
        let parts = path.split(separator: "/").map(String.init)
        guard parts[0] == "Tools" else {
            return parts[1]
        }
        return parts[2] == "Main" ? parts[1] : parts[2]
    }

    static func text(of path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }
}

extension Repository {
    /// Runs a program in the repository; returns what it says, errors too, and how it ends.
    static func run(_ program: URL, _ arguments: [String]) throws -> (text: String, exitCode: Int32) {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = root
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (text, process.terminationStatus)
    }
}
