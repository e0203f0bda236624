import MintmarkCrypto
package import MintmarkSessions

/// The writing side of a journal: the segment under way, and how far it is durable.
///
/// A value; the journal's writer lock guards it.
struct JournalWriter {
    let directory: any StorageDirectory
    let settings: FileJournal.Settings
    let syncDurations: DurationHistogram
    let random: any RandomSource

    var state = FileJournal.State.closed
    var store = JournalStore.none
    /// Nil while there is none that can be written to.
    var segment: SegmentWriter?
    /// The end of the last segment that is complete.
    var position = JournalPosition(boxNumber: 0, link: .zero, lastLSN: .zero)
    var nextSegmentNumber: UInt64 = 1
    /// The greatest event that was written and synced.
    var syncedLSN = LogSequenceNumber.zero
    /// Taken to be written when no segment could be made; written first when one is.
    var held: JournalQueue.Batch?

    /// When the oldest box was written that is not synced yet.
    var unsyncedSinceMilliseconds: UInt64?
    var lastWriteMilliseconds: UInt64 = 0
    /// When a grace window may have begun last; at the start of a life those of the one before go on.
    var lastWindowMilliseconds: UInt64?
    /// What the box written last says of the clocks.
    var writtenClocks = JournalClocks.zero
    var counters = JournalCounters()

    init(
        directory: any StorageDirectory,
        settings: FileJournal.Settings,
        syncDurations: DurationHistogram,
        random: any RandomSource
    ) {
        self.directory = directory
        self.settings = settings
        self.syncDurations = syncDurations
        self.random = random
    }

    /// Ends the segment under way, if there is one: what was written is durable. After a failure it is lost.
    mutating func finishSegment() throws(StorageFault) {
        guard let finished = segment else { return }
        segment = nil
        try finished.finish()
        position = finished.position
        syncedLSN = max(syncedLSN, position.lastLSN)
        unsyncedSinceMilliseconds = nil
        counters.syncs += 1
    }

    /// Finds room for the next segment. When it fails nothing has changed, and it can be tried again.
    func findRoom() throws(StorageFault) -> SegmentRoom {
        try SegmentRoom(number: nextSegmentNumber, in: directory, byteCount: settings.segmentByteCount)
    }

    /// Makes the next segment behind one that is complete. When it fails nothing was lost, and it can be tried again.
    mutating func makeSegment(_ origin: JournalSegmentHeader.Origin, in room: SegmentRoom) throws(StorageFault) {
        guard let keys = store.keys else { preconditionFailure("a segment of a store without keys") }
        let header = JournalSegmentHeader(
            origin: origin,
            keyID: keys.id,
            storeID: store.id,
            number: nextSegmentNumber,
            lastLSN: position.lastLSN,
            link: position.link,
            durableLSN: syncedLSN,
            firstBoxNumber: position.boxNumber,
            random: random
        )
        segment = try SegmentWriter(header, in: room, keys: keys)
        nextSegmentNumber += 1
        counters.segments += 1
    }

    /// Writes a box. It is not synced. After a failure the segment is lost, unless the disk was full and what it took of
    /// the box could be cut off again: that much is as it was, and only has no room.
    mutating func write(_ batch: JournalQueue.Batch, atMilliseconds now: UInt64) throws(StorageFault) {
        let clocks = store.clocks()
        guard var current = segment else { preconditionFailure("a box without a segment") }
        segment = nil
        let start = current.offset
        do throws(StorageFault) {
            try current.write(batch.entries, durableLSN: syncedLSN, clocks: clocks, random: random)
        } catch {
            if error.isDiskFull, current.isWhole {
                segment = current
            }
            throw error
        }
        segment = current
        counters.boxes += 1
        counters.events += UInt64(batch.entries.count)
        counters.bytes += UInt64(current.offset - start)
        writtenClocks = clocks
        lastWriteMilliseconds = now
        unsyncedSinceMilliseconds = unsyncedSinceMilliseconds ?? now
        if batch.wantsClocks {
            lastWindowMilliseconds = now
        }
    }

    /// Syncs what was written. After a failure the segment is lost: it must never be synced again.
    mutating func synchronize() throws(StorageFault) {
        guard unsyncedSinceMilliseconds != nil, let current = segment else { return }
        segment = nil
        let began = settings.nanoseconds()
        try current.synchronize()
        syncDurations.record(nanoseconds: settings.nanoseconds() &- began)
        segment = current
        syncedLSN = max(syncedLSN, current.position.lastLSN)
        unsyncedSinceMilliseconds = nil
        counters.syncs += 1
    }

    /// Checks that the segment is in the directory still. Where it is not it is lost.
    mutating func checkName() throws(StorageFault) {
        guard let current = segment else { return }
        segment = nil
        try current.checkName()
        segment = current
    }

    /// Whether the clocks should be written although nothing happened but time.
    func isClockDue(atMilliseconds now: UInt64) -> Bool {
        guard settings.mode != .snapshot else { return false }
        let clocks = store.clocks()
        if let window = lastWindowMilliseconds, window + settings.clockKeepMilliseconds > lastWriteMilliseconds {
            return now >= lastWriteMilliseconds + settings.clockIntervalMilliseconds
                && clocks.serviceMilliseconds > writtenClocks.serviceMilliseconds
        }
        return clocks.issuedAtMax >= writtenClocks.issuedAtMax + settings.issuedAtIntervalSeconds
    }

    /// Whether what was written must be synced now, in a mode that does not sync each box.
    func isSyncDue(atMilliseconds now: UInt64) -> Bool {
        guard let since = unsyncedSinceMilliseconds, case .interval(let milliseconds) = settings.mode else {
            return false
        }
        return now >= since + milliseconds
    }

    /// When the writer has something to do at the latest, though no event comes.
    func dueMilliseconds(atMilliseconds now: UInt64) -> UInt64 {
        switch state {
        case .closed, .failed:
            return .max
        case .stalled:
            return now + Self.retryMilliseconds
        case .open:
            var due = now + settings.issuedAtIntervalSeconds * 1_000
            if case .interval(let milliseconds) = settings.mode, let since = unsyncedSinceMilliseconds {
                due = min(due, since + milliseconds)
            }
            if let window = lastWindowMilliseconds,
                window + settings.clockKeepMilliseconds > lastWriteMilliseconds
            {
                due = min(due, lastWriteMilliseconds + settings.clockIntervalMilliseconds)
            }
            return due
        }
    }

    /// How long after a failure to make a segment the next try comes.
    static let retryMilliseconds: UInt64 = 1_000
}

/// What a journal needs to know of its store.
package struct JournalStore: Sendable {
    static let none = JournalStore(id: .zero, keys: nil, clocks: { .zero })

    let id: StorageID
    let keys: StorageKeys?
    /// How far the clocks have come; read whenever a box is written.
    let clocks: @Sendable () -> JournalClocks

    package init(id: StorageID, keys: StorageKeys?, clocks: @escaping @Sendable () -> JournalClocks) {
        self.id = id
        self.keys = keys
        self.clocks = clocks
    }
}

/// What a journal has done since its start.
package struct JournalCounters: Equatable, Sendable {
    package var events: UInt64 = 0
    package var boxes: UInt64 = 0
    package var bytes: UInt64 = 0
    package var syncs: UInt64 = 0
    package var segments: UInt64 = 0
    /// How often writing or syncing failed, or a segment could not be made.
    package var failures: UInt64 = 0

    package init() {}
}
