import MintmarkCrypto
import Testing

@testable import MintmarkTokens

/// Headers that would make a careless verifier trust the token's own word. All tokens are correctly signed.
@Suite struct HostileHeaderTests {
    let issuer: TestIssuer

    init() throws {
        issuer = try TestIssuer()
    }

    func refusal(_ changes: [String: String?]) -> TokenRefusal? {
        issuer.refusal(of: issuer.token(header: issuer.header(changes)))
    }

    @Test(arguments: ["EdDSA", "Ed25519"])
    func bothNamesOfTheAlgorithmAreAccepted(_ name: String) {
        #expect(refusal(["alg": "\"\(name)\""]) == nil)
    }

    @Test(arguments: ["none", "None", "NONE", "nOnE", "none ", ""])
    func noAlgorithmIsRefused(_ name: String) {
        #expect(refusal(["alg": "\"\(name)\""]) == .algorithmRefused)
        let header = base64URL(issuer.header(["alg": "\"\(name)\""]).bytes)
        #expect(issuer.refusal(of: "\(header).\(base64URL(TestIssuer.claims().bytes)).") == .algorithmRefused)
    }

    @Test(arguments: [
        "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES256K", "ES384", "ES512", "PS256", "PS384",
        "PS512", "Ed448", "X25519", "eddsa", "EDDSA", "Ed25519ph", "ed25519", "EdDSA\\u0000", " EdDSA",
    ])
    func otherAlgorithmIsRefused(_ name: String) {
        #expect(refusal(["alg": "\"\(name)\""]) == .algorithmRefused)
    }

    /// The public key as an HMAC secret: the oldest algorithm confusion.
    @Test func publicKeyIsNoSharedSecret() {
        let header = base64URL(issuer.header(["alg": "\"HS256\""]).bytes)
        let token = "\(header).\(base64URL(TestIssuer.claims().bytes)).\(base64URL(issuer.active.publicKey.rawBytes))"
        #expect(issuer.refusal(of: token) == .algorithmRefused)
    }

