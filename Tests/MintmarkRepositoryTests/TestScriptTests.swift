import Foundation
import Testing

/// What `Tools/test` prints at its end, with a toolchain that only pretends.
@Suite struct TestScriptTests {
    /// Runs it with a `swift` whose tests print `output` and end with `exitCode`.
    private static func run(_ output: [String], exitCode: Int32) throws -> (lines: [Substring], exitCode: Int32) {
        let directory = FileManager.default.temporaryDirectory.appending(path: "mintmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        try Data((output.joined(separator: "\n") + "\n").utf8).write(to: directory.appending(path: "output"))
        let pretender = """
            #!/bin/sh
            [ "$1" = test ] || exit 0
            cat "\(directory.path)/output"
            exit \(exitCode)

            """
        let program = directory.appending(path: "swift")
        try Data(pretender.utf8).write(to: program)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program.path)

        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let script = Repository.root.appending(path: "Tools/test").path
        process.arguments = ["PATH=\(directory.path):\(path)", script, "--filter", "Nothing"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (text.split(separator: "\n"), process.terminationStatus)
    }

    @Test func failuresAreToldOnceMoreAboveTheLastLine() throws {
        let issue =
            "✘ Test first() recorded an issue at A.swift:1:2: Expectation failed: " + String(repeating: "x", count: 900)
        let closing = "✘ Test run with 2 tests in 1 suite failed after 1 second with 1 issue."
        let result = try Self.run([issue, "✔ Test second() passed", "✘ Test first() failed", closing], exitCode: 1)
        #expect(result.exitCode == 1)
        #expect(result.lines.count { $0 == closing } == 2)
        #expect(result.lines.suffix(3).first == "Failed:")
        #expect(result.lines.suffix(2).first.map { $0.utf8.count == 300 && issue.hasPrefix($0) } == true)
        #expect(result.lines.last.map(String.init) == closing)
    }

    @Test func whatPassesIsToldOnce() throws {
        let closing = "✔ Test run with 1 test in 1 suite passed after 1 second."
        let result = try Self.run(["✔ Test first() passed", closing], exitCode: 0)
        #expect(result.exitCode == 0)
        #expect(result.lines.suffix(3).map(String.init) == ["Testing …", "✔ Test first() passed", closing])
    }
}
