import MintmarkCrypto
import Testing

@testable import MintmarkTokens

/// Claims that a correct signature does not make good.
@Suite struct HostileClaimsTests {
    let issuer: TestIssuer

    init() throws {
        issuer = try TestIssuer()
    }

    func refusal(_ changes: [String: String?], audience: String? = "api") -> TokenRefusal? {
        issuer.refusal(of: issuer.token(claims: TestIssuer.claims(changes)), audience: audience)
    }

    @Test(arguments: [
        "", "[]", "null", "1", "{", "{}{}", "{}x", "{} \u{0}", #"{"a":1,}"#, "{/**/}", "{'a':1}", #"{"a":NaN}"#,
        "\u{FEFF}{}", #"{"sub":"a","sub":"a"}"#, #"{"sub":"a","\u0073ub":"b"}"#, #"{"x":{"a":1,"a":2}}"#,
        #"{"a":"\uDC00"}"#, #"{"a":01}"#, #"{"a":1e400}"#, "{\"a\":\"\n\"}",
    ])
    func claimsThatAreNotStrictJSONAreMalformed(_ claims: String) {
        #expect(issuer.refusal(of: issuer.token(claims: claims)) == .malformed)
    }

    @Test func claimsInOtherEncodingsAreMalformed() {
        let claims = TestIssuer.claims()
        let little = claims.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let big = claims.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        for bytes in [little, big, [0xFF, 0xFE] + little, [0xFE, 0xFF] + big, claims.bytes + [0xEF, 0xBB, 0xBF]] {
            let token = TestIssuer.sign(issuer.header().bytes, bytes, key: issuer.active)
            #expect(issuer.refusal(of: token) == .malformed)
        }
    }

    @Test(arguments: [(15, nil), (16, nil), (17, TokenRefusal.malformed)])
    func claimsDepthIsLimited(levels: Int, refusal expected: TokenRefusal?) {
        #expect(refusal(["x": JSONTables.nested(levels - 1)]) == expected)
    }

    @Test(arguments: ["iss", "sub", "aud", "iat", "exp"])
    func requiredClaimIsRequired(_ name: String) {
        #expect(refusal([name: nil]) == .claimsRefused)
        #expect(refusal([name: "null"]) == .claimsRefused)
    }

    @Test(arguments: ["jti", "client_id"])
    func optionalClaimMayBeAbsent(_ name: String) {
        #expect(refusal([name: nil]) == nil)
    }

    @Test(arguments: ["iss", "sub", "client_id", "scope", "jti", "sid"])
    func textClaimMustBeText(_ name: String) {
        for value in ["1", "true", "null", "[]", #"["a"]"#, "{}"] {
            #expect(refusal([name: value]) == .claimsRefused)
        }
    }

    @Test(arguments: [
        ("AAAAAAAAAAAAAAAAAAAAAA", nil), ("_____________________w", nil),
        ("AAAAAAAAAAAAAAAAAAAAA", TokenRefusal.claimsRefused),
        ("AAAAAAAAAAAAAAAAAAAAAAA", .claimsRefused), ("AAAAAAAAAAAAAAAAAAAAAB", .claimsRefused), ("", .claimsRefused),
        ("AAAAAAAAAAAAAAAAAAAA==", .claimsRefused), ("AAAAAAAAAAAAAAAAAAAA+A", .claimsRefused),
        ("\\u0041AAAAAAAAAAAAAAAAAAAAA", .claimsRefused),
    ])
    func sessionIDIsSixteenBytesInBase64URL(text: String, refusal expected: TokenRefusal?) {
        #expect(refusal(["sid": "\"\(text)\""]) == expected)
    }

    @Test(arguments: ["exp", "iat", "nbf"])
    func dateMustBeAnIntegerBelow2To63(_ name: String) {
        for value in [
            "\"1767225600\"", "1767225600.0", "1767225600.5", "1.7672256e9", "1767225600e0", "-1", "-0", "true", "null",
            "[1767225600]", "9223372036854775808", "9223372036854775809", "18446744073709551616",
            "99999999999999999999",
        ] {
            #expect(refusal([name: value]) == .claimsRefused, "\(value)")
        }
        #expect(refusal([name: "1e400"]) == .malformed)
        #expect(refusal([name: "9223372036854775807"]) == (name == "exp" ? nil : .notYetValid))
        #expect(refusal([name: "9223372036854775799"]) == (name == "exp" ? nil : .notYetValid))
        #expect(refusal([name: "0"]) == (name == "exp" ? .expired : nil))
    }

    @Test(arguments: [
        "https://issuer.example/", "https://issuer.exampl", "HTTPS://issuer.example", "",
        "https://issuer.example\\u0000",
        "https://attacker.example",
    ])
    func otherIssuerIsRefused(_ name: String) {
        #expect(refusal(["iss": "\"\(name)\""]) == .issuerRefused)
    }

    @Test func escapedIssuerIsComparedUnescaped() {
        #expect(refusal(["iss": #""https:\/\/issuer.example""#]) == nil)
    }

