import MintmarkEngine
import MintmarkSessions
import MintmarkWire
import Testing

@testable import MintmarkServer

/// A refresh token that another client presents: what the file of the daemon says of its owner is what happens to its
/// session.
@Suite(.serialized) struct ClientMismatchTests {
    @Test(arguments: [("keep", nil as Status?), ("revoke", .revoked)])
    func sessionLivesOrEndsAsConfigured(rule: String, refusal: Status?) async throws {
        let other = rule == "keep" ? "revoke" : "keep"
        let configuration = try load(
            """
            unix: /tmp/s
            clients:
              owner: {client_mismatch: \(rule), identities: {user_ids: [1]}}
              other: {client_mismatch: \(other), identities: {user_ids: [2]}}
            """
        )
        let directory = try CallerDirectory(configuration)
        let thief = try #require(directory.clients.first { $0.id == "other" })
        try await withServer {
            $0.callers = CallerDirectory(everybody: thief)
        } _: { server in
            let owner = SessionCaller(clientID: Array("owner".utf8), policy: ClientPolicy())
            let token = try Self.openSession(of: owner, server)
            let client = try server.connect()
            try client.send(frame(RefreshRequest(refreshToken: token), id: 9))
            #expect(try client.read().status == .clientMismatch)
            #expect(Self.refusal(of: token, presentedBy: owner, server) == refusal)
        }
    }

    private static func openSession(of caller: SessionCaller, _ server: TestServer) throws -> [UInt8] {
        let body = Array("alice".utf8) + [0, 3] + Array("api".utf8)
        var grant = GrantBuffer()
        let answer = server.engine.sessions.open(
            SessionOpening(subject: 0..<5, audience: 5..<body.count),
            in: body.span.bytes,
            caller: caller,
            now: server.clock.now(),
            grant: &grant
        )
        guard case .granted = answer else { throw WireError(.internal) }
        return Array(grant.bytes[grant.refreshToken])
    }

    /// Nil: the token is good.
    private static func refusal(
        of token: [UInt8],
        presentedBy caller: SessionCaller,
        _ server: TestServer
    ) -> Status? {
        var grant = GrantBuffer()
        let seen = server.engine.sessions.introspect(
            refreshToken: token.span.bytes,
            caller: caller,
            now: server.clock.now(),
            grant: &grant
        )
        guard case .inactive(let refusal, _) = seen else { return nil }
        return Status(rawValue: refusal.rawValue)
    }
}
