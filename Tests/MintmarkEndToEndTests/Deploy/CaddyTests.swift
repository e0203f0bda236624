import Foundation
import Testing

/// A service behind a real Caddy that asks a real daemon, with the configuration of the operators' page.
@Suite(.enabled(if: CaddyProcess.program != nil, "there is no Caddy on this machine"))
struct CaddyTests {
    private func withCaddy(_ body: (DaemonProcess, CaddyProcess) async throws -> Void) async throws {
        let daemon = try DaemonProcess(
            configuration: "admin: {authz: {listen: '127.0.0.1:0', audiences: [orders, billing]}}"
        )
        let caddy = try CaddyProcess(authz: try #require(daemon.ready.authz))
        try await caddy.waitUntilItListens()
        try await body(daemon, caddy)
    }

    private func token(_ daemon: DaemonProcess, _ options: String..., audience: String = "orders") throws -> String {
        let arguments = ["sign", "--subject", "alice", "--audience", audience] + options
        let result = try run(BuiltProducts.mintmark, arguments + ["--unix", daemon.unixPath, "--json"])
        #expect(result.exitCode == 0, "\(result.errors)")
        return try #require(try result.text("access_token"))
    }

    @Test func theServiceSeesWhoCalls() async throws {
        try await withCaddy { daemon, caddy in
            let token = try token(daemon, "--scope", "read write")
            let body = String(repeating: "x", count: 100_000)
            let answer = try caddy.ask(["Authorization: Bearer \(token)", "Cookie: a=b"], ["--data", body])
            #expect(answer.status == 200)
            #expect(answer.sent("issuer") == "mintmark" && answer.sent("subject") == "alice")
            #expect(answer.sent("client") == "local" && answer.sent("audience") == "orders")
            #expect(answer.sent("scope") == "read write")
            #expect(answer.sent("expires").flatMap(Int.init) ?? 0 > 1_700_000_000)
            #expect(answer.sent("authorization")?.isEmpty == true, "the service gets no token")
            #expect(answer.sent("cookie") == "a=b")
            #expect(answer.sent("method") == "POST" && answer.sent("length") == "100000")
        }
    }

    @Test func whatAClientForgesIsTakenAway() async throws {
        try await withCaddy { daemon, caddy in
            let forged = [
                "X-Auth-Issuer: evil", "X-Auth-Subject: root", "x-auth-client-id: evil", "X-AUTH-SCOPE: admin",
                "X-Auth-Audience: evil", "X-Auth-Expires: 9", "X_Auth_Subject: root", "x-auth_subject: root",
                "X_AUTH-Subject: root",
            ]
            let answer = try caddy.ask(["Authorization: Bearer \(try token(daemon))"] + forged)
            #expect(answer.status == 200)
            #expect(answer.sent("subject") == "alice" && answer.sent("issuer") == "mintmark")
            #expect(answer.sent("client") == "local" && answer.sent("audience") == "orders")
            #expect(answer.sent("scope")?.isEmpty == true, "the token has none")
            #expect(answer.sent("underscores")?.isEmpty == true)
            #expect(answer.sent("expires") != "9")
            #expect(try caddy.ask(forged).status == 401)
        }
    }

    /// Refusals come as they are, with their challenges, and nobody gets in where nobody can be asked.
    @Test func whoHasNoGoodTokenStaysOutside() async throws {
        try await withCaddy { daemon, caddy in
            let refusals = [
                ([], 401, "Bearer realm=\"mintmark\""),
                (["Authorization: Bearer nonsense"], 401, "error_description=\"token_malformed\""),
                (["Authorization: Bearer a b"], 400, "error=\"invalid_request\""),
                (["Authorization: Bearer \(try token(daemon, audience: "billing"))"], 401, "audience_refused"),
            ]
            for (fields, status, challenge) in refusals {
                let answer = try caddy.ask(fields)
                #expect(answer.status == status && !answer.body.contains("subject="), "\(fields)")
                #expect(answer.fields["www-authenticate"]?.contains(challenge) == true, "\(fields)")
            }
            let good = ["Authorization: Bearer \(try token(daemon))"]
            #expect(try caddy.ask(good).status == 200)
            #expect(daemon.stop() == 0)
            let answer = try caddy.ask(good)
            #expect(answer.status == 502 && !answer.body.contains("subject="))
        }
    }
}
