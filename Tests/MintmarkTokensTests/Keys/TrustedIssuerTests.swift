import MintmarkCrypto
import Testing

@testable import MintmarkTokens

@Suite("Tokens of trusted issuers")
struct TrustedIssuerTests {
    static let other = "https://other.example"
    static let third = "https://third.example"
    let issuer: TestIssuer
    let otherKey = TestIssuer.key(40)

    init() throws {
        issuer = try TestIssuer()
    }

    private func verifier(_ issuers: [TrustedIssuer], after predecessor: TokenVerifier? = nil) -> TokenVerifier {
        TokenVerifier(keys: issuer.keys, profile: issuer.verifier.profile, issuers: issuers, after: predecessor)
    }

    private func trusted(
        _ keys: [(keyID: String, key: Ed25519SigningKey)],
        of name: String = Self.other,
        audiences: [String] = []
    ) -> TrustedIssuer {
        TrustedIssuer(
            issuer: name.bytes,
            audiences: audiences.map(\.bytes),
            keys: keys.map { TrustedIssuer.Key(keyID: $0.keyID.bytes, publicKey: $0.key.publicKey) }
        )
    }

    private func token(
        keyID: String,
        iss: String = Self.other,
        audience: String = #""api""#,
        key: Ed25519SigningKey
    ) -> [UInt8] {
        let header = issuer.header(["kid": "\"\(keyID)\""])
        return issuer.token(
            header: header,
            claims: TestIssuer.claims(["iss": "\"\(iss)\"", "aud": audience]),
            key: key
        )
        .bytes
    }

    private func refusal(_ token: [UInt8], _ verifier: TokenVerifier) -> TokenRefusal? {
        var scratch = VerifyScratch()
        return verifier.refusal(of: token, audience: "api", scratch: &scratch)
    }

    @Test func theirTokensAreGoodWithTheirKeys() {
        let trusting = verifier([trusted([("k", otherKey)])])
        #expect(refusal(token(keyID: "k", key: otherKey), trusting) == nil)
        #expect(refusal(token(keyID: "k", key: TestIssuer.key(41)), trusting) == .signatureInvalid)
        #expect(refusal(token(keyID: "unknown", key: otherKey), trusting) == .keyUnknown)
        #expect(refusal(token(keyID: "k", key: otherKey), issuer.verifier) == .keyUnknown)
    }

    /// Also where the header is not spelled as this program's signer would.
    @Test func theHeaderMayBeSpelledOtherwise() {
        let trusting = verifier([trusted([("k", otherKey)])])
        let header = #"{"kid":"k","typ":"at+jwt","alg":"Ed25519"}"#
        let claims = TestIssuer.claims(["iss": "\"\(Self.other)\""])
        #expect(refusal(issuer.token(header: header, claims: claims, key: otherKey).bytes, trusting) == nil)
    }

    @Test func aKeyVouchesForItsOwnIssuerAlone() {
        let thirdKey = TestIssuer.key(42)
        let trusting = verifier([trusted([("k", otherKey)]), trusted([("t", thirdKey)], of: Self.third)])
        #expect(refusal(token(keyID: "k", iss: Self.third, key: otherKey), trusting) == .issuerRefused)
        #expect(refusal(token(keyID: "t", iss: Self.other, key: thirdKey), trusting) == .issuerRefused)
        #expect(refusal(token(keyID: "k", iss: TestIssuer.name, key: otherKey), trusting) == .issuerRefused)
        let own = TestIssuer.keyID(of: issuer.active)
        #expect(refusal(token(keyID: own, iss: Self.other, key: issuer.active), trusting) == .issuerRefused)
    }