    @Test(arguments: [nil, "1", "null", "true", #"["EdDSA"]"#, #"{"a":1}"#])
    func algorithmThatIsNoTextIsRefused(_ value: String?) {
        #expect(refusal(["alg": value]) == .algorithmRefused)
    }

    @Test(arguments: [
        ("crit", #"["exp"]"#), ("crit", "[]"), ("crit", #"["b64"]"#), ("crit", "null"),
        ("jwk", #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#), ("jwk", "{}"),
        ("jku", #""https://issuer.example/keys""#), ("x5u", #""https://issuer.example/chain""#), ("x5c", #"["MIIB"]"#),
        ("zip", #""DEF""#), ("b64", "false"), ("b64", "true"),
    ])
    func memberThatMovesTrustIsRefused(name: String, value: String) {
        #expect(refusal([name: value]) == .headerRefused)
        let escaped = "\\u00" + String(name.utf8.first ?? 0, radix: 16) + name.dropFirst()
        #expect(refusal([escaped: value]) == .headerRefused)
    }

    /// An attacker's token, signed by the attacker's key, which it brings along.
    @Test func embeddedKeyIsNotUsed() {
        let attacker = TestIssuer.key(9)
        let jwk = #"{"kty":"OKP","crv":"Ed25519","x":"\#(base64URL(attacker.publicKey.rawBytes))"}"#
        #expect(issuer.refusal(of: issuer.token(header: issuer.header(["jwk": jwk]), key: attacker)) == .headerRefused)
        #expect(issuer.refusal(of: issuer.token(header: issuer.header(), key: attacker)) == .signatureInvalid)
        #expect(issuer.refusal(of: issuer.token(header: issuer.header(key: attacker), key: attacker)) == .keyUnknown)
    }

    @Test(arguments: [("cty", #""JWT""#), ("x", "1"), ("x5t", #""abc""#), ("nonce", #""n""#), ("y", "{}"), ("z", "[]")])
    func otherMemberIsIgnored(name: String, value: String) {
        #expect(refusal([name: value]) == nil)
    }

    @Test(arguments: [
        nil, #""JWT""#, #""jwt""#, #""AT+JWT""#, #""at+JWT""#, #""application/at+jwt""#, #""at+jwt ""#, #""""#,
        #""at+jwt\u0000""#, "1", "null", #"["at+jwt"]"#, #""logout+jwt""#, #""id+jwt""#,
    ])
    func otherTypeIsRefused(_ value: String?) {
        #expect(refusal(["typ": value]) == .typeRefused)
    }

    @Test func configuredTypeIsWanted() throws {
        let issuer = try TestIssuer(type: "vnd.example+jwt")
        #expect(issuer.refusal(of: issuer.token(header: issuer.header(["typ": #""vnd.example+jwt""#]))) == nil)
        #expect(issuer.refusal(of: issuer.token(header: issuer.header())) == .typeRefused)
    }

    @Test func keyStateDecides() {
        #expect(
            issuer.refusal(of: issuer.token(header: issuer.header(key: issuer.retired), key: issuer.retired)) == nil
        )
        #expect(
            issuer.refusal(of: issuer.token(header: issuer.header(key: issuer.prepared), key: issuer.prepared)) == nil
        )
        let revoked = issuer.token(header: issuer.header(key: issuer.revoked), key: issuer.revoked)
        #expect(issuer.refusal(of: revoked) == .keyRevoked)
        #expect(issuer.refusal(of: String(revoked.dropLast(22))) == .keyRevoked)
    }

    @Test(arguments: [
        nil, "1", "null", #""""#, #""unknown""#, #""../../keys/1""#, #""' OR 1=1 --""#,
        "\"\(String(repeating: "k", count: 63))\"", "\"\(String(repeating: "k", count: 64))\"",
        "\"\(String(repeating: "k", count: 65))\"", "\"\(String(repeating: "k", count: 900))\"",
    ])
    func unknownKeyIsRefusedAndNoOtherIsTried(_ value: String?) {
        #expect(refusal(["kid": value]) == .keyUnknown)
    }

    @Test func keyIDIsComparedExactly() {
        let keyID = TestIssuer.keyID(of: issuer.active)
        #expect(refusal(["kid": "\"\(keyID.lowercased())\""]) == .keyUnknown)
        #expect(refusal(["kid": "\"\(keyID)=\""]) == .keyUnknown)
        #expect(refusal(["kid": "\"\(String(keyID.dropLast()))\""]) == .keyUnknown)
        #expect(refusal(["kid": "\"\(keyID) \""]) == .keyUnknown)
        let escaped = "\\u00" + String(keyID.utf8.first ?? 0, radix: 16) + keyID.dropFirst()
        #expect(refusal(["kid": "\"\(escaped)\""]) == nil)
    }

    @Test(arguments: [
        "", "{", "[]", "null", #""EdDSA""#, "{}}", "{} {}", #"{"alg":"EdDSA",}"#, #"{'alg':'EdDSA'}"#, "\u{FEFF}{}",
        #"{"alg":"EdDSA","alg":"EdDSA"}"#, #"{"alg":"none","\u0061lg":"EdDSA"}"#, #"{"a":NaN}"#, #"{"a":"\uD800"}"#,
    ])
    func headerThatIsNotStrictJSONIsMalformed(_ header: String) {
        #expect(issuer.refusal(of: issuer.token(header: header)) == .malformed)
    }

    @Test func headerInOtherEncodingsIsMalformed() {
        let header = issuer.header()
        let utf16 = header.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let claims = TestIssuer.claims().bytes
        #expect(issuer.refusal(of: TestIssuer.sign(utf16, claims, key: issuer.active)) == .malformed)
        #expect(issuer.refusal(of: TestIssuer.sign([0xFF, 0xFE] + utf16, claims, key: issuer.active)) == .malformed)
        let latin1: [UInt8] = Array(header.utf8.dropLast()) + #","x":""#.bytes + [0xE9] + #""}"#.bytes
        #expect(issuer.refusal(of: TestIssuer.sign(latin1, claims, key: issuer.active)) == .malformed)
    }

    @Test(arguments: [
        ("1", nil), ("[]", nil), ("{}", nil), ("[[]]", TokenRefusal.malformed), (#"{"a":{}}"#, .malformed),
    ])
    func headerDepthIsLimited(value: String, refusal expected: TokenRefusal?) {
        #expect(refusal(["x": value]) == expected)
    }

    @Test(arguments: [(1023, nil), (1024, nil), (1025, TokenRefusal.malformed)])
    func headerLengthIsLimited(length: Int, refusal expected: TokenRefusal?) {
        let padding = length - issuer.header(["x": #""""#]).utf8.count
        let header = issuer.header(["x": "\"\(String(repeating: "x", count: padding))\""])
        #expect(header.utf8.count == length)
        #expect(issuer.refusal(of: issuer.token(header: header)) == expected)
    }

    @Test func checksComeInOrder() {
        #expect(refusal(["alg": "1", "crit": "[]", "typ": "1", "kid": "1"]) == .algorithmRefused)
        #expect(refusal(["crit": "[]", "typ": "1", "kid": "1"]) == .headerRefused)
        #expect(refusal(["typ": "1", "kid": "1"]) == .typeRefused)
        #expect(refusal(["kid": "1"]) == .keyUnknown)
    }
}
