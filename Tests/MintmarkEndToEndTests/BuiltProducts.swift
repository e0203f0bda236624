import Foundation

/// The programs of this build.
enum BuiltProducts {
    /// Where the test bundle lies, and the programs beside it.
    static let directory = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    static func program(_ name: String) -> URL {
        directory.appendingPathComponent(name)
    }

    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}

/// What a finished process left.
struct ProcessResult: Sendable {
    var exitCode: Int32
    var output: String
    var errors: String

    /// Standard output as one JSON object.
    var json: [String: Any] {
        get throws {
            let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
            return object as? [String: Any] ?? [:]
        }
    }
}

/// Runs a program to its end.
func run(
    _ program: URL,
    _ arguments: [String],
    environment: [String: String] = [:],
    input: String = ""
) throws -> ProcessResult {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    let errors = Pipe()
    let standardInput = Pipe()
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = standardInput
    try process.run()
    try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try standardInput.fileHandleForWriting.close()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let errorText = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return ProcessResult(
        exitCode: process.terminationStatus,
        output: String(decoding: text, as: UTF8.self),
        errors: String(decoding: errorText, as: UTF8.self)
    )
}
