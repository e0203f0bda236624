import CPrefetch

/// One part of the cache: a ring of entries, bounded in bytes, and a hash table with linear probing that finds them.
/// Guarded by its owner's lock.
///
/// When the ring is full the oldest entry gives way, but for second chances: one that was used since it was written
/// becomes the newest instead, and has to be used again. A new entry has no such credit, so tokens seen once do not
/// displace those seen often. An entry without a slot that points to it is dead: another one has replaced it.
struct CacheStripe: Sendable {
    /// As small as can be, since looking at one is nearly always a miss of the processor's cache.
    private struct Slot: Sendable {
        /// The lower half of the key's hash: its home is found by that alone, and the token is compared anyway. Its lowest
        /// bit says instead whether the entry was used since it was written.
        var hash: UInt32 = 0
        /// One more than the entry's place in units of its alignment; 0 when the slot is empty.
        private var number: UInt32 = 0

        init() {}

        init(hash: UInt64, place: Int) {
            self.hash = UInt32(truncatingIfNeeded: hash) & ~1
            self.place = place
        }

        var isEmpty: Bool { number == 0 }

        var place: Int {
            get { Int(number &- 1) &* CacheRing.placeAlignment }
            set { number = UInt32(newValue / CacheRing.placeAlignment) + 1 }
        }

        var isUsed: Bool {
            get { hash & 1 == 1 }
            set { hash = hash & ~1 | (newValue ? 1 : 0) }
        }

        func hasHash(_ other: UInt64) -> Bool { (hash ^ UInt32(truncatingIfNeeded: other)) & ~1 == 0 }
    }

    /// An entry's share of the index: at the lowest load after growing, 8 slots of 8 bytes hold 3 entries.
    private static let indexByteCount = 22
    /// No insertion copies more entries than this to spare them.
    private static let secondChancesMax = 8
    /// The largest ring whose places a slot can tell.
    private static let ringByteCountMax = Int(UInt32.max - 1) * CacheRing.placeAlignment

    private(set) var counters = VerifiedTokenCache.Counters()
    private var slots = [Slot](repeating: Slot(), count: 64)
    private var ring: CacheRing

    /// - Parameter byteCountMax: for ring and index.
    init(byteCountMax: Int) {
        ring = CacheRing(byteCount: Self.ringByteCount(of: byteCountMax))
    }

    /// How much of the bound the ring takes. A fourteenth is enough for the index, since no token and its facts together
    /// take less than 304 bytes.
    static func ringByteCount(of byteCountMax: Int) -> Int {
        min(byteCountMax - byteCountMax / 14, ringByteCountMax) & ~(CacheRing.placeAlignment - 1)
    }

    private var indexMask: Int { slots.count - 1 }

    /// What an entry counts for in the cache's bound.
    static func cost(tokenByteCount: Int, textByteCount: Int) -> Int {
        CacheRing.entryByteCount(tokenByteCount: tokenByteCount, textByteCount: textByteCount) + indexByteCount
    }

    /// Asks for the slot that an entry with this hash would be found by.
    func prefetchSlot(of hash: UInt64) {
        let index = home(of: UInt32(truncatingIfNeeded: hash))
        slots.withUnsafeBufferPointer { slots in
            if let start = slots.baseAddress {
                prefetch_line(start + index)
            }
        }
    }

    /// Asks for the slot of the entry that gives way next.
    func prefetchSlotOfOldest() {
        if let place = ring.oldestPlace {
            prefetchSlot(of: ring.hash(at: place))
        }
    }

    /// Asks for the entry with this hash, if there is one.
    func prefetch(hash: UInt64, tokenByteCount: Int) {
        if let index = slot(of: hash) {
            ring.prefetch(at: slots[index].place, tokenByteCount: tokenByteCount)
        }
    }

