import MintmarkTestSupport
import Testing

@testable import MintmarkTokens

@Suite struct CacheStripeTests {
    /// An entry for a token of `byteCount` bytes without text.
    static func entry(_ number: UInt8, byteCount: Int = 400) -> CachedToken {
        let token = [UInt8](repeating: number, count: byteCount)
        return CachedToken(token: token.span.bytes, facts: TokenFacts(), text: [])
    }

    static let cost = entry(0).cost

    /// Hashes differ above the lowest bit, which the table does not use.
    static func hash(_ number: Int) -> UInt64 { UInt64(number) << 1 }

    static func has(_ stripe: inout CacheStripe, _ number: Int) -> Bool {
        stripe.entry(hash: hash(number), generation: 1) != nil
    }

    @Test func costCountsFactsTokenTextAndOverhead() {
        let token = [UInt8](repeating: 1, count: 400)
        let bare = CachedToken(token: token.span.bytes, facts: TokenFacts(), text: [])
        let full = CachedToken(token: token.span.bytes, facts: TokenFacts(), text: [1, 2, 3])
        #expect(full.cost == bare.cost + 3)
        #expect(bare.cost > 400 + MemoryLayout<TokenFacts>.size)
    }

    @Test(arguments: [(-1, 9), (0, 10), (1, 10)])
    func bytesAreBounded(difference: Int, count: Int) {
        let byteCountMax = 10 * Self.cost + difference
        var stripe = CacheStripe(byteCountMax: byteCountMax)
        for number in 0..<10 {
            stripe.insert(Self.entry(1), hash: Self.hash(number), generation: 1)
            #expect(stripe.counters.byteCount <= byteCountMax)
        }
        #expect(stripe.counters.entryCount == count)
        #expect(stripe.counters.evictions == UInt64(10 - count))
        #expect(stripe.counters.byteCount == count * Self.cost)
    }

    @Test(arguments: [(-1, 0), (0, 1), (1, 1)])
    func entryAboveTheWholeBoundIsNotKept(difference: Int, count: Int) {
        var stripe = CacheStripe(byteCountMax: Self.cost + difference)
        stripe.insert(Self.entry(1), hash: 2, generation: 1)
        #expect(stripe.counters.entryCount == count)
    }

    @Test func largeEntryEvictsAsManyAsItNeeds() {
        var stripe = CacheStripe(byteCountMax: 10 * Self.cost)
        for number in 0..<10 { stripe.insert(Self.entry(1), hash: Self.hash(number), generation: 1) }
        let large = Self.entry(2, byteCount: 400 + 3 * Self.cost)
        stripe.insert(large, hash: Self.hash(11), generation: 1)
        #expect(stripe.counters.evictions == 4)
        #expect(stripe.counters.entryCount == 7)
        #expect(Self.has(&stripe, 11))
    }

    @Test func entryInUseGetsASecondChance() {
        var stripe = CacheStripe(byteCountMax: 10 * Self.cost)
        for number in 0..<10 { stripe.insert(Self.entry(1), hash: Self.hash(number), generation: 1) }
        for round in 0..<20 {
            #expect(Self.has(&stripe, 3), "round \(round)")
            stripe.insert(Self.entry(1), hash: Self.hash(100 + round), generation: 1)
        }
        #expect(stripe.counters.entryCount == 10)
        #expect(stripe.counters.evictions == 20)
    }

    @Test func entriesAllInUseAreEvictedAllTheSame() {
        var stripe = CacheStripe(byteCountMax: 10 * Self.cost)
        for number in 0..<10 { stripe.insert(Self.entry(1), hash: Self.hash(number), generation: 1) }
        for number in 0..<10 { #expect(Self.has(&stripe, number)) }
        stripe.insert(Self.entry(1), hash: Self.hash(10), generation: 1)
        #expect(stripe.counters.entryCount == 10)
        #expect(Self.has(&stripe, 10))
    }

    /// Random insertions and look-ups, with hashes that collide in their home slot, against a dictionary.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func tableAgreesWithADictionary(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var stripe = CacheStripe(byteCountMax: 300 * Self.cost)
        var model: [UInt64: (value: UInt8, generation: UInt64)] = [:]
        for step in 0..<4000 {
            let low = UInt64.random(in: 0..<8, using: &generator) << 1
            let hash =
                low | UInt64.random(in: 0..<60, using: &generator) << 20 | UInt64.random(in: 0...1, using: &generator)
            let key = hash & ~1
            let generation = UInt64.random(in: 1...2, using: &generator)
            if Bool.random(using: &generator) {
                let value = UInt8.random(in: 0...255, using: &generator)
                stripe.insert(Self.entry(value), hash: hash, generation: generation)
                model[key] = (value, generation)
            } else {
                let entry = stripe.entry(hash: hash, generation: generation)
                let found = entry.map { entry in
                    (0...255).first { entry.isToken([UInt8](repeating: UInt8($0), count: 400).span.bytes) } ?? -1
                }
                if let found {
                    #expect(model[key].map { Int($0.value) } == found, "step \(step)")
                    #expect(model[key]?.generation == generation)
                } else if let expected = model[key], expected.generation == generation {
                    // Only an eviction may take an entry away.
                    #expect(stripe.counters.evictions > 0)
                    model[key] = nil
                }
            }
            #expect(stripe.counters.byteCount == stripe.counters.entryCount * Self.cost)
        }
        #expect(stripe.counters.evictions > 0)
    }

    @Test func removeAllEmptiesTheTable() {
        var stripe = CacheStripe(byteCountMax: 1 << 20)
        for number in 0..<200 { stripe.insert(Self.entry(1), hash: Self.hash(number), generation: 1) }
        _ = stripe.removeAll()
        #expect(stripe.counters.entryCount == 0)
        #expect(stripe.counters.byteCount == 0)
        for number in 0..<200 { #expect(!Self.has(&stripe, number)) }
        stripe.insert(Self.entry(1), hash: 2, generation: 1)
        #expect(stripe.counters.entryCount == 1)
    }
}
