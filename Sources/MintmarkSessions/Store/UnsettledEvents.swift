/// The events of one shard that are not yet durable, oldest first, and for each session the newest of them.
///
/// Answers that depend on a session wait for its newest. A value; its shard's lock guards it.
struct UnsettledEvents: Sendable {
    struct Entry: Sendable {
        let id: SessionID
        let lsn: LogSequenceNumber

        /// What a rotation began; nil for other events.
        let rotation: TokenGeneration?
    }

    private var entries: [Entry] = []
    private var head = 0
    private var newest: [SessionID: LogSequenceNumber] = [:]

    var count: Int {
        entries.count - head
    }

    /// What an answer about a session has to wait for; zero for nothing.
    func lsn(of id: SessionID) -> LogSequenceNumber {
        newest.isEmpty ? .zero : newest[id] ?? .zero
    }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
        newest[entry.id] = entry.lsn
    }

    /// Removes and gives the oldest entry if it is durable.
    mutating func popFirst(upTo durable: LogSequenceNumber) -> Entry? {
        guard head < entries.count, entries[head].lsn <= durable else { return nil }
        let entry = entries[head]
        head += 1
        if newest[entry.id] == entry.lsn {
            newest[entry.id] = nil
        }
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 >= entries.count {
            entries.removeFirst(head)
            head = 0
        }
        return entry
    }
}
