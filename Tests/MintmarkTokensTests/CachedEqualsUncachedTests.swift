import MintmarkCrypto
import MintmarkTestSupport
import Testing

@testable import MintmarkTokens

/// Whatever changes between two looks at a token, one verifier with a cache and one without say the same.
@Suite struct CachedEqualsUncachedTests {
    /// Revokes by issue time, by subject, by client or by session.
    struct CutOffs: AccessTokenRevocations {
        var everythingUntil: UInt64 = 0
        var subject: [UInt8] = []
        var clientID: [UInt8] = [0]
        var sessionID: UInt128?

        func isRevoked(subject: RawSpan, clientID: RawSpan, sessionID: UInt128?, issuedAt: UInt64) -> Bool {
            issuedAt <= everythingUntil || subject.hasSameBytes(as: self.subject.span.bytes)
                || clientID.hasSameBytes(as: self.clientID.span.bytes)
                || (sessionID != nil && sessionID == self.sessionID)
        }
    }

    struct World {
        var generator: SeededGenerator
        var states: [KeyRing.State] = [.active, .prepared, .retired]
        var type = "at+jwt"
        var now = TestIssuer.now
        var cutOffs = CutOffs()
        let signingKeys = [TestIssuer.key(1), TestIssuer.key(2), TestIssuer.key(3)]

        func verifier() throws -> TokenVerifier {
            let keys = zip(signingKeys, states).map { KeyRing.Key($0.publicKey, state: $1) }
            let active = try #require(states.firstIndex(of: .active))
            return TokenVerifier(
                keys: try KeyRing(keys, signingKey: signingKeys[active]),
                profile: TokenProfile(issuer: TestIssuer.name.bytes, type: type.bytes)
            )
        }

        /// Good tokens and bad ones, of every key.
        mutating func tokens() -> [String] {
            (0..<40).map { number in
                let key = signingKeys[number % 3]
                let header =
                    "{\"alg\":\"EdDSA\",\"typ\":\"\(number % 8 == 0 ? "x" : "at+jwt")\","
                    + "\"kid\":\"\(TestIssuer.keyID(of: key))\"}"
                let issuedAt = TestIssuer.now - UInt64.random(in: 0...100, using: &generator)
                let claims = TestIssuer.claims([
                    "iat": "\(issuedAt)", "exp": "\(issuedAt + UInt64.random(in: 0...300, using: &generator))",
                    "sub": "\"user-\(number % 5)\"", "client_id": "\"client-\(number % 3)\"",
                    "aud": number % 2 == 0 ? #""api""# : #"["web","api"]"#,
                    "sid": "\"\(base64URL([UInt8](repeating: UInt8(number % 4), count: 16)))\"",
                ])
                let signer = number % 13 == 0 ? signingKeys[(number + 1) % 3] : key
                return TestIssuer.sign(header.bytes, claims.bytes, key: signer)
            }
        }

        /// Changes one thing; returns whether it is one of those that need a new verifier.
        mutating func change() -> Bool {
            let subject = Int.random(in: 0..<8, using: &generator)
            switch subject {
            case 0: states = Self.rings.randomElement(using: &generator) ?? states
            case 1: type = Int.random(in: 0..<4, using: &generator) == 0 ? "x" : "at+jwt"
            case 2: now = TestIssuer.now - 60 + UInt64.random(in: 0...500, using: &generator)
            case 3: cutOffs.everythingUntil = TestIssuer.now - UInt64.random(in: 0...200, using: &generator)
            case 4: cutOffs.subject = "user-\(Int.random(in: 0..<8, using: &generator))".bytes
            case 5: cutOffs.clientID = "client-\(Int.random(in: 0..<5, using: &generator))".bytes
            case 6: cutOffs.sessionID = UInt128(Int.random(in: 0..<6, using: &generator)) * (.max / 255)
            default: cutOffs = CutOffs()
            }
            return subject < 2
        }

        static let rings: [[KeyRing.State]] = [
            [.active, .prepared, .retired], [.retired, .active, .prepared], [.active, .revoked, .retired],
            [.revoked, .retired, .active], [.retired, .revoked, .active],
        ]
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func everyVerdictIsTheSame(seed: UInt64) throws {
        var world = World(generator: SeededGenerator(seed: seed))
        let tokens = world.tokens()
        let cache = VerifiedTokenCache(random: SeededRandom(seed: seed))
        var verifier = try world.verifier()
        var cached = VerifyScratch()
        var uncached = VerifyScratch()
        var verdicts: Set<TokenRefusal?> = []
        for step in 0..<1500 {
            if step % 10 == 0, world.change() { verifier = try world.verifier() }
            if step % 301 == 0 { cache.purge() }
            let token = try #require(tokens.randomElement(using: &world.generator)).bytes
            let audience = [nil, "api", "web", "app"].randomElement(using: &world.generator) ?? nil
            let leeway = UInt32.random(in: 0...60, using: &world.generator)
            func verdict(_ cache: VerifiedTokenCache?, _ scratch: inout VerifyScratch) -> TokenRefusal? {
                verifier.refusal(
                    of: token,
                    audience: audience,
                    leewaySeconds: leeway,
                    now: world.now,
                    cache: cache,
                    revocations: world.cutOffs,
                    scratch: &scratch
                )
            }
            let expected = verdict(nil, &uncached)
            let first = verdict(cache, &cached)
            let second = verdict(cache, &cached)
            #expect(first == expected && second == expected, "step \(step)")
            if expected == nil {
                let isSameText = cached.text(like: uncached)
                #expect(isSameText)
            }
            verdicts.insert(expected)
        }
        #expect(cache.counters.hits > 100)
        #expect(verdicts.count >= 7)
    }
}

extension VerifyScratch {
    fileprivate func text(like other: borrowing VerifyScratch) -> Bool {
        text == other.text
    }
}