    @Test(arguments: [
        (#""api""#, nil), (#"["api"]"#, nil), (#"["a", "api" ]"#, nil), (#"["api","b","c"]"#, nil),
        (#""\u0061pi""#, nil),
        (#"["\u0061pi"]"#, nil), (#""web""#, TokenRefusal.audienceRefused), (#"["a","b"]"#, .audienceRefused),
        (#""api ""#, .audienceRefused), (#""API""#, .audienceRefused), (#""ap""#, .audienceRefused),
        (#""api\u0000""#, .audienceRefused), (#""a,api""#, .audienceRefused), (#""""#, .audienceRefused),
        (#"[["api"]]"#, .claimsRefused), ("[]", .claimsRefused), (#"["api",1]"#, .claimsRefused),
        (#"["api",null]"#, .claimsRefused),
        ("1", .claimsRefused), (#"{"api":1}"#, .claimsRefused), ("true", .claimsRefused),
    ])
    func audienceMustContainTheExpectedOne(value: String, refusal expected: TokenRefusal?) {
        #expect(refusal(["aud": value]) == expected)
        #expect(refusal(["aud": value], audience: nil) == (expected == .audienceRefused ? nil : expected))
    }

    @Test(arguments: [0, 1, 30, 300, UInt32.max])
    func leewayWidensTheTokensLife(_ leeway: UInt32) {
        let (start, end): (UInt64, UInt64) = (10_000_000_000, 10_000_000_100)
        for name in ["iat", "nbf"] {
            var changes: [String: String?] = ["iat": "0", "exp": "\(end)"]
            changes[name] = "\(start)"
            let token = issuer.token(claims: TestIssuer.claims(changes))
            let moments: [(UInt64, TokenRefusal?)] = [
                (start - UInt64(leeway) - 1, .notYetValid), (start - UInt64(leeway), nil),
                (start - UInt64(leeway) + 1, nil),
                (end + UInt64(leeway) - 1, nil), (end + UInt64(leeway), .expired), (end + UInt64(leeway) + 1, .expired),
            ]
            for (now, expected) in moments {
                #expect(issuer.refusal(of: token, leewaySeconds: leeway, now: now) == expected, "\(name) at \(now)")
            }
        }
    }

    @Test func timesDoNotOverflow() {
        let eternal = issuer.token(claims: TestIssuer.claims(["iat": "0", "exp": "9223372036854775807"]))
        #expect(issuer.refusal(of: eternal, leewaySeconds: .max, now: 0) == nil)
        #expect(issuer.refusal(of: eternal, leewaySeconds: 0, now: 1 << 63 - 2) == nil)
        #expect(issuer.refusal(of: eternal, leewaySeconds: 0, now: 1 << 63 - 1) == .expired)
        #expect(issuer.refusal(of: eternal, leewaySeconds: .max, now: .max) == .expired)
        let future = issuer.token(claims: TestIssuer.claims(["nbf": "9223372036854775807"]))
        #expect(issuer.refusal(of: future, leewaySeconds: .max, now: 0) == .notYetValid)
    }

    @Test func checksComeInOrder() {
        let wrong: [String: String?] = [
            "sid": "1", "iss": #""x""#, "aud": #""x""#, "exp": "1", "nbf": "9223372036854775807",
        ]
        let order: [(String, TokenRefusal)] = [
            ("sid", .claimsRefused), ("iss", .issuerRefused), ("aud", .audienceRefused), ("exp", .expired),
            ("nbf", .notYetValid),
        ]
        var changes = wrong
        let everything = AllRevoked()
        for (name, expected) in order {
            let token = issuer.token(claims: TestIssuer.claims(changes))
            #expect(issuer.refusal(of: token, revocations: everything) == expected)
            changes[name] = nil
        }
        #expect(issuer.refusal(of: issuer.token(), revocations: everything) == .revoked)
    }

    @Test func revocationsAreAskedWithUnescapedTexts() {
        let claims = TestIssuer.claims([
            "sub": #""\u0075ser\/1""#, "client_id": #""lo\u0063al""#, "iat": "\(TestIssuer.now - 5)",
            "sid": #""AAAAAAAAAAAAAAAAAAAAAQ""#,
        ])
        let token = issuer.token(claims: claims)
        let asked = RevokedToken(subject: "user/1", clientID: "local", sessionID: 1, issuedAt: TestIssuer.now - 5)
        #expect(issuer.refusal(of: token, revocations: asked) == .revoked)
        let other = RevokedToken(subject: "user/1", clientID: "local", sessionID: 2, issuedAt: TestIssuer.now - 5)
        #expect(issuer.refusal(of: token, revocations: other) == nil)
        let bare = issuer.token(claims: TestIssuer.claims(["client_id": nil]))
        let none = RevokedToken(subject: "user-1", clientID: "", sessionID: nil, issuedAt: TestIssuer.now)
        #expect(issuer.refusal(of: bare, revocations: none) == .revoked)
    }

    struct AllRevoked: AccessTokenRevocations {
        func isRevoked(subject: RawSpan, clientID: RawSpan, sessionID: UInt128?, issuedAt: UInt64) -> Bool { true }
    }

    /// Revokes exactly one token, by all that is asked.
    struct RevokedToken: AccessTokenRevocations {
        let subject: String
        let clientID: String
        let sessionID: UInt128?
        let issuedAt: UInt64

        func isRevoked(subject: RawSpan, clientID: RawSpan, sessionID: UInt128?, issuedAt: UInt64) -> Bool {
            let subject = subject.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            let clientID = clientID.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            return subject == self.subject && clientID == self.clientID && sessionID == self.sessionID
                && issuedAt == self.issuedAt
        }
    }
}
