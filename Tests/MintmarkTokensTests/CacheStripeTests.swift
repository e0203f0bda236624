import MintmarkTestSupport
import Testing

@testable import MintmarkTokens

@Suite struct CacheStripeTests {
    static let tokenByteCount = 400
    static let entryByteCount = CacheRing.entryByteCount(tokenByteCount: tokenByteCount, textByteCount: 0)
    static let cost = CacheStripe.cost(tokenByteCount: tokenByteCount, textByteCount: 0)

    /// A stripe whose ring has room for `count` entries of `tokenByteCount` bytes, and some bytes more or less.
    static func stripe(count: Int, difference: Int = 0) -> CacheStripe {
        let ringByteCount = count * entryByteCount + difference
        var byteCountMax = ringByteCount
        while CacheStripe.ringByteCount(of: byteCountMax) < ringByteCount { byteCountMax += 1 }
        return CacheStripe(byteCountMax: byteCountMax)
    }

    static func token(_ number: UInt8, byteCount: Int = tokenByteCount) -> [UInt8] {
        [UInt8](repeating: number, count: byteCount)
    }

    static func has(
        _ stripe: inout CacheStripe,
        _ number: Int,
        value: Int? = nil,
        byteCount: Int = tokenByteCount
    ) -> Bool {
        let token = token(UInt8(truncatingIfNeeded: value ?? number), byteCount: byteCount)
        var text: [UInt8] = []
        return stripe.facts(of: token.span.bytes, hash: hash(number), generation: 1, text: &text) != nil
    }

    /// Hashes differ above the lowest bit, which the table does not use.
    static func hash(_ number: Int) -> UInt64 { UInt64(number) << 1 }

    @Test func costCountsFactsTokenTextAndIndex() {
        let bare = CacheStripe.cost(tokenByteCount: 400, textByteCount: 0)
        #expect(CacheStripe.cost(tokenByteCount: 400, textByteCount: 8) == bare + 8)
        #expect(CacheStripe.cost(tokenByteCount: 400, textByteCount: 1) == bare + 8)
        #expect(bare > 400 + MemoryLayout<TokenFacts>.size)
    }

    /// The index may take a fourteenth: also with the shortest tokens there are, of a header, claims and a signature.
    @Test func indexFitsIntoItsShare() {
        let leastByteCount = CacheRing.entryByteCount(tokenByteCount: 150, textByteCount: 60)
        #expect(CacheStripe.cost(tokenByteCount: 150, textByteCount: 60) * 13 <= leastByteCount * 14)
    }

    /// Of a ring for three entries, over many laps, and of entries of different lengths.
    @Test(arguments: [[400], [400, 392, 64, 1_000]])
    func entryThatGivesWayNextIsKnown(byteCounts: [Int]) {
        var ring = CacheRing(byteCount: 3 * Self.entryByteCount)
        #expect(ring.oldestPlace == nil)
        var held: [UInt64] = []
        for number in UInt64(0)..<50 {
            let token = Self.token(1, byteCount: byteCounts[Int(number) % byteCounts.count])
            let byteCount = CacheRing.entryByteCount(tokenByteCount: token.count, textByteCount: 0)
            if let place = ring.oldestPlace {
                #expect(ring.hash(at: place) == held.first)
            }
            while let place = ring.placeInTheWay(of: byteCount) {
                #expect(ring.oldestPlace == place)
                #expect(ring.hash(at: place) == held.removeFirst())
                ring.dropOldest()
            }
            let none = [UInt8]()
            _ = ring.append(token.span.bytes, facts: TokenFacts(), text: none.span.bytes, hash: number, generation: 1)
            held.append(number)
        }
    }

    @Test(arguments: [(-8, 9), (0, 10), (8, 10)])
    func bytesAreBounded(difference: Int, count: Int) {
        var stripe = Self.stripe(count: 10, difference: difference)
        for number in 0..<10 {
            stripe.insert(number)
            #expect(stripe.counters.byteCount <= 10 * Self.cost)
        }
        #expect(stripe.counters.entryCount == count)
        #expect(stripe.counters.evictions == UInt64(10 - count))
        #expect(stripe.counters.byteCount == count * Self.cost)
    }

    @Test(arguments: [(-8, 0), (0, 1), (8, 1)])
    func entryAboveTheWholeBoundIsNotKept(difference: Int, count: Int) {
        var stripe = Self.stripe(count: 1, difference: difference)
        stripe.insert(1)
        #expect(stripe.counters.entryCount == count)
    }

