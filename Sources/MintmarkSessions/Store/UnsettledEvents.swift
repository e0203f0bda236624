/// The events of one shard that are not yet durable, oldest first, and for each session the newest of them.
///
/// Answers that depend on a session wait for its newest. A value; its shard's lock guards it.
struct UnsettledEvents: Sendable {
    struct Rotation: Sendable {
        let current: TokenGeneration

        /// Where the session was then.
        let place: Int
    }

    struct Entry: Sendable {
        let id: SessionID
        let lsn: LogSequenceNumber

        /// What a rotation began; nil for other events.
        let rotation: Rotation?
    }

    /// As many entries are looked through as quickly as a table is asked: a commit brings a shard only a few.
    private static let searchedCountMax = 16

    /// As many sessions as the processor can be asked for at once.
    private static let aheadCountMax = 16

    private var entries: [Entry] = []
    private var head = 0
    /// The newest event of each session; nil while there are so few entries that they can be searched.
    private var newest: [SessionID: LogSequenceNumber]?

    var count: Int {
        entries.count - head
    }

    /// What an answer about a session has to wait for; zero for nothing.
    func lsn(of id: SessionID) -> LogSequenceNumber {
        if let newest {
            return newest[id] ?? .zero
        }
        var index = entries.count
        while index > head {
            index -= 1
            if entries[index].id == id {
                return entries[index].lsn
            }
        }
        return .zero
    }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
        if newest != nil {
            newest?[entry.id] = entry.lsn
        } else if count > Self.searchedCountMax {
            newest = Dictionary(entries[head...].map { ($0.id, $0.lsn) }) { _, newer in newer }
        }
    }

    /// Lends the rotations among the oldest entries that are durable, but no more than ``aheadCountMax``.
    func forEachRotation(upTo durable: LogSequenceNumber, _ body: (Rotation) -> Void) {
        let entries = entries.span
        for index in head..<min(entries.count, head + Self.aheadCountMax) where entries[index].lsn <= durable {
            if let rotation = entries[index].rotation {
                body(rotation)
            }
        }
    }

    /// Removes and gives the oldest entry if it is durable.
    mutating func popFirst(upTo durable: LogSequenceNumber) -> Entry? {
        guard head < entries.count, entries[head].lsn <= durable else { return nil }
        let entry = entries[head]
        head += 1
        if newest?[entry.id] == entry.lsn {
            newest?[entry.id] = nil
        }
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
            newest = nil
        } else if head >= 64, head * 2 >= entries.count {
            entries.removeFirst(head)
            head = 0
        }
        return entry
    }
}
