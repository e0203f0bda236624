import Foundation
import Synchronization

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

    func text(_ member: String) throws -> String? { try json[member] as? String }
    func number(_ member: String) throws -> Int? { try json[member] as? Int }
    func bool(_ member: String) throws -> Bool? { try json[member] as? Bool }
}

/// Runs a program to its end, or for a minute, or for as long as is said.
func run(
    _ program: URL,
    _ arguments: [String],
    environment: [String: String] = [:],
    input: String = "",
    secondsMax: Int = 60
) throws -> ProcessResult {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["--signal=KILL", "\(secondsMax)", program.path] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (output, errors, standardInput) = try process.runWithPipes()
    // A program that wants no input may be gone already.
    try? standardInput.write(contentsOf: Data(input.utf8))
    try standardInput.close()
    let text = output.readDataToEndOfFile()
    let errorText = errors.readDataToEndOfFile()
    process.waitUntilExit()
    return ProcessResult(
        exitCode: process.terminationStatus,
        output: String(decoding: text, as: UTF8.self),
        errors: String(decoding: errorText, as: UTF8.self)
    )
}

extension Process {
    /// Processes start one at a time: one that starts between the making of another's pipes and its start would inherit
    /// them, and keep them open.
    private static let start = Mutex(())

    /// Starts the process, with whatever it was given.
    func runInTurn() throws {
        try Self.start.withLock { _ in try run() }
    }

    /// Starts the process. Returns what to read its output and errors from, and what to write its input to.
    func runWithPipes() throws -> (output: FileHandle, errors: FileHandle, input: FileHandle) {
        signal(SIGPIPE, SIG_IGN)
        return try Self.start.withLock { _ in
            let (output, errors, input) = (Pipe(), Pipe(), Pipe())
            standardOutput = output
            standardError = errors
            standardInput = input
            try run()
            return (output.fileHandleForReading, errors.fileHandleForReading, input.fileHandleForWriting)
        }
    }
}
