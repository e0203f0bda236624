import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

/// An answer that the protocol does not allow.
struct Violation: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let answer: @Sendable (FakeServer.Request) -> [UInt8]

    init(_ name: String, _ answer: @escaping @Sendable (FakeServer.Request) -> [UInt8]) {
        testDescription = name
        self.answer = answer
    }

    /// The good answer with one byte changed.
    private static func changed(_ offset: Int, to byte: UInt8) -> @Sendable (FakeServer.Request) -> [UInt8] {
        { request in
            var bytes = request.answer
            bytes[offset] = byte
            return bytes
        }
    }

    static let all = [
        Violation("an id that was never used") { $0.bytes(of: PingResponse(serverTime: 1), requestID: 99) },
        Violation("an error for an id that was never used") { $0.error(.busy, requestID: 99) },
        Violation("id 0 in an answer") { $0.bytes(of: PingResponse(serverTime: 1), requestID: 0) },
        Violation("another kind of answer") { $0.bytes(of: KeysResponse(jwks: [0x7B, 0x7D])) },
        Violation("an answer that comes twice") { $0.answer + $0.answer + $0.answer },
        Violation("a request", changed(4, to: 0x03)),
        Violation("flags", changed(5, to: 1)),
        Violation("a length below the least", changed(3, to: 5)),
        Violation("a length above the limit", changed(1, to: 1)),
        Violation("a length far above the limit", changed(0, to: 0xFF)),
        Violation("a body that is no field", changed(10, to: 0x7F)),
        Violation("an error without a status") { request in
            var bytes = request.error(.busy)
            bytes[4] = Kind.errorByte
            bytes[10] = 0x7F
            return bytes
        },
    ]
}

@Suite("Protocol violations")
struct ViolationTests {
    @Test("a violation ends the connection, and the client goes on with another", arguments: Violation.all)
    func violation(_ violation: Violation) async throws {
        let script = Scripts.first { [.write(violation.answer($0))] }
        try await withServedClient(script) { client, server in
            var events = server.events.makeAsyncIterator()
            let error = await failure { try await client.ping() }
            #expect(error == nil || error?.code == .protocolViolation)
            await events.wait(for: .disconnected(0))
            try await client.ping()
            #expect(server.connectionCount == 2)
        }
    }

    @Test("a server that does nothing else is told of as what it is")
    func always() async throws {
        let script = Scripts.always { [.write($0.bytes(of: PingResponse(serverTime: 1), requestID: 99))] }
        try await withServedClient(script, .forTests.with(\.attemptsMax, 3)) { client, server in
            let error = await failure { try await client.ping() }
            #expect(error?.code == .protocolViolation)
            #expect(error?.isTerminal == true)
            #expect(server.connectionCount == 3)
        }
    }

    @Test("an HTTP server is told of as what it is")
    func http() async throws {
        let script: FakeServer.Script = { _ in [.write(Array("HTTP/1.1 400 Bad Request\r\n".utf8))] }
        try await withServedClient(script) { client, _ in
            let error = await failure { try await client.ping() }
            #expect(error?.code == .protocolViolation)
            #expect(error?.message.contains("the server speaks HTTP") == true, "\(String(describing: error))")
        }
    }

    @Test("an inactive token without a reason is no verdict")
    func reasonMissing() async throws {
        let script = Scripts.always { [.write($0.bytes(of: VerifyResponse(isActive: false)))] }
        try await withServedClient(script) { client, _ in
            let error = await failure {
                try await client.verify("token", audience: .any)
            }
            #expect(error?.code == .protocolViolation)
        }
    }
}
