/// One part of the cache: a hash table with linear probing, bounded in bytes. Guarded by its owner's lock.
///
/// When full it evicts by second chance (CLOCK): a hand goes round the slots and takes the first entry that was not
/// used since the hand passed it last. A new entry has no such credit, so tokens seen once do not displace those seen
/// often. Removing an entry may move others across the hand, which then come a round early or late.
struct CacheStripe: Sendable {
    private struct Slot: Sendable {
        /// The key's hash. Its lowest bit says instead whether the entry was used since the hand passed.
        var hash: UInt64 = 0
        /// The verifier whose facts these are.
        var generation: UInt64 = 0
        var entry: CachedToken?

        var isEmpty: Bool { entry == nil }

        var isUsed: Bool {
            get { hash & 1 == 1 }
            set { hash = hash & ~1 | (newValue ? 1 : 0) }
        }

        func hasHash(_ other: UInt64) -> Bool { (hash ^ other) & ~1 == 0 }
    }

    private let byteCountMax: Int
    private(set) var counters = VerifiedTokenCache.Counters()
    private var slots = [Slot](repeating: Slot(), count: 64)
    private var hand = 0

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    private var indexMask: Int { slots.count - 1 }

    /// The entry with this hash, if it belongs to `generation`, and counts a hit or a miss. The caller compares the
    /// token itself, and calls `hitWasMiss` when it is another one.
    mutating func entry(hash: UInt64, generation: UInt64) -> CachedToken? {
        guard let index = slot(of: hash), slots[index].generation == generation else {
            counters.misses &+= 1
            return nil
        }
        counters.hits &+= 1
        if !slots[index].isUsed { slots[index].isUsed = true }
        return slots[index].entry
    }

    /// Takes back the hit counted last: another token has the same hash.
    mutating func hitWasMiss() {
        counters.hits &-= 1
        counters.misses &+= 1
    }

    /// Adds an entry, in place of one with the same hash, after evicting as many as it needs room.
    mutating func insert(_ entry: CachedToken, hash: UInt64, generation: UInt64) {
        let cost = entry.cost
        guard cost <= byteCountMax else { return }
        if let index = slot(of: hash) {
            remove(at: index)
        }
        while counters.byteCount + cost > byteCountMax {
            evictOne()
        }
        if (counters.entryCount + 1) * 4 > slots.count * 3 {
            grow()
        }
        slots[freeSlot(for: hash)] = Slot(hash: hash & ~1, generation: generation, entry: entry)
        counters.byteCount += cost
        counters.entryCount += 1
        counters.insertions &+= 1
    }

    /// Forgets all entries; returns their storage, so that the caller can free it after unlocking.
    mutating func removeAll() -> some Sendable {
        let old = slots
        slots = [Slot](repeating: Slot(), count: 64)
        hand = 0
        counters.byteCount = 0
        counters.entryCount = 0
        return old
    }
}

// MARK: - Table

extension CacheStripe {
    @inline(__always)
    private func home(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash >> 1) & indexMask
    }

    @inline(__always)
    private func slot(of hash: UInt64) -> Int? {
        var index = home(of: hash)
        while !slots[index].isEmpty {
            if slots[index].hasHash(hash) { return index }
            index = (index + 1) & indexMask
        }
        return nil
    }

    private func freeSlot(for hash: UInt64) -> Int {
        var index = home(of: hash)
        while !slots[index].isEmpty {
            index = (index + 1) & indexMask
        }
        return index
    }

    private mutating func evictOne() {
        while slots[hand].isEmpty || slots[hand].isUsed {
            slots[hand].isUsed = false
            hand = (hand + 1) & indexMask
        }
        remove(at: hand)
        counters.evictions &+= 1
    }

    /// Empties a slot and moves entries behind it forward, so that each is still found from its home (Knuth, volume 3,
    /// section 6.4, algorithm R).
    private mutating func remove(at index: Int) {
        counters.byteCount -= slots[index].entry?.cost ?? 0
        counters.entryCount -= 1
        var hole = index
        var next = (hole + 1) & indexMask
        while !slots[next].isEmpty {
            let distance = (next - home(of: slots[next].hash)) & indexMask
            if distance >= (next - hole) & indexMask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & indexMask
        }
        slots[hole] = Slot()
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: old.count * 2)
        hand = 0
        for slot in old where !slot.isEmpty {
            slots[freeSlot(for: slot.hash)] = slot
        }
    }
}
