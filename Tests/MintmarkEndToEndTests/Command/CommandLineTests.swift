import Foundation
import Testing

/// Every subcommand of the real command line against a real daemon: the answer, its JSON, and the exit code.
@Suite struct CommandLineTests {
    private let daemon: DaemonProcess

    init() throws {
        daemon = try DaemonProcess(configuration: DaemonProcess.patientClient)
    }

    private func open(_ arguments: String...) throws -> (access: String, refresh: String, session: String) {
        let result = try run(
            BuiltProducts.mintmark,
            ["open", "--subject", "alice", "--audience", "orders", "--unix", daemon.unixPath, "--json"] + arguments
        )
        #expect(result.exitCode == 0, "\(result)")
        return (
            try #require(try result.text("access_token")), try #require(try result.text("refresh_token")),
            try #require(try result.text("session_id"))
        )
    }

    @Test func bothProgramsAreOfOneVersion() throws {
        let server = try run(BuiltProducts.mintmarkd, ["--version"]).output
        let command = try run(BuiltProducts.mintmark, ["--version"]).output
        #expect(server.hasPrefix("mintmarkd/") && command.hasPrefix("mintmark/"))
        #expect(server.split(separator: "/").last == command.split(separator: "/").last)
    }

    @Test func openAnswersTokens() throws {
        let result = try daemon.mintmark(
            "open",
            "--subject",
            "alice",
            "--audience",
            "orders",
            "--audience",
            "payments",
            "--scope",
            "read write",
            "--claims",
            #"{"plan":"pro"}"#,
            "--ttl",
            "60"
        )
        #expect(result.exitCode == 0)
        #expect(result.errors.isEmpty)
        #expect(result.output.split(separator: "\n").count == 1)
        #expect(try result.text("token_type") == "Bearer")
        #expect(try result.number("expires_in") == 60)
        #expect(try result.text("scope") == "read write")
        #expect(try result.text("session_id")?.count == 32)
        #expect(try result.text("refresh_token")?.hasPrefix("mmrt_") == true)
        let claims = try JWTParts(try #require(try result.text("access_token"))).claims
        #expect(claims["plan"] as? String == "pro")
        #expect(claims["aud"] as? [String] == ["orders", "payments"])
        #expect(claims["sub"] as? String == "alice")
    }

    @Test func openWithTheSameAttemptIDAnswersTheSameSession() throws {
        let attempt = "00112233445566778899aabbccddeeff"
        #expect(try open("--attempt-id", attempt).session == open("--attempt-id", attempt).session)
        #expect(try open().session != open().session)
    }

    @Test(arguments: [#"{"sub":"mallory"}"#, #"{"a":1,"a":2}"#, #"{"a":}"#])
    func claimsThatCannotBeAreRefused(claims: String) throws {
        let result = try daemon.mintmark("sign", "--subject", "a", "--audience", "b", "--claims", claims)
        #expect(result.exitCode == 1)
        #expect(try result.text("field") == "claims")
        #expect(try result.text("error_code")?.hasPrefix("CLAIMS_") == true)
    }

    @Test func claimsComeFromAFileAndFromStandardInput() throws {
        let path = "\(daemon.directory)/claims.json"
        try Data(#"  {"plan": "pro"}"#.utf8).write(to: URL(fileURLWithPath: path))
        let fromFile = try daemon.mintmark("sign", "--subject", "a", "--audience", "b", "--claims", "@\(path)")
        let fromInput = try daemon.mintmark(
            "sign",
            "--subject",
            "a",
            "--audience",
            "b",
            "--claims",
            "-",
            input: #"{"plan": "pro"}"#
        )
        for result in [fromFile, fromInput] {
            #expect(result.exitCode == 0, "\(result)")
            let claims = try JWTParts(try #require(try result.text("access_token"))).claims
            #expect(claims["plan"] as? String == "pro")
            #expect(claims["sid"] == nil)
        }
    }

    @Test func verifyJudges() throws {
        let access = try open("--scope", "read").access
        let active = try daemon.mintmark("verify", access, "--audience", "orders")
        #expect(active.exitCode == 0)
        #expect(try active.bool("active") == true)
        let claims = try #require(try active.json["claims"] as? [String: Any])
        #expect(claims["scope"] as? String == "read")
        let wrong = try daemon.mintmark("verify", access, "--audience", "payments")
        #expect(wrong.exitCode == 1)
        #expect(try wrong.bool("active") == false)
        #expect(try wrong.text("reason") == "AUDIENCE_REFUSED")
        let bare = try daemon.mintmark("verify", access, "--any-audience", "--no-claims", "--require-live-session")
        #expect(bare.exitCode == 0)
        #expect(bare.output == "{\"active\":true}\n")
        #expect(try daemon.mintmark("verify", "no.token.this", "--any-audience").exitCode == 1)
    }

    @Test func refreshRotatesAndTellsReuse() throws {
        let tokens = try open()
        let first = try daemon.mintmark("refresh", tokens.refresh)
        #expect(first.exitCode == 0)
        #expect(try first.text("refresh_outcome") == "rotated")
        #expect(try first.number("generation") == 1)
        #expect(try first.text("session_id") == tokens.session)
        let retry = try daemon.mintmark("refresh", tokens.refresh)
        #expect(try retry.text("refresh_outcome") == "same_successor")
        #expect(try retry.text("refresh_token") == first.text("refresh_token"))
        #expect(try daemon.mintmark("refresh", try #require(try first.text("refresh_token"))).exitCode == 0)
        let reuse = try daemon.mintmark("refresh", tokens.refresh)
        #expect(reuse.exitCode == 1)
        #expect(try reuse.text("error") == "invalid_grant")
        #expect(try reuse.text("error_code") == "REUSED")
        #expect(try reuse.text("reuse_class") == "older_generation")
        #expect(try reuse.bool("retryable") == false)
    }

    @Test func refreshNarrowsOnlyWithinTheSession() throws {
        let refresh = try open("--scope", "read write").refresh
        let more = try daemon.mintmark("refresh", refresh, "--scope", "read delete")
        #expect(more.exitCode == 1)
        #expect(try more.text("error") == "invalid_scope")
        let less = try daemon.mintmark("refresh", refresh, "--scope", "read", "--ttl", "9")
        #expect(try less.text("scope") == "read")
        #expect(try less.number("expires_in") == 9)
    }

    @Test(arguments: ["token", "session", "subject", "client", "all"])
    func revokeEndsSessions(target: String) throws {
        let tokens = try open()
        let arguments =
            switch target {
            case "token": [tokens.refresh]
            case "session": ["--session-id", tokens.session]
            case "subject": ["--subject", "alice"]
            case "client": ["--client-id", "local"]
            default: ["--all"]
            }
        let result = try run(BuiltProducts.mintmark, ["revoke", "--unix", daemon.unixPath, "--json"] + arguments)
        #expect(result.exitCode == 0)
        #expect(try result.bool("revoked") == true)
        #expect(try daemon.mintmark("refresh", tokens.refresh).text("error_code") == "REVOKED")
        #expect(try daemon.mintmark("verify", tokens.access, "--any-audience").text("reason") == "TOKEN_REVOKED")
    }

    @Test func introspectTellsWithoutUsing() throws {
        let tokens = try open("--scope", "read", "--claims", #"{"plan":"pro"}"#)
        for _ in 1...2 {
            let result = try daemon.mintmark("introspect", tokens.refresh)
            #expect(result.exitCode == 0)
            #expect(try result.bool("active") == true)
            #expect(try result.text("sub") == "alice")
            #expect(try result.json["aud"] as? [String] == ["orders"])
            #expect(try result.text("client_id") == "local")
            #expect(try result.text("session_id") == tokens.session)
            #expect(try result.number("generation") == 0)
            #expect(try result.text("refresh_outcome") == "rotated")
            #expect((try result.json["claims"] as? [String: Any])?["plan"] as? String == "pro")
        }
        let unknown = try daemon.mintmark("introspect", "mmrt_nothing")
        #expect(unknown.exitCode == 1)
        #expect(try unknown.bool("active") == false)
        #expect(try unknown.text("reason") == "INVALID")
    }

    @Test func forceRotationAnswers() throws {
        let session = try open().session
        for arguments in [["--session-id", session], ["--subject", "alice"], ["--client-id", "local"], ["--all"]] {
            let result = try run(
                BuiltProducts.mintmark,
                ["force-rotation", "--unix", daemon.unixPath, "--json"] + arguments
            )
            #expect(result.exitCode == 0)
            #expect(try result.bool("rotation_forced") == true)
        }
    }

    @Test func snapshotIsAnsweredWhenItCounts() throws {
        let result = try daemon.mintmark("snapshot")
        #expect(result.exitCode == 0)
        #expect(try result.bool("snapshot_written") == true)
        let counters = try daemon.mintmark("stats").json["counters"] as? [String: Any]
        #expect(counters?["requests_snapshot"] as? Int == 1)
        #expect(counters?["snapshots"] as? Int ?? 0 >= 1)
        let text = try daemon.mintmarkText("snapshot")
        #expect(text.exitCode == 0)
        #expect(text.errors.isEmpty)
    }

    @Test func keysStatsAndPingAnswer() throws {
        let key = try #require((try daemon.mintmark("keys").json["keys"] as? [[String: Any]])?.first)
        #expect(key["kty"] as? String == "OKP")
        #expect(key["crv"] as? String == "Ed25519")
        #expect(key["d"] == nil)
        let stats = try daemon.mintmark("stats")
        #expect(try stats.bool("ready") == true)
        #expect((try stats.json["counters"] as? [String: Any])?["requests_keys"] as? Int == 1)
        let ping = try daemon.mintmark("ping")
        #expect(abs(Double(try #require(try ping.number("server_time"))) - Date().timeIntervalSince1970) < 60)
    }

    @Test func answersForPeopleAreReadable() throws {
        let tokens = try open("--scope", "read")
        let expected: [([String], [String])] = [
            (
                ["open", "--subject", "bob", "--audience", "orders"],
                ["access token ", "refresh token ", "session id "]
            ),
            (["sign", "--subject", "bob", "--audience", "orders"], ["access token ", "expires "]),
            (["verify", tokens.access, "--audience", "orders"], ["ACTIVE\n", "alice"]),
            (["introspect", tokens.refresh], ["ACTIVE\n", "subject ", "alice", "generation "]),
            (["force-rotation", "--subject", "alice"], ["The next refresh rotates."]),
            (["refresh", tokens.refresh], ["refresh token ", "rotated: a new refresh token"]),
            (["revoke", tokens.refresh], ["Revoked, as far as there was anything to revoke."]),
            (["keys"], ["kid", "Ed25519"]),
            (["stats"], ["server ", "mintmarkd/", "ready", "yes", "requests_open"]),
            (["ping"], ["server time ", "round trip "]),
        ]
        for (arguments, words) in expected {
            let result = try run(BuiltProducts.mintmark, arguments + ["--unix", daemon.unixPath])
            #expect(result.exitCode == 0, "\(arguments): \(result)")
            #expect(result.errors.isEmpty)
            for word in words {
                #expect(result.output.contains(word), "\(arguments) without \(word):\n\(result.output)")
            }
        }
    }

    @Test func refusalsForPeopleAreSentences() throws {
        let tokens = try open()
        _ = try daemon.mintmark("revoke", tokens.refresh)
        let verdict = try daemon.mintmarkText("verify", tokens.access, "--any-audience")
        #expect(verdict.exitCode == 1)
        #expect(verdict.output.hasPrefix("INACTIVE  TOKEN_REVOKED: "))
        let refusal = try daemon.mintmarkText("refresh", tokens.refresh)
        #expect(refusal.exitCode == 1)
        #expect(refusal.output.isEmpty)
        #expect(refusal.errors == "mintmark: REVOKED: the session was revoked\n")
    }

    @Test(arguments: [[], ["-"]])
    func tokensComeFromStandardInput(argument: [String]) throws {
        let tokens = try open()
        let common = argument + ["--unix", daemon.unixPath, "--json"]
        let mintmark = BuiltProducts.mintmark
        let verify = try run(mintmark, ["verify", "--any-audience"] + common, input: tokens.access + "\n")
        #expect(verify.exitCode == 0, "\(verify)")
        let introspect = try run(mintmark, ["introspect"] + common, input: "  \(tokens.refresh)\r\nmore\n")
        #expect(introspect.exitCode == 0, "\(introspect)")
        let refresh = try run(mintmark, ["refresh"] + common, input: tokens.refresh)
        #expect(refresh.exitCode == 0, "\(refresh)")
        let revoke = try run(mintmark, ["revoke"] + common, input: tokens.refresh)
        #expect(revoke.exitCode == 0, "\(revoke)")
        #expect(try run(mintmark, ["refresh"] + common, input: tokens.refresh).text("error_code") == "REVOKED")
    }
}