    /// The facts of this token if they are here and belong to `generation`. Counts a hit or a miss; after a hit `text`
    /// holds what the facts refer to.
    mutating func facts(
        of token: RawSpan,
        hash: UInt64,
        generation: UInt64,
        text: inout [UInt8]
    ) -> TokenFacts? {
        guard let index = slot(of: hash) else {
            counters.misses &+= 1
            return nil
        }
        let place = slots[index].place
        ring.prefetch(at: place, tokenByteCount: token.byteCount)
        let head = ring.head(at: place)
        guard head.generation == generation, ring.isToken(token, at: place, head) else {
            counters.misses &+= 1
            return nil
        }
        counters.hits &+= 1
        if !slots[index].isUsed { slots[index].isUsed = true }
        ring.copyText(at: place, head, to: &text)
        return head.facts
    }

    func holds(_ token: RawSpan, hash: UInt64, generation: UInt64) -> Bool {
        guard let index = slot(of: hash) else { return false }
        let place = slots[index].place
        let head = ring.head(at: place)
        return head.generation == generation && ring.isToken(token, at: place, head)
    }

    /// Adds an entry, in place of one with the same hash, after evicting as many as it needs room.
    mutating func insert(
        _ token: RawSpan,
        facts: TokenFacts,
        text: RawSpan,
        hash: UInt64,
        generation: UInt64
    ) {
        let byteCount = CacheRing.entryByteCount(tokenByteCount: token.byteCount, textByteCount: text.byteCount)
        guard byteCount <= ring.byteCount else { return }
        if let index = slot(of: hash) {
            remove(at: index)
        }
        makeRoom(for: byteCount)
        if (counters.entryCount + 1) * 4 > slots.count * 3 {
            grow()
        }
        let place = ring.append(token, facts: facts, text: text, hash: hash, generation: generation)
        slots[freeSlot(for: hash)] = Slot(hash: hash, place: place)
        counters.byteCount += byteCount + Self.indexByteCount
        counters.entryCount += 1
        counters.insertions &+= 1
        // The next insertion is far enough away for this to have come by then.
        ring.prefetchHead(byteCount: byteCount)
    }

    /// Forgets all entries; returns their storage, so that the caller can free it after unlocking.
    mutating func removeAll() -> some Sendable {
        let old = (slots, ring)
        slots = [Slot](repeating: Slot(), count: 64)
        ring = CacheRing(byteCount: ring.byteCount)
        counters.byteCount = 0
        counters.entryCount = 0
        return old
    }
}

// MARK: - Room

extension CacheStripe {
    private mutating func makeRoom(for byteCount: Int) {
        var chancesCount = 0
        while let place = ring.placeInTheWay(of: byteCount) {
            guard let index = slot(of: ring.hash(at: place)), slots[index].place == place else {
                ring.dropOldest()
                continue
            }
            if slots[index].isUsed && chancesCount < Self.secondChancesMax {
                chancesCount += 1
                slots[index].isUsed = false
                slots[index].place = ring.renewOldest()
            } else {
                remove(at: index)
                ring.dropOldest()
                counters.evictions &+= 1
            }
        }
    }
}

// MARK: - Table

extension CacheStripe {
    @inline(__always)
    private func home(of hash: UInt32) -> Int {
        Int(hash >> 1) & indexMask
    }

    @inline(__always)
    private func slot(of hash: UInt64) -> Int? {
        var index = home(of: UInt32(truncatingIfNeeded: hash))
        while !slots[index].isEmpty {
            if slots[index].hasHash(hash) { return index }
            index = (index + 1) & indexMask
        }
        return nil
    }

    @inline(__always)
    private func freeSlot(for hash: UInt64) -> Int {
        var index = home(of: UInt32(truncatingIfNeeded: hash))
        while !slots[index].isEmpty {
            index = (index + 1) & indexMask
        }
        return index
    }

    /// Empties a slot, so that its entry is dead, and moves slots behind it forward, so that each is still found from
    /// its home (Knuth, volume 3, section 6.4, algorithm R).
    private mutating func remove(at index: Int) {
        counters.byteCount -= ring.entryByteCount(at: slots[index].place) + Self.indexByteCount
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
        for slot in old where !slot.isEmpty {
            slots[freeSlot(for: UInt64(slot.hash))] = slot
        }
    }
}