    @Test func oldestGivesWay() {
        var stripe = Self.stripe(count: 10)
        for number in 0..<13 { stripe.insert(number) }
        for number in 0..<13 { #expect(Self.has(&stripe, number) == (number >= 3)) }
    }

    @Test func largeEntryEvictsAsManyAsItNeeds() {
        var stripe = Self.stripe(count: 10)
        for number in 0..<10 { stripe.insert(number) }
        stripe.insert(11, byteCount: 400 + 3 * Self.entryByteCount)
        #expect(stripe.counters.evictions == 4)
        #expect(stripe.counters.entryCount == 7)
        #expect(Self.has(&stripe, 11, byteCount: 400 + 3 * Self.entryByteCount))
        for number in 4..<10 { #expect(Self.has(&stripe, number)) }
    }

    @Test func entryInUseGetsASecondChance() {
        var stripe = Self.stripe(count: 10)
        for number in 0..<10 { stripe.insert(number) }
        for round in 0..<40 {
            #expect(Self.has(&stripe, 3), "round \(round)")
            stripe.insert(100 + round)
        }
        #expect(stripe.counters.entryCount == 10)
        #expect(stripe.counters.evictions == 40)
    }

    @Test func entriesAllInUseAreEvictedAllTheSame() {
        var stripe = Self.stripe(count: 10)
        for number in 0..<10 { stripe.insert(number) }
        for number in 0..<10 { #expect(Self.has(&stripe, number)) }
        stripe.insert(10)
        #expect(stripe.counters.entryCount == 10)
        #expect(stripe.counters.evictions == 1)
        #expect(Self.has(&stripe, 10))
    }

    @Test func anotherTokenWithTheSameHashIsAMiss() {
        var stripe = Self.stripe(count: 10)
        stripe.insert(1)
        #expect(!Self.has(&stripe, 1, value: 2))
        #expect(!Self.has(&stripe, 1, byteCount: 399))
        #expect(stripe.counters.hits == 0)
        #expect(stripe.counters.misses == 2)
        #expect(Self.has(&stripe, 1))
    }

    /// Random insertions and look-ups of entries of many sizes, with hashes that collide in their home slot, against a
    /// dictionary.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func tableAgreesWithADictionary(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var stripe = Self.stripe(count: 200)
        var model: [UInt64: Model] = [:]
        for step in 0..<8_000 {
            let low = UInt64.random(in: 0..<8, using: &generator) << 1
            let hash =
                low | UInt64.random(in: 0..<60, using: &generator) << 20 | UInt64.random(in: 0...1, using: &generator)
            let key = hash & ~1
            if Bool.random(using: &generator) {
                let entry = Model(random: &generator)
                stripe.insert(entry, hash: hash)
                model[key] = entry
            } else if let expected = model[key] {
                let text = stripe.text(of: expected, hash: hash)
                if let text {
                    #expect(text == expected.text, "step \(step)")
                } else {
                    // Only an eviction may take an entry away.
                    #expect(stripe.counters.evictions > 0)
                    model[key] = nil
                }
            }
        }
        var byteCount = 0
        for (hash, entry) in model where stripe.text(of: entry, hash: hash) != nil {
            byteCount += entry.cost
        }
        #expect(stripe.counters.byteCount == byteCount)
        #expect(stripe.counters.evictions > 0)
    }

    @Test func removeAllEmptiesTheTable() {
        var stripe = CacheStripe(byteCountMax: 1 << 20)
        for number in 0..<200 { stripe.insert(number) }
        _ = stripe.removeAll()
        #expect(stripe.counters.entryCount == 0)
        #expect(stripe.counters.byteCount == 0)
        for number in 0..<200 { #expect(!Self.has(&stripe, number)) }
        stripe.insert(1)
        #expect(stripe.counters.entryCount == 1)
    }
}

/// What an entry holds.
private struct Model {
    let token: [UInt8]
    let text: [UInt8]
    let generation: UInt64

    init(random generator: inout SeededGenerator) {
        let value = UInt8.random(in: 0...255, using: &generator)
        token = [UInt8](repeating: value, count: Int.random(in: 200...700, using: &generator))
        text = [UInt8](repeating: value ^ 0xFF, count: Int.random(in: 0...90, using: &generator))
        generation = UInt64.random(in: 1...2, using: &generator)
    }

    var cost: Int { CacheStripe.cost(tokenByteCount: token.count, textByteCount: text.count) }
}

extension CacheStripe {
    fileprivate mutating func insert(_ number: Int, byteCount: Int = CacheStripeTests.tokenByteCount) {
        prefetchSlotOfOldest()
        let token = CacheStripeTests.token(UInt8(truncatingIfNeeded: number), byteCount: byteCount)
        insert(
            token.span.bytes,
            facts: TokenFacts(),
            text: [UInt8]().span.bytes,
            hash: CacheStripeTests.hash(number),
            generation: 1
        )
    }

    fileprivate mutating func insert(_ entry: Model, hash: UInt64) {
        prefetchSlotOfOldest()
        insert(
            entry.token.span.bytes,
            facts: TokenFacts(),
            text: entry.text.span.bytes,
            hash: hash,
            generation: entry.generation
        )
    }

    fileprivate mutating func text(of entry: Model, hash: UInt64) -> [UInt8]? {
        var text: [UInt8] = [1, 2, 3]
        let facts = facts(of: entry.token.span.bytes, hash: hash, generation: entry.generation, text: &text)
        return facts == nil ? nil : text
    }
}
