import MintmarkCrypto
import Testing

@testable import MintmarkTokens

@Suite struct VerifiedTokenCacheTests {
    let issuer: TestIssuer
    let cache = VerifiedTokenCache(random: SeededRandom(seed: 1))

    init() throws {
        issuer = try TestIssuer()
    }

    func refusal(
        _ token: String,
        verifier: TokenVerifier? = nil,
        audience: String? = "api",
        now: UInt64 = TestIssuer.now,
        revocations: some AccessTokenRevocations = NoRevocations()
    ) -> TokenRefusal? {
        var scratch = VerifyScratch()
        return (verifier ?? issuer.verifier).refusal(
            of: token.bytes,
            audience: audience,
            now: now,
            cache: cache,
            revocations: revocations,
            scratch: &scratch
        )
    }

    @Test func secondUseIsAHit() {
        let token = issuer.token()
        #expect(refusal(token) == nil)
        #expect(cache.counters.hits == 0)
        #expect(cache.counters.misses == 1)
        #expect(cache.counters.insertions == 1)
        #expect(refusal(token) == nil)
        #expect(cache.counters.hits == 1)
        #expect(cache.counters.misses == 1)
        #expect(cache.counters.entryCount == 1)
        #expect(cache.counters.byteCount > token.utf8.count)
    }

