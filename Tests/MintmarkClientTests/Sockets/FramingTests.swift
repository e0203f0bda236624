import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

@Suite("Framing")
struct FramingTests {
    @Test("answers are found however they are cut: every byte on its own")
    func byteByByte() async throws {
        let script: FakeServer.Script = { [.writeByteByByte($0.answer)] }
        try await withServedClient(script) { client, _ in
            let tokens = try await client.open(subject: "alice", audience: ["orders"])
            #expect(tokens.sessionID.bytes == Sample.sessionID)
            try await client.ping()
        }
    }

    @Test("many answers in one piece, in reverse order, each reach their caller")
    func coalescedAndReordered() async throws {
        let count = 100
        try await withServedClient(Scripts.silent, .forTests.with(\.connectionsMax, 1)) { client, server in
            var events = server.events.makeAsyncIterator()
            try await withThrowingTaskGroup(of: (subject: String, claims: [UInt8]?).self) { group in
                for number in 0..<count {
                    group.addTask {
                        let token = "token-\(number)"
                        guard case .active(let claims) = try await client.verify(token, audience: .any) else {
                            return (token, nil)
                        }
                        return (token, claims)
                    }
                }
                var answers: [[UInt8]] = []
                for _ in 0..<count {
                    let request = try #require(await events.request(.verify))
                    // The claims are the token, so that a mix-up is seen.
                    let token = try VerifyRequest(decoding: request.body.span.bytes).accessToken
                    answers.append(request.bytes(of: VerifyResponse(claims: token, isActive: true)))
                }
                server.write(answers.reversed().flatMap { $0 }, to: 0)
                for try await (token, claims) in group {
                    #expect(claims == Array(token.utf8))
                }
            }
        }
    }

    @Test("an answer as long as the server's limit, in pieces")
    func longAnswer() async throws {
        let limit = 65_536
        let script = Scripts.always { request in
            // The length counts kind, flags and id (6) and the field's tag and length (4).
            let bytes = request.bytes(of: KeysResponse(jwks: [UInt8](repeating: 0x20, count: limit - 10)))
            return [.write(Array(bytes[..<40_000])), .write(Array(bytes[40_000...])), .write([])]
        }
        try await withServedClient(script) { client, _ in
            let keys = try await client.keys()
            #expect(keys.count == limit - 10)
        }
    }

    @Test("a connection that ends inside an answer leaves no answer", arguments: [0, 1, 4, 9, 17])
    func endsInsideAnswer(_ length: Int) async throws {
        let script = Scripts.first { [.write(Array($0.answer.prefix(length))), .close] }
        try await withServedClient(script) { client, server in
            try await client.ping()
            #expect(server.connectionCount == 2)
        }
    }
}
