import Foundation
import Testing

/// What `Tools/quickstart` says before anything is built, with a toolchain that only pretends.
@Suite struct QuickstartTests {
    /// Runs it with a `swift` that builds nothing and fails. Everything seems to be installed.
    private static func run() throws -> (text: String, exitCode: Int32) {
        let directory = FileManager.default.temporaryDirectory.appending(path: "mintmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, script) in [("swift", "exit 1"), ("dpkg-query", "printf installed")] {
            let program = directory.appending(path: name)
            try Data("#!/bin/sh\n\(script)\n".utf8).write(to: program)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program.path)
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let script = Repository.root.appending(path: "Tools/quickstart").path
        process.arguments = ["PATH=\(directory.path):\(path)", script]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (text, process.terminationStatus)
    }

    /// As long as the README says, and before the build, which tells nothing by itself.
    @Test func howLongTheFirstBuildTakesIsToldBeforeIt() throws {
        let (text, exitCode) = try Self.run()
        #expect(exitCode == 1)
        let line = try #require(text.split(separator: "\n").last)
        #expect(line.hasPrefix("Building a release (the first time up to a quarter of an hour on two cores"))
        #expect(try Repository.text(of: "README.md").contains("up to a quarter of an hour on two cores"))
    }
}
