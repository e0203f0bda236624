import MintmarkCrypto
import MintmarkSessions
import NIOConcurrencyHelpers

/// Takes snapshots of a store and makes them count, in the order that `Protocol/snapshot.md` gives.
///
/// Used by one thread at a time.
struct SnapshotPublisher {
    let directory: any StorageDirectory
    let store: SessionStore
    let journal: FileJournal
    let storeID: StorageID
    let clocks: @Sendable () -> JournalClocks
    let random: any RandomSource
    /// What attempts have left that came to nothing.
    let leftovers: SnapshotLeftovers

    /// Under which keys it is written. Another one takes effect with the next snapshot.
    var keys: StorageKeys
    /// The manifest that counts; nil before the first.
    private(set) var manifest: StoreManifest?
    /// Of the snapshot that counts.
    private(set) var lastWritten = (byteCount: 0, sessionCount: 0)

    init(
        recovered: RecoveredStore,
        storeID: StorageID,
        store: SessionStore,
        journal: FileJournal,
        clocks: @escaping @Sendable () -> JournalClocks,
        random: any RandomSource
    ) {
        directory = recovered.directory
        leftovers = SnapshotLeftovers(in: recovered.directory)
        keys = recovered.keys
        manifest = recovered.manifest
        self.storeID = storeID
        self.store = store
        self.journal = journal
        self.clocks = clocks
        self.random = random
    }

    /// What a snapshot that was written looks like; it does not count yet.
    struct Written {
        let snapshot: StoreManifest.Snapshot
        let summary: SnapshotFile.Summary
        let sessionCount: Int
        let marks: SnapshotMarks
        let facts: SnapshotFacts
    }

    /// A snapshot in the usual course of things. `now` is the journal's clock; `turn` is where the journal's part is
    /// done; `pace` is when to rest, if at all.
    mutating func publish(
        atMilliseconds now: @escaping @Sendable () -> UInt64,
        pace: WorkPace?,
        withJournal turn: (@escaping @Sendable () -> Void) -> Void
    ) throws(SnapshotFailure) {
        let journal = journal
        let number = try Self.onJournal(turn) { () throws(StorageFault) in
            try journal.beginSegment(atMilliseconds: now())
        }
        let written = try make(number, pace: pace) { (written) throws(SnapshotFailure) in
            let isFlushed = try Self.onJournal(turn) { () throws(StorageFault) in journal.flush(atMilliseconds: now()) }
            guard isFlushed, journal.durableLSN >= written.marks.greatest else { throw .journal }
        }
        try publishManifest(written)
    }

    /// Does something where the journal's part is done.
    private static func onJournal<Value: Sendable>(
        _ turn: (@escaping @Sendable () -> Void) -> Void,
        _ body: @escaping @Sendable () throws(StorageFault) -> Value
    ) throws(SnapshotFailure) -> Value {
        let result = NIOLockedValueBox<Result<Value, StorageFault>?>(nil)
        turn {
            let found = Result { () throws(StorageFault) in try body() }
            result.withLockedValue { $0 = found }
        }
        guard let found = result.withLockedValue({ $0 }) else { throw .journal }
        return try snapshotting { () throws(StorageFault) in try found.get() }
    }

    /// A snapshot after the journal has failed, and the segment that goes on from it. The journal still has to resume.
    ///
    /// Without a rest: every change is refused for as long as it takes.
    mutating func publishRestart() throws(SnapshotFailure) {
        let journal = journal
        let number = journal.nextSegmentNumber
        let written = try make(number, pace: nil)
        let keys = keys
        do throws(SnapshotFailure) {
            try snapshotting { () throws(StorageFault) in
                try journal.makeRestartSegment(snapshot: written.snapshot.id, keys: keys)
            }
            // Another attempt may have made a segment with the number of this one's snapshot: then this one cannot count.
            guard journal.nextSegmentNumber == number + 1 else { throw .journal }
        } catch {
            leftovers.discard(number)
            throw error
        }
        try publishManifest(written)
    }

    /// The first snapshot of a new store, which is empty; its segment is begun.
    mutating func publishFirst(segment number: UInt64) throws(SnapshotFailure) {
        try publishManifest(try make(number, pace: nil))
    }

    /// Writes a snapshot and gives it its name when `precondition` holds. It does not count yet. When it comes to nothing
    /// nothing is left of it, so that a full disk has room again.
    private func make(
        _ number: UInt64,
        pace: WorkPace?,
        _ precondition: (Written) throws(SnapshotFailure) -> Void = { _ in }
    ) throws(SnapshotFailure) -> Written {
        leftovers.forget(number)
        do throws(SnapshotFailure) {
            let written = try write(number, pace: pace)
            try precondition(written)
            try snapshotting { () throws(StorageFault) in try directory.nameSnapshot(number) }
            return written
        } catch {
            leftovers.discard(number)
            throw error
        }
    }

    /// Writes a snapshot to a file that has not its name yet, syncs it, and reads it back.
    private func write(_ number: UInt64, pace: WorkPace?) throws(SnapshotFailure) -> Written {
        let id = StorageID(random: random)
        let header = SnapshotHeader(
            keyID: keys.id,
            shardCount: store.shardCount,
            storeID: storeID,
            id: id,
            firstSegment: number,
            random: random
        )
        let facts = SnapshotFacts(
            // Read before the tables are copied: what comes meanwhile may be in both.
            tablesMark: store.journal.lastLSN,
            epoch: store.greatestEpoch,
            clocks: clocks(),
            tokenKeys: store.tokenKeys
        )
        let (marks, content) = try SnapshotFile.writeVerified(
            store,
            facts,
            header,
            keys: keys,
            random: random,
            pace: pace,
            in: directory
        )
        return Written(
            snapshot: StoreManifest.Snapshot(id: id, firstSegment: number),
            summary: content.summary,
            sessionCount: content.counts.sessions,
            marks: marks,
            facts: facts
        )
    }

    /// Makes a snapshot count, and removes what nothing needs any more.
    private mutating func publishManifest(_ written: Written) throws(SnapshotFailure) {
        // One under another key cannot be read with this one.
        let previous = manifest.flatMap { $0.keyID == keys.id ? $0.snapshot : nil }
        let next = StoreManifest(
            keyID: keys.id,
            storeID: storeID,
            snapshot: written.snapshot,
            snapshotTag: written.summary.tag,
            snapshotByteCount: UInt64(written.summary.byteCount),
            lastLSN: max(store.journal.lastLSN, written.marks.greatest),
            epoch: store.greatestEpoch,
            previous: previous,
            clocks: written.facts.clocks
        )
        do throws(StorageFault) {
            try directory.replaceManifest(with: next, keys: keys)
        } catch {
            // Behind a rename nobody knows which manifest the disk holds.
            if error.operation != .rename, error.operation != .synchronizeDirectory {
                leftovers.discard(written.snapshot.firstSegment)
            }
            throw .system(error)
        }
        manifest = next
        lastWritten = (written.summary.byteCount, written.sessionCount)
        // What cannot be removed now is removed after the next one.
        try? directory.removeUnneeded(beside: next)
        leftovers.remove()
    }
}
