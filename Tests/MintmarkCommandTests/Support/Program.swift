import Foundation
import Testing

/// The built program, run as a process.
enum Program {
    /// What a process left behind.
    struct Result {
        var exitCode: Int32
        var output: String
        var errorOutput: String
    }

    /// It lies beside the test bundle.
    private static let url = URL(fileURLWithPath: "/proc/self/exe")
        .resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("mintmark")

    /// - Parameter environment: All variables that the process has.
    static func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        input: String = ""
    ) async throws -> Result {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.environment = environment
        let (standardInput, output, errorOutput) = (Pipe(), Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = errorOutput
        try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in ended.resume() }
            do {
                try process.run()
                try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
                try standardInput.fileHandleForWriting.close()
            } catch {
                Issue.record(error)
            }
        }
        // What the program writes fits into a pipe, so that it ends before anybody reads.
        return Result(
            exitCode: process.terminationStatus,
            output: String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self),
            errorOutput: String(decoding: errorOutput.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        )
    }
}