    @Test func oneKeyIDCanNameKeysOfSeveralIssuers() {
        let thirdKey = TestIssuer.key(42)
        let own = TestIssuer.keyID(of: issuer.active)
        let trusting = verifier([
            trusted([("k", otherKey), (own, otherKey)]),
            trusted([("k", thirdKey), (own, issuer.active)], of: Self.third),
        ])
        #expect(refusal(token(keyID: "k", key: otherKey), trusting) == nil)
        #expect(refusal(token(keyID: "k", iss: Self.third, key: thirdKey), trusting) == nil)
        #expect(refusal(token(keyID: "k", iss: Self.third, key: otherKey), trusting) == .issuerRefused)
        #expect(refusal(token(keyID: "k", key: thirdKey), trusting) == .issuerRefused)
        #expect(refusal(token(keyID: "k", key: TestIssuer.key(43)), trusting) == .signatureInvalid)
        // The same key for two issuers: each token says whose it is.
        #expect(refusal(token(keyID: own, iss: TestIssuer.name, key: issuer.active), trusting) == nil)
        #expect(refusal(token(keyID: own, iss: Self.third, key: issuer.active), trusting) == nil)
        #expect(refusal(token(keyID: own, iss: Self.other, key: issuer.active), trusting) == .issuerRefused)
    }

    @Test func aRevokedKeyOfOurOwnIsNotSavedByAnothersKeyID() {
        let revoked = TestIssuer.keyID(of: issuer.revoked)
        let trusting = verifier([trusted([(revoked, otherKey)])])
        #expect(refusal(token(keyID: revoked, iss: TestIssuer.name, key: issuer.revoked), trusting) != nil)
        #expect(refusal(token(keyID: revoked, key: otherKey), trusting) == nil)
    }

    @Test func theirAudiencesCanBeLimited() {
        let trusting = verifier([trusted([("k", otherKey)], audiences: ["api", "files"])])
        var scratch = VerifyScratch()
        func refusal(_ audience: String, expecting expected: String?) -> TokenRefusal? {
            let token = token(keyID: "k", audience: audience, key: otherKey)
            return trusting.refusal(of: token, audience: expected, scratch: &scratch)
        }
        #expect(refusal(#""api""#, expecting: nil) == nil)
        #expect(refusal(#"["mail","files"]"#, expecting: "mail") == nil)
        #expect(refusal(#""mail""#, expecting: nil) == .audienceRefused)
        #expect(refusal(#""mail""#, expecting: "mail") == .audienceRefused)
    }

    // MARK: What the cache may keep

    @Test func aKeyMoreLetsTheCacheBe() throws {
        let added = try KeyRing(
            issuer.keys.keys + [KeyRing.Key(otherKey.publicKey, state: .prepared)],
            signingKey: issuer.active
        )
        let next = TokenVerifier(keys: added, profile: issuer.verifier.profile, after: issuer.verifier)
        #expect(next.generation == issuer.verifier.generation)
    }

    @Test func rotationLetsTheCacheBe() throws {
        let rotated = try KeyRing(
            [
                KeyRing.Key(issuer.active.publicKey, state: .retired),
                KeyRing.Key(issuer.prepared.publicKey, state: .active),
                KeyRing.Key(issuer.retired.publicKey, state: .retired),
            ],
            signingKey: issuer.prepared
        )
        let next = TokenVerifier(keys: rotated, profile: issuer.verifier.profile, after: issuer.verifier)
        #expect(next.generation == issuer.verifier.generation)
    }

    @Test(arguments: ["revoked", "removed", "issuer", "profile"])
    func whateverTakesTrustAwayEmptiesTheCache(change: String) throws {
        let former = verifier([trusted([("k", otherKey)])])
        var keys = issuer.keys.keys.filter { $0.publicKey != issuer.retired.publicKey }
        if change == "revoked" { keys.append(KeyRing.Key(issuer.retired.publicKey, state: .revoked)) }
        let isRing = change == "revoked" || change == "removed"
        let next = TokenVerifier(
            keys: isRing ? try KeyRing(keys, signingKey: issuer.active) : issuer.keys,
            profile: change == "profile" ? TokenProfile(issuer: "x".bytes) : former.profile,
            issuers: change == "issuer" ? [] : former.issuers,
            after: former
        )
        #expect(next.generation != former.generation)
    }
}
