import CPrefetch

/// Finds the slots of a shard by session id: open addressing with linear probing over 32-bit entries.
///
/// An entry is eight bits of the id, which save most looks at a slot, and the slot's reference. Session ids are random
/// and serve as their own hash. Growing by a quarter at a load of 7/8 keeps it between 4.6 and 5.8 bytes a session; it
/// adds segments of 4 KiB rather than replace one array, whose old memory would be left in pieces too small for
/// anything else. A value; its shard's lock guards it.
struct SlotIndex: Sendable {
    private static let segmentBitCount = 10
    private static let segmentCapacity = 1 << segmentBitCount

    private var segments: [[UInt32]] = []
    private(set) var count = 0

    /// The number of places; every session is at one of them.
    private(set) var capacity = 0

    /// The place of the session with `id`; nil if there is none.
    func find(_ id: SessionID, in arena: SlotArena) -> Int? {
        guard count > 0 else { return nil }
        let tag = Self.tag(of: id)
        var place = home(of: id)
        while true {
            let entry = self[place]
            guard entry != 0 else { return nil }
            if Self.tag(of: entry) == tag, Self.id(at: Self.reference(of: entry), in: arena) == id {
                return place
            }
            place = next(place)
        }
    }

    /// Asks the processor for the memory that tells where the session is, if it is here.
    func prefetchHome(of id: SessionID) {
        guard count > 0 else { return }
        prefetch(place: home(of: id))
    }

    /// The same for a place.
    func prefetch(place: Int) {
        guard place < capacity else { return }
        // Through spans, which count no references: a segment's count would have to be waited for.
        let segments = segments.span
        segments[place >> Self.segmentBitCount].span.withUnsafeBufferPointer { entries in
            if let start = entries.baseAddress {
                prefetch_head(start)
                prefetch_line(start + (place & (Self.segmentCapacity - 1)))
            }
        }
    }

    /// The slot at the first place where the session may be; nil if there is none.
    func presumedReference(of id: SessionID) -> SlotArena.Reference? {
        guard count > 0 else { return nil }
        let tag = Self.tag(of: id)
        var place = home(of: id)
        while self[place] != 0 {
            if Self.tag(of: self[place]) == tag { return Self.reference(of: self[place]) }
            place = next(place)
        }
        return nil
    }

    /// The slot at a place; nil when it is empty.
    func reference(at place: Int) -> SlotArena.Reference? {
        self[place] == 0 ? nil : Self.reference(of: self[place])
    }

    /// The session at `place` is in another slot now.
    mutating func replace(at place: Int, with reference: SlotArena.Reference) {
        self[place] = self[place] & ~Self.referenceMask | reference
    }

    /// Adds a session that is not there yet.
    mutating func insert(_ id: SessionID, _ reference: SlotArena.Reference, in arena: SlotArena) {
        if (count + 1) * 8 > capacity * 7 {
            grow(in: arena)
        }
        add(id, reference)
        count += 1
    }

    /// Makes room for `count` sessions in all, so that adding them moves none.
    mutating func reserve(_ count: Int, in arena: SlotArena) {
        let segmentCount = (count * 8 / 7 + Self.segmentCapacity) / Self.segmentCapacity
        guard segmentCount > segments.count else { return }
        resize(toSegments: segmentCount, in: arena)
    }

    /// Empties a place and moves the sessions behind it up, so that none is cut off from its home.
    mutating func remove(at place: Int, in arena: SlotArena) {
        var hole = place
        var candidate = next(hole)
        while self[candidate] != 0 {
            let home = home(of: Self.id(at: Self.reference(of: self[candidate]), in: arena))
            // A session may move up to the hole if the hole is not before its home, going around.
            if distance(from: home, to: candidate) >= distance(from: hole, to: candidate) {
                self[hole] = self[candidate]
                hole = candidate
            }
            candidate = next(candidate)
        }
        self[hole] = 0
        count -= 1
    }

    mutating func removeAll() {
        self = SlotIndex()
    }

    private mutating func grow(in arena: SlotArena) {
        resize(toSegments: segments.count + max(1, segments.count / 4), in: arena)
    }

    private mutating func resize(toSegments segmentCount: Int, in arena: SlotArena) {
        let old = segments.flatMap { segment in segment.filter { $0 != 0 } }
        for number in segments.indices {
            for offset in segments[number].indices {
                segments[number][offset] = 0
            }
        }
        while segments.count < segmentCount {
            segments.append([UInt32](repeating: 0, count: Self.segmentCapacity))
        }
        capacity = segments.count * Self.segmentCapacity
        for entry in old {
            let reference = Self.reference(of: entry)
            add(Self.id(at: reference, in: arena), reference)
        }
    }

    private subscript(place: Int) -> UInt32 {
        get { segments[place >> Self.segmentBitCount][place & (Self.segmentCapacity - 1)] }
        set { segments[place >> Self.segmentBitCount][place & (Self.segmentCapacity - 1)] = newValue }
    }

    private mutating func add(_ id: SessionID, _ reference: SlotArena.Reference) {
        var place = home(of: id)
        while self[place] != 0 {
            place = next(place)
        }
        self[place] = UInt32(Self.tag(of: id)) << SlotArena.referenceBitCount | reference
    }

    private func home(of id: SessionID) -> Int {
        Int(id.high.multipliedFullWidth(by: UInt64(capacity)).high)
    }

    private func next(_ place: Int) -> Int {
        place + 1 == capacity ? 0 : place + 1
    }

    private func distance(from start: Int, to end: Int) -> Int {
        end >= start ? end - start : end - start + capacity
    }

    private static let referenceMask: UInt32 = 1 << SlotArena.referenceBitCount - 1

    private static func id(at reference: SlotArena.Reference, in arena: SlotArena) -> SessionID {
        arena.withBytes(at: reference, PackedSession.id(in:))
    }

    /// From the half of the id that chooses neither shard nor home.
    private static func tag(of id: SessionID) -> UInt8 {
        UInt8(truncatingIfNeeded: id.low >> 32)
    }

    private static func tag(of entry: UInt32) -> UInt8 {
        UInt8(truncatingIfNeeded: entry >> SlotArena.referenceBitCount)
    }

    private static func reference(of entry: UInt32) -> SlotArena.Reference {
        entry & referenceMask
    }
}
