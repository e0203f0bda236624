import MintmarkSessions

/// The events that wait for the writer, in boxes as they will be written, and the numbers given.
///
/// A value; the journal's lock guards it.
struct JournalQueue {
    /// What is taken.
    enum Acceptance {
        case nothing
        /// Cut-offs only: those that were made while nothing was taken come before all else.
        case cutOffs
        case everything
    }

    var acceptance = Acceptance.nothing
    /// Whether the disk has not answered for too long: only what holds in any case is taken, until it does.
    var isHeldUp = false
    /// The greatest number given.
    var lastLSN = LogSequenceNumber.zero
    /// The first event that was taken to be written and is not known to be; nil: none.
    var underWay: LogSequenceNumber?
    /// Whether one of the waiting events must be on the disk before its answer, in every mode.
    private(set) var holdsAlwaysSynced = false
    /// Whether the clocks are to be kept after one of the waiting events.
    private(set) var wantsClocks = false
    /// The bytes of all waiting boxes' entries.
    private(set) var byteCount = 0

    /// Oldest first; the last one is being filled.
    private var boxes: [JournalEntries] = []
    /// An empty one, for its capacity.
    private var spare = JournalEntries()

    var isEmpty: Bool {
        boxes.isEmpty
    }

    /// The first waiting event; nil when none waits.
    var firstLSN: LogSequenceNumber? {
        boxes.first?.firstLSN
    }

    /// Puts an event behind the others, under a number of its own.
    mutating func append(_ event: RawSpan, at lsn: LogSequenceNumber, isAlwaysSynced: Bool) {
        let entryByteCount = event.byteCount + JournalEntries.entryOverheadByteCountMax
        if boxes.last.map({ $0.bytes.count + entryByteCount > JournalBox.entriesByteCountMax }) ?? true {
            boxes.append(spare)
            spare = JournalEntries()
        }
        byteCount -= boxes[boxes.count - 1].bytes.count
        boxes[boxes.count - 1].append(event, at: lsn)
        byteCount += boxes[boxes.count - 1].bytes.count
        holdsAlwaysSynced = holdsAlwaysSynced || isAlwaysSynced
        wantsClocks = wantsClocks || JournalEvent.wantsClocks(event)
    }

    /// What one commit writes: the oldest box.
    struct Batch {
        var entries: JournalEntries
        /// Whether it must be synced in every mode.
        var isAlwaysSynced: Bool
        /// Whether the clocks are to be kept from now on, for a while.
        var wantsClocks: Bool
    }

    /// Takes the oldest box out.
    mutating func takeFirst() -> Batch? {
        guard !boxes.isEmpty else { return nil }
        underWay = boxes[0].firstLSN
        // One box at a time is synced, so what was asked of one that waits is asked of all before it.
        let batch = Batch(
            entries: boxes.removeFirst(),
            isAlwaysSynced: holdsAlwaysSynced,
            wantsClocks: wantsClocks
        )
        byteCount -= batch.entries.bytes.count
        if boxes.isEmpty {
            holdsAlwaysSynced = false
            wantsClocks = false
        }
        return batch
    }

    /// Takes a box back when it has been written, to fill it again.
    mutating func recycle(_ entries: consuming JournalEntries) {
        guard entries.bytes.capacity <= Self.capacityKeptMax else { return }
        entries.removeAll()
        spare = entries
    }

    /// Forgets what waits and what is under way.
    mutating func removeAll() {
        boxes = []
        underWay = nil
        byteCount = 0
        holdsAlwaysSynced = false
        wantsClocks = false
    }

    private static let capacityKeptMax = 256 * 1_024
}
