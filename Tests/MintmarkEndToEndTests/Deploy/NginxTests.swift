import Foundation
import Testing

/// A service behind a real nginx that asks a real daemon, with the configuration that operators begin with.
@Suite(.enabled(if: NginxProcess.program != nil, "there is no nginx on this machine"))
struct NginxTests {
    private static let settings =
        "admin: {authz: {listen: '127.0.0.1:0', audiences: [orders, billing]}}\ntokens: {leeway: 0s}"

    private func withNginx(_ body: (DaemonProcess, NginxProcess) async throws -> Void) async throws {
        let daemon = try DaemonProcess(configuration: Self.settings)
        let nginx = try NginxProcess(authz: try #require(daemon.ready.authz))
        try await nginx.waitUntilItListens()
        try await body(daemon, nginx)
    }

    private func token(_ daemon: DaemonProcess, _ options: String..., audience: String = "orders") throws -> String {
        let arguments = ["sign", "--subject", "alice", "--audience", audience] + options
        let result = try run(BuiltProducts.mintmark, arguments + ["--unix", daemon.unixPath, "--json"])
        #expect(result.exitCode == 0, "\(result.errors)")
        return try #require(try result.text("access_token"))
    }

    @Test func theServiceSeesWhoCalls() async throws {
        try await withNginx { daemon, nginx in
            let token = try token(daemon, "--scope", "read write")
            let answer = try nginx.ask(["Authorization: Bearer \(token)", "Cookie: a=b"])
            #expect(answer.status == 200)
            #expect(answer.sent("issuer") == "mintmark")
            #expect(answer.sent("subject") == "alice")
            #expect(answer.sent("client") == "local")
            #expect(answer.sent("scope") == "read write")
            #expect(answer.sent("audience") == "orders")
            #expect(answer.sent("expires").flatMap(Int.init) ?? 0 > 1_700_000_000)
            #expect(answer.sent("authorization")?.isEmpty == true, "the service gets no token")
            #expect(answer.sent("cookie") == "a=b")
        }
    }

    @Test func whatAClientForgesIsReplaced() async throws {
        try await withNginx { daemon, nginx in
            let forged = [
                "X-Auth-Issuer: evil", "X-Auth-Subject: root", "x-auth-client-id: evil", "X-AUTH-SCOPE: admin",
                "X-Auth-Audience: evil", "X-Auth-Expires: 9", "X_Auth_Subject: root", "X-Auth-Subject: root",
            ]
            let answer = try nginx.ask(["Authorization: Bearer \(try token(daemon))"] + forged)
            #expect(answer.status == 200)
            #expect(answer.sent("subject") == "alice" && answer.sent("issuer") == "mintmark")
            #expect(answer.sent("client") == "local" && answer.sent("audience") == "orders")
            #expect(answer.sent("scope")?.isEmpty == true, "the token has none")
            #expect(answer.sent("expires") != "9")
            #expect(try nginx.ask(forged).status == 401)
        }
    }

    @Test func whoHasNoGoodTokenStaysOutside() async throws {
        try await withNginx { daemon, nginx in
            func refusal(_ fields: [String]) throws -> String? {
                let answer = try nginx.ask(fields)
                #expect(answer.status == 401 && !answer.body.contains("subject="), "\(fields)")
                return answer.fields["www-authenticate"]
            }
            func invalid(_ reason: String) -> String {
                "Bearer realm=\"mintmark\", error=\"invalid_token\", error_description=\"\(reason)\""
            }
            #expect(try refusal([]) == "Bearer realm=\"mintmark\"")
            #expect(try refusal(["Authorization: Basic YTpi"]) == "Bearer realm=\"mintmark\"")
            #expect(try refusal(["Authorization: Bearer nonsense"]) == invalid("token_malformed"))
            let malformed = try refusal(["Authorization: Bearer a b"])
            #expect(malformed?.contains("error=\"invalid_request\"") == true)
            let elsewhere = try token(daemon, audience: "other")
            #expect(try refusal(["Authorization: Bearer \(elsewhere)"]) == invalid("audience_refused"))
            // The server takes it, the query of this proxy does not.
            let billing = try token(daemon, audience: "billing")
            #expect(try refusal(["Authorization: Bearer \(billing)"]) == invalid("audience_refused"))
            let long = String(repeating: "a", count: 8_193)
            #expect(try refusal(["Authorization: Bearer \(long)"]) == invalid("token_oversize"))
        }
    }

    @Test func tokensThatWereGoodEnd() async throws {
        try await withNginx { daemon, nginx in
            let short = try token(daemon, "--ttl", "2")
            let long = try token(daemon)
            #expect(try nginx.ask(["Authorization: Bearer \(long)"]).status == 200)
            try await poll("the token expires") {
                let answer = try nginx.ask(["Authorization: Bearer \(short)"])
                let isExpired = answer.fields["www-authenticate"]?.contains("token_expired") == true
                #expect(answer.status == (isExpired ? 401 : 200))
                return isExpired ? () : nil
            }
            #expect(try daemon.mintmark("revoke", "--subject", "alice").exitCode == 0)
            let answer = try nginx.ask(["Authorization: Bearer \(long)"])
            #expect(answer.status == 401)
            #expect(answer.fields["www-authenticate"]?.contains("token_revoked") == true)
        }
    }

    /// nginx asks with GET and without the body, whatever the request is.
    @Test func requestsWithBodiesGetThroughAsTheyAre() async throws {
        try await withNginx { daemon, nginx in
            let body = String(repeating: "x", count: 100_000)
            let answer = try nginx.ask(["Authorization: Bearer \(try token(daemon))"], ["--data", body])
            #expect(answer.status == 200)
            #expect(answer.sent("method") == "POST" && answer.sent("length") == "100000")
            #expect(try nginx.ask([], ["--data", body]).status == 401)
        }
    }

    /// Nobody gets in where nobody can be asked.
    @Test func stoppedDaemonLetsNobodyIn() async throws {
        try await withNginx { daemon, nginx in
            let token = try token(daemon)
            #expect(try nginx.ask(["Authorization: Bearer \(token)"]).status == 200)
            #expect(daemon.stop() == 0)
            for fields in [[], ["Authorization: Bearer \(token)"]] {
                let answer = try nginx.ask(fields)
                #expect(answer.status == 500 && !answer.body.contains("subject="), "\(fields)")
            }
        }
    }
}
