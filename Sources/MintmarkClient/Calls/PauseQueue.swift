import HeapModule

/// The calls between two attempts, the one first whose pause ends first. A server can make many calls pause for long, so
/// nothing here takes a look at all of them for one.
///
/// Owned by the driver, and so confined to its event loop.
struct PauseQueue {
    /// With so few that have ended meanwhile, those are not looked for.
    static let withdrawnCountMin = 64

    private struct Entry: Comparable {
        let end: Instant
        let id: CallID

        static func < (one: Entry, other: Entry) -> Bool { one.end < other.end }
    }

    private var heap = Heap<Entry>()
    /// Calls that have ended, and whose entries are still there.
    private var withdrawn: Set<CallID> = []

    /// How many calls pause.
    var pausingCount: Int { heap.count - withdrawn.count }

    /// How many entries there are, with those of calls that have ended.
    var count: Int { heap.count }

    /// No pause ends before this; nil: nobody pauses.
    var nextEnd: Instant? { heap.min?.end }

    /// A call pauses, which is not among them.
    mutating func insert(_ id: CallID, until end: Instant) {
        heap.insert(Entry(end: end, id: id))
    }

    /// A call that pauses has ended.
    mutating func withdraw(_ id: CallID) {
        withdrawn.insert(id)
        guard withdrawn.count >= Self.withdrawnCountMin, withdrawn.count * 2 > heap.count else { return }
        heap = Heap(heap.unordered.filter { !withdrawn.contains($0.id) })
        withdrawn = []
    }

    /// Takes out a call whose pause has ended; nil: there is none.
    mutating func popEnded(at now: Instant) -> CallID? {
        while let next = heap.min, next.end <= now {
            heap.removeMin()
            if withdrawn.remove(next.id) == nil { return next.id }
        }
        return nil
    }
}
