import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

@Suite("Operations")
struct OperationTests {
    @Test("every operation sends its request and reads its answer")
    func everyOperation() async throws {
        try await withServedClient(Scripts.answering) { client, _ in
            #expect(try await client.ping() > 0)
            let token = try await client.sign(subject: "alice", audience: ["orders"])
            #expect(token.accessToken.utf8.elementsEqual(Sample.jwt))
            #expect(token.expiresInSeconds == 300)
            let verification = try await client.verify(token.accessToken, audience: .named("orders"))
            #expect(verification == .active(claims: Array(#"{"sub":"alice"}"#.utf8)))
            let opened = try await client.open(subject: "alice", audience: ["orders"])
            #expect(opened.sessionID.bytes == Sample.sessionID)
            let refreshed = try await client.refresh(opened.refreshToken)
            #expect(refreshed.outcome == .rotated)
            #expect(refreshed.generation == 1)
            try await client.revoke(.refreshToken(opened.refreshToken))
            try await client.forceRotation(of: .subject("alice"))
            try await client.snapshot(timeout: .seconds(3_600))
            let keys = try await client.keys()
            #expect(keys == Array(#"{"keys":[]}"#.utf8))
            let stats = try await client.stats()
            #expect(stats.readinessReasons == ["starting"])
            guard case .active(let session) = try await client.introspect(opened.refreshToken) else {
                Issue.record("the session is active")
                return
            }
            #expect(session.subject == "alice")
            #expect(session.generation == 3)
        }
    }
}
