import MintmarkEngine
import MintmarkSessions
import MintmarkTestSupport
import MintmarkTokens
import MintmarkWire
import Testing

/// The cache saves work and changes no verdict; the counters tell what happened.
@Suite struct CachedVerificationTests {
    /// All tokens are made in one room: what a longer one left there is in none of the shorter ones.
    @Test func tokensOfEveryLengthAreWhole() throws {
        let fixture = try EngineFixture(cacheBytes: nil)
        for length in (1...64).reversed() {
            let subject = String(repeating: "\(length % 10)", count: length)
            for token in [try fixture.sign(subject), try fixture.open(subject).accessToken] {
                let verdict = try fixture.call(VerifyRequest(accessToken: token, expectedAudience: .named("api")))
                let claims = String(decoding: verdict.claims ?? [], as: UTF8.self)
                #expect(claims.hasPrefix(#"{"iss":"https://issuer.example","sub":"\#(subject)","aud":"api","#))
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func verdictsAreThoseOfAnEngineWithoutCache(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try EngineFixture(cacheBytes: 1 << 20) { $0.accessTokenTTLSeconds = 20 }
        guard let cache = fixture.engine.tokens.now.cache else { preconditionFailure("the fixture has a cache") }
        var tokens: [[UInt8]] = []
        for _ in 0..<600 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0, 1: tokens.append(try fixture.open("user-\(Int.random(in: 1...3, using: &generator))").accessToken)
            case 2: tokens.append(try fixture.sign("user-\(Int.random(in: 1...3, using: &generator))"))
            case 3: _ = try fixture.call(RevokeRequest(.subject("user-\(Int.random(in: 1...3, using: &generator))")))
            case 4: fixture.advance(milliseconds: UInt64.random(in: 100...4_000, using: &generator))
            default:
                guard var token = tokens.randomElement(using: &generator) else { continue }
                if Int.random(in: 0..<8, using: &generator) == 0 {
                    token[Int.random(in: 0..<token.count, using: &generator)] ^= 1
                }
                let cached = try fixture.refusal(of: token, leeway: 0)
                let again = try fixture.refusal(of: token, leeway: 0)
                cache.purge()
                #expect(try fixture.refusal(of: token, leeway: 0) == cached)
                #expect(again == cached)
            }
        }
        #expect(cache.counters.hits > 0)
    }

    @Test func requestsStatusesAndOutcomesAreCounted() throws {
        let fixture = try EngineFixture()
        let opened = try fixture.open()
        let second = try fixture.call(RefreshRequest(refreshToken: opened.refreshToken)).grant
        _ = try fixture.call(RefreshRequest(refreshToken: opened.refreshToken))
        _ = try fixture.call(RefreshRequest(refreshToken: second.refreshToken))
        _ = try fixture.perform(RefreshRequest(refreshToken: opened.refreshToken))
        #expect(try fixture.refusal(of: opened.accessToken) == .tokenRevoked)
        #expect(try fixture.refusal(of: fixture.sign()) == nil)
        let expected: [(String, UInt64)] = [
            ("requests_open", 1), ("requests_refresh", 4), ("refresh_rotated", 2), ("refresh_same_successor", 1),
            ("status_reused", 1), ("requests_verify", 2), ("verify_active", 1), ("status_token_revoked", 1),
            ("requests_sign", 1),
        ]
        for (name, value) in expected { #expect(fixture.count(name) == value, "\(name)") }
        let names = fixture.engine.statistics.read().map(\.name)
        #expect(Set(names).count == names.count)
    }
}
