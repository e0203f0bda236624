import Foundation
import MintmarkTestSupport
import MintmarkWire

@testable import MintmarkClient
@testable import MintmarkCommand

/// A row of a table: what is given, and what is to come of it.
struct Row<Given: Sendable, Expected: Sendable>: Sendable, CustomStringConvertible {
    let description: String
    let given: Given
    let expected: Expected

    init(_ description: String, _ given: Given, _ expected: Expected) {
        self.description = description
        self.given = given
        self.expected = expected
    }
}

/// Runs `body` with an input that holds some bytes, however many.
func withInput<Value>(_ bytes: [UInt8], _ body: (InputReader) async throws -> Value) async throws -> Value {
    let file = try TemporaryFile(bytes)
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file.path))
    defer { try? handle.close() }
    return try await body(InputReader(descriptor: handle.fileDescriptor))
}

/// A file that is there as long as the value.
final class TemporaryFile {
    let path: String

    init(_ bytes: [UInt8]) throws {
        path = NSTemporaryDirectory() + "mintmark-\(UUID().uuidString)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Runs a command in this process, without anything in its standard input unless said otherwise.
func complete(
    _ arguments: [String],
    _ variables: ServerVariables = .none,
    input: [UInt8] = [],
    at now: UInt64 = 1_000
) async throws -> Completion {
    try await withInput(input) { await CommandLineTool.run(arguments, variables, reading: $0, at: now) }
}

/// Runs a command in this process against a server that does what a script says.
func completeServed(
    _ arguments: [String],
    input: [UInt8] = [],
    script: @escaping FakeServer.Script = answering
) async throws -> Completion {
    try await withFakeServer(script) { server in
        // More time than a loaded machine can use up.
        try await complete(arguments + ["--server", server.endpoint.description, "--timeout", "3600"], input: input)
    }
}

/// A JSON object, read by somebody else.
func parsed(_ json: String) throws -> NSDictionary {
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8))
    return object as? NSDictionary ?? [:]
}

/// The message of the usage error that `body` throws.
func usageError<Value>(_ body: () async throws -> Value) async -> String? {
    do {
        _ = try await body()
        return nil
    } catch {
        return (error as? UsageError)?.message
    }
}
