import MintmarkClient
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkCommand

@Suite("What commands send")
struct RequestTests {
    private static let id = "000102030405060708090a0b0c0d0e0f"
    private static let idBytes = [UInt8](0..<16)

    @Test("open sends what it is given")
    func open() async throws {
        let claims = #"{"plan":"pro"}"#
        let least = try await request(OpenRequest.self, ["open", "--subject", "alice", "--audience", "orders"])
        #expect(least == OpenRequest(subject: "alice", audience: ["orders"], attemptID: least.attemptID))
        #expect(least.attemptID?.count == 16)

        let most = try await request(
            OpenRequest.self,
            ["open", "--subject", "alice", "--audience", "orders", "--audience", "payments", "--scope", "read write"]
                + ["--claims", claims, "--ttl", "60", "--context", "phone", "--attempt-id", Self.id]
        )
        #expect(
            most
                == OpenRequest(
                    claims: Array(claims.utf8),
                    subject: "alice",
                    audience: ["orders", "payments"],
                    scope: "read write",
                    accessTokenTTLSeconds: 60,
                    context: Array("phone".utf8),
                    attemptID: Self.idBytes
                )
        )
    }

    @Test("sign sends what it is given")
    func sign() async throws {
        let most = try await request(
            SignRequest.self,
            ["sign", "--subject", "alice", "--audience", "orders", "--scope", "read", "--claims", "-", "--ttl", "60"],
            input: "{}\n"
        )
        #expect(
            most
                == SignRequest(
                    claims: Array("{}".utf8),
                    subject: "alice",
                    audience: ["orders"],
                    scope: "read",
                    accessTokenTTLSeconds: 60
                )
        )
    }

    @Test("verify sends what it is given")
    func verify() async throws {
        let least = try await request(VerifyRequest.self, ["verify", "a.b.c", "--audience", "orders"])
        #expect(least == VerifyRequest(accessToken: Array("a.b.c".utf8), expectedAudience: .named("orders")))
        let most = try await request(
            VerifyRequest.self,
            ["verify", "--any-audience", "--no-claims", "--require-live-session", "--leeway", "7"],
            input: "a.b.c\n"
        )
        #expect(
            most
                == VerifyRequest(
                    accessToken: Array("a.b.c".utf8),
                    expectedAudience: .any,
                    omitsClaims: true,
                    requiresLiveSession: true,
                    leewaySeconds: 7
                )
        )
    }

    @Test("refresh sends what it is given")
    func refresh() async throws {
        let least = try await request(RefreshRequest.self, ["refresh", "mmrt_a"])
        #expect(least == RefreshRequest(refreshToken: Array("mmrt_a".utf8)))
        let most = try await request(
            RefreshRequest.self,
            ["refresh", "-", "--audience", "orders", "--scope", "read", "--ttl", "9", "--context", "phone"],
            input: "mmrt_a"
        )
        #expect(
            most
                == RefreshRequest(
                    refreshToken: Array("mmrt_a".utf8),
                    audience: ["orders"],
                    scope: "read",
                    accessTokenTTLSeconds: 9,
                    context: Array("phone".utf8)
                )
        )
    }

    @Test(
        "revoke sends its target",
        arguments: [
            Row("a token", ["mmrt_a"], .refreshToken(Array("mmrt_a".utf8))),
            Row("a token from standard input", [], .refreshToken(Array("mmrt_in".utf8))),
            Row("a session", ["--session-id", id], .sessionID(idBytes)),
            Row("a session by its sid", ["--session-id", "AAECAwQFBgcICQoLDA0ODw"], .sessionID(idBytes)),
            Row("a subject", ["--subject", "alice"], .subject("alice")),
            Row("a client", ["--client-id", "web"], .clientID("web")),
            Row("everything", ["--all"], .all),
        ] as [Row<[String], RevokeRequest.Target>]
    )
    func revoke(row: Row<[String], RevokeRequest.Target>) async throws {
        let sent = try await request(RevokeRequest.self, ["revoke"] + row.given, input: "mmrt_in\n")
        #expect(sent == RevokeRequest(row.expected))
    }

    @Test(
        "force-rotation sends its target",
        arguments: [
            Row("a session", ["--session-id", id], .sessionID(idBytes)),
            Row("a subject", ["--subject", "alice"], .subject("alice")),
            Row("a client", ["--client-id", "web"], .clientID("web")),
            Row("everything", ["--all"], .all),
        ] as [Row<[String], ForceRotationRequest.Target>]
    )
    func forceRotation(row: Row<[String], ForceRotationRequest.Target>) async throws {
        let sent = try await request(ForceRotationRequest.self, ["force-rotation"] + row.given)
        #expect(sent == ForceRotationRequest(row.expected))
    }

    @Test("introspect sends its token")
    func introspect() async throws {
        let sent = try await request(IntrospectRequest.self, ["introspect", "mmrt_a"])
        #expect(sent == IntrospectRequest(refreshToken: Array("mmrt_a".utf8)))
    }

    @Test(
        "what has no arguments is sent",
        arguments: [("keys", Kind.keys), ("stats", .stats), ("snapshot", .snapshot), ("ping", .ping)]
    )
    func withoutFields(name: String, kind: Kind) async throws {
        try await withFakeServer(answering) { server in
            let completion = try await complete([name, "--server", server.endpoint.description])
            #expect(completion.exitStatus == .done)
            var events = server.events.makeAsyncIterator()
            #expect(await events.request(kind)?.body == [])
        }
    }

    /// The request that a command sends to a server which answers everything well.
    private func request<Request: WireRequest>(
        _ type: Request.Type,
        _ arguments: [String],
        input: String = ""
    ) async throws -> Request {
        try await withFakeServer(answering) { server in
            let all = arguments + ["--server", server.endpoint.description, "--timeout", "60"]
            let completion = try await complete(all, input: Array(input.utf8))
            #expect(completion.exitStatus == .done)
            #expect(completion.errorOutput.isEmpty)
            var events = server.events.makeAsyncIterator()
            let request = try #require(await events.request(Request.kind))
            return try Request(decoding: request.body.span.bytes)
        }
    }
}