    @Test func hitLendsTheSameFactsAndClaims() throws {
        let token = issuer.token(claims: TestIssuer.claims(["x": #""\u0041""#, "sub": #""a\/b""#])).bytes
        var scratch = VerifyScratch()
        var seen: [[UInt8]] = []
        var facts: [TokenFacts] = []
        for _ in 1...2 {
            let read = try issuer.verifier.verify(
                token.span.bytes,
                expectedAudience: nil,
                leewaySeconds: 0,
                now: TestIssuer.now,
                cache: cache,
                revocations: NoRevocations(),
                scratch: &scratch
            )
            facts.append(read)
            seen.append(scratch.withClaims(of: read) { $0.withUnsafeBytes { Array($0) } })
        }
        #expect(cache.counters.hits == 1)
        #expect(seen[0] == seen[1])
        #expect(facts[0] == facts[1])
        #expect(String(decoding: seen[0], as: UTF8.self).contains(#""sub":"a\/b""#))
    }

    @Test func hitIsJudgedAnew() {
        let token = issuer.token()
        #expect(refusal(token) == nil)
        #expect(refusal(token, audience: "web") == .audienceRefused)
        #expect(refusal(token, now: TestIssuer.now + 330) == .expired)
        #expect(refusal(token, now: TestIssuer.now - 31) == .notYetValid)
        #expect(refusal(token, revocations: HostileClaimsTests.AllRevoked()) == .revoked)
        #expect(refusal(token) == nil)
        #expect(cache.counters.hits == 5)
    }

    @Test func refusedTokenIsNotKept() {
        let token = issuer.token()
        #expect(refusal(token, audience: "web") == .audienceRefused)
        #expect(refusal(token, now: TestIssuer.now + 330) == .expired)
        #expect(refusal(token, now: TestIssuer.now - 31) == .notYetValid)
        #expect(refusal(token, revocations: HostileClaimsTests.AllRevoked()) == .revoked)
        #expect(refusal(issuer.token(key: issuer.retired)) == .signatureInvalid)
        #expect(refusal("x") == .malformed)
        #expect(refusal("") == .malformed)
        #expect(refusal(String(repeating: "x", count: 8193)) == .oversize)
        #expect(cache.counters.insertions == 0)
        #expect(cache.counters.misses == 8)
    }

    /// The hash covers the signature only, so these have the same one. Nothing but the whole token is a hit.
    @Test func tokenWithTheSameSignatureIsNoHit() {
        let token = issuer.token()
        #expect(refusal(token) == nil)
        let parts = token.split(separator: ".").map(String.init)
        for forged in [
            "\(parts[0]).\(base64URL(TestIssuer.claims(["sub": #""user-2""#]).bytes)).\(parts[2])",
            "\(base64URL(issuer.header(["x": "1"]).bytes)).\(parts[1]).\(parts[2])",
        ] {
            #expect(refusal(forged) == .signatureInvalid)
        }
        #expect(refusal(".\(parts[1]).\(parts[2])") == .malformed)
        #expect(cache.counters.hits == 0)
        #expect(cache.counters.misses == 4)
        #expect(refusal(token) == nil)
        #expect(cache.counters.hits == 1)
    }

    @Test func factsOfAnotherVerifierAreAMissAndAreReplaced() {
        let other = TokenVerifier(keys: issuer.keys, profile: issuer.verifier.profile)
        let token = issuer.token()
        #expect(refusal(token) == nil)
        #expect(refusal(token, verifier: other) == nil)
        #expect(cache.counters.hits == 0)
        #expect(cache.counters.entryCount == 1)
        #expect(refusal(token, verifier: other) == nil)
        #expect(cache.counters.hits == 1)
        #expect(refusal(token) == nil)
        #expect(cache.counters.hits == 1)
        #expect(cache.counters.evictions == 0)
    }

    @Test func revokedKeyEndsItsCachedTokens() throws {
        let token = issuer.token(header: issuer.header(key: issuer.retired), key: issuer.retired)
        #expect(refusal(token) == nil)
        let ring = try KeyRing(
            [
                KeyRing.Key(issuer.active.publicKey, state: .active),
                KeyRing.Key(issuer.retired.publicKey, state: .revoked),
            ],
            signingKey: issuer.active
        )
        let verifier = TokenVerifier(keys: ring, profile: issuer.verifier.profile)
        #expect(refusal(token, verifier: verifier) == .keyRevoked)
    }

    @Test func purgeForgetsEverything() {
        let tokens = (0..<100).map { issuer.token(claims: TestIssuer.claims(["n": "\($0)"])) }
        for token in tokens { #expect(refusal(token) == nil) }
        #expect(cache.counters.entryCount == 100)
        cache.purge()
        #expect(cache.counters.entryCount == 0)
        #expect(cache.counters.byteCount == 0)
        #expect(cache.counters.evictions == 0)
        for token in tokens { #expect(refusal(token) == nil) }
        #expect(cache.counters.hits == 0)
    }

    /// What a hit lends lives on, whatever happens to the cache.
    @Test func lentClaimsOutliveTheEntry() throws {
        let token = issuer.token().bytes
        var scratch = VerifyScratch()
        for _ in 1...2 {
            #expect(issuer.verifier.refusal(of: token, audience: nil, cache: cache, scratch: &scratch) == nil)
        }
        cache.purge()
        #expect(Array(scratch.text.prefix(8)) == #"{"iss":""#.bytes)
    }

    // MARK: - Freshly signed tokens

    func sign(
        _ content: TokenContent = TokenContent(),
        signer: TokenSigner? = nil,
        now: UInt64 = TestIssuer.now
    ) throws -> String {
        let signer = signer ?? issuer.signer
        var writer = ClaimsWriter(random: SeededRandom(seed: 2))
        content.write(to: &writer)
        let token = try signer.token(writer)
        issuer.verifier.remember(token.span.bytes, claims: writer, signedBy: signer, now: now, cache: cache)
        return String(decoding: token, as: UTF8.self)
    }

    @Test func signedTokenIsAHitAtOnce() throws {
        let token = try sign(TokenContent(subject: "a\"b", audiences: ["web", "api"], sessionID: 7))
        #expect(refusal(token) == nil)
        #expect(cache.counters.hits == 1)
        #expect(refusal(token, audience: "app") == .audienceRefused)
        let revoked = HostileClaimsTests.RevokedToken(
            subject: "a\"b",
            clientID: "local",
            sessionID: 7,
            issuedAt: TestIssuer.now
        )
        #expect(refusal(token, revocations: revoked) == .revoked)
        #expect(cache.counters.misses == 0)
    }

    @Test func signedTokenThatWouldBeRefusedIsNotKept() throws {
        _ = try sign(now: TestIssuer.now - 1)
        _ = try sign(now: TestIssuer.now + 300)
        let sameKeys = TokenSigner(keys: issuer.keys, profile: TokenProfile(issuer: "https://other.example".bytes))
        _ = try sign(signer: sameKeys)
        let sameProfile = TokenSigner(keys: try TestIssuer().keys, profile: issuer.verifier.profile)
        _ = try sign(signer: sameProfile)
        #expect(cache.counters.insertions == 0)
        _ = try sign(now: TestIssuer.now)
        _ = try sign(now: TestIssuer.now + 299)
        #expect(cache.counters.insertions == 2)
    }
}
