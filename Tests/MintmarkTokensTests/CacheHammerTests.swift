import MintmarkCrypto
import MintmarkTestSupport
import Testing

@testable import MintmarkTokens

@Suite struct CacheHammerTests {
    /// Many threads share one small cache, which evicts and is purged all the while: every answer stays right.
    @Test func concurrentUseIsConsistent() async throws {
        let issuer = try TestIssuer()
        let verifiers = [issuer.verifier, TokenVerifier(keys: issuer.keys, profile: issuer.verifier.profile)]
        let subjects = (0..<64).map { "user-\($0)" }
        let good = subjects.map { issuer.token(claims: TestIssuer.claims(["sub": "\"\($0)\""])).bytes }
        let bad = good.map { token in Array(token.dropLast(86)) + good[0].suffix(86) }
        let byteCountMax = 40 * CacheStripeTests.cost
        let cache = VerifiedTokenCache(byteCountMax: byteCountMax, random: SeededRandom(seed: 1))
        let worker: @Sendable (UInt64) -> Int = { seed in
            var generator = SeededGenerator(seed: seed)
            var scratch = VerifyScratch()
            var failures = 0
            for step in 0..<1500 {
                let index = Int.random(in: 0..<good.count, using: &generator)
                let verifier = verifiers[Int.random(in: 0...20, using: &generator) == 0 ? 1 : 0]
                let isGood = Int.random(in: 0...9, using: &generator) > 0 || index == 0
                let refusal = verifier.refusal(
                    of: isGood ? good[index] : bad[index],
                    audience: "api",
                    cache: cache,
                    scratch: &scratch
                )
                if refusal != (isGood ? nil : .signatureInvalid) { failures += 1 }
                if isGood, !scratch.names(subject: subjects[index]) { failures += 1 }
                if cache.counters.byteCount > byteCountMax { failures += 1 }
                if step % 499 == 0 { cache.purge() }
            }
            return failures
        }
        let failures = await withTaskGroup(of: Int.self) { group in
            for seed in 0..<8 as Range<UInt64> { group.addTask { worker(seed) } }
            return await group.reduce(0, +)
        }
        #expect(failures == 0)
        let counters = cache.counters
        #expect(counters.hits + counters.misses == 8 * 1500)
        #expect(counters.hits > 0)
        #expect(counters.evictions > 0)
    }
}

extension VerifyScratch {
    fileprivate func names(subject: String) -> Bool {
        String(decoding: text, as: UTF8.self).contains("\"sub\":\"\(subject)\"")
    }
}
