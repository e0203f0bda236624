import Foundation
import Testing

/// Our access tokens against another implementation, in both directions: PyJWT knows nothing but the published keys.
@Suite struct PyJWTTests {
    private let daemon: DaemonProcess

    init() throws {
        daemon = try DaemonProcess(configuration: "issuer: https://auth.example\n")
    }

    private func judge(_ arguments: String...) throws -> ProcessResult {
        // The system's own Python, for which the packages are installed.
        try run(URL(fileURLWithPath: "/usr/bin/python3"), ["-B", "-c", judgeScript] + arguments)
    }

    private func verdict(_ token: String, audience: String = "orders") throws -> ProcessResult {
        try judge("verify", try daemon.mintmark("keys").output, token, "https://auth.example", audience)
    }

    private func makeToken() throws -> String {
        let result = try daemon.mintmark(
            "open",
            "--subject",
            "älice \u{1F511}",
            "--audience",
            "orders",
            "--audience",
            "payments",
            "--scope",
            "read write",
            "--claims",
            #"{"plan":"pro","limits":[1,2.5,{"a":null}],"ö":"\u00e9\n"}"#
        )
        return try #require(try result.text("access_token"), "\(result)")
    }

    @Test func ourTokenIsGood() throws {
        let result = try verdict(try makeToken())
        #expect(result.exitCode == 0, "\(result)")
        #expect(try result.text("sub") == "älice \u{1F511}")
        #expect(try result.json["aud"] as? [String] == ["orders", "payments"])
        #expect(try result.text("scope") == "read write")
        #expect(try result.text("client_id") == "local")
        #expect(try result.text("ö") == "é\n")
        #expect(try result.text("sid")?.count == 22)
        let (issued, expires) = (try result.number("iat") ?? 0, try result.number("exp") ?? 0)
        #expect(expires - issued == 300)
    }

    @Test func tamperedTokenIsBad() throws {
        let token = try makeToken()
        let parts = token.split(separator: ".").map(String.init)
        // The fourth character from the end of the claims and of the signature: a letter that is another afterwards.
        for part in 1...2 {
            var tampered = parts
            let place = tampered[part].index(tampered[part].endIndex, offsetBy: -8)
            let replacement = tampered[part][place] == "A" ? "B" : "A"
            tampered[part].replaceSubrange(place...place, with: replacement)
            let result = try verdict(tampered.joined(separator: "."))
            #expect(result.exitCode == 1)
            #expect(result.errors == "InvalidSignatureError\n" || result.errors == "DecodeError\n", "\(result.errors)")
            let ours = try daemon.mintmark("verify", tampered.joined(separator: "."), "--any-audience")
            #expect(ours.exitCode == 1)
            #expect(try ours.text("reason") == "SIGNATURE_INVALID")
        }
        #expect(try verdict(token, audience: "else").errors == "InvalidAudienceError\n")
    }

    @Test func keysOfAnotherServerDoNotVerify() throws {
        let other = try DaemonProcess(configuration: "issuer: https://auth.example\n")
        let result = try judge(
            "verify",
            try other.mintmark("keys").output,
            try makeToken(),
            "https://auth.example",
            "orders"
        )
        #expect(result.exitCode == 1)
    }

    /// A token that PyJWT signs with the daemon's key file.
    private func foreignToken(header: [String: Any] = [:], claims: [String: Any] = [:]) throws -> String {
        let keys = try daemon.mintmark("keys").json["keys"] as? [[String: Any]]
        let kid = try #require(keys?.first?["kid"] as? String)
        let now = Int(Date().timeIntervalSince1970)
        let allHeader: [String: Any] = ["typ": "at+jwt", "kid": kid].merging(header) { $1 }
        let allClaims: [String: Any] = [
            "iss": "https://auth.example", "sub": "bob", "aud": "orders", "client_id": "elsewhere", "iat": now,
            "exp": now + 60, "jti": "another",
        ].merging(claims) { $1 }
        let result = try judge(
            "sign",
            "\(daemon.dataDirectory)/signing-key.pem",
            try json(allHeader),
            try json(allClaims)
        )
        #expect(result.exitCode == 0, "\(result)")
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func json(_ object: [String: Any]) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }

    @Test func theirTokenIsGood() throws {
        let token = try foreignToken(claims: ["plan": "pro", "aud": ["a", "orders"], "nested": ["é": [1, 2]]])
        let result = try daemon.mintmark("verify", token, "--audience", "orders")
        #expect(result.exitCode == 0, "\(result)")
        let claims = try #require(try result.json["claims"] as? [String: Any])
        #expect(claims["sub"] as? String == "bob")
        #expect(claims["plan"] as? String == "pro")
        #expect((claims["nested"] as? [String: Any])?["é"] as? [Int] == [1, 2])
    }

    @Test func theirTokenIsJudgedLikeOurs() throws {
        let now = Int(Date().timeIntervalSince1970)
        let rows: [(header: [String: Any], claims: [String: Any], reason: String)] = [
            (["typ": "JWT"], [:], "TYPE_REFUSED"),
            (["kid": "nobody"], [:], "KEY_UNKNOWN"),
            (["jku": "https://evil.example/keys"], [:], "HEADER_REFUSED"),
            (["crit": ["exp"]], [:], "HEADER_REFUSED"),
            ([:], ["iss": "https://else.example"], "ISSUER_REFUSED"),
            ([:], ["aud": "payments"], "AUDIENCE_REFUSED"),
            ([:], ["exp": now - 600, "iat": now - 900], "TOKEN_EXPIRED"),
            ([:], ["nbf": now + 600], "TOKEN_NOT_YET_VALID"),
            ([:], ["exp": "soon"], "CLAIMS_REFUSED"),
            ([:], ["sub": 7], "CLAIMS_REFUSED"),
        ]
        for row in rows {
            let token = try foreignToken(header: row.header, claims: row.claims)
            let result = try daemon.mintmark("verify", token, "--audience", "orders")
            #expect(result.exitCode == 1)
            #expect(try result.text("reason") == row.reason, "\(row)")
        }
    }
}
