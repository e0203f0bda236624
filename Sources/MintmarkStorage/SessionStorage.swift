package import MintmarkCrypto
package import MintmarkSessions
import NIOConcurrencyHelpers

/// A session store that lives on a disk: its journal, its snapshots, and the way back after a failure.
///
/// Shared between threads. ``work(atMilliseconds:)`` writes what waits; one thread calls it again and again, and it never
/// waits for a snapshot. ``takeSnapshot(atMilliseconds:pace:withJournal:)`` and ``findWayBack(atMilliseconds:)`` are for
/// another one. All may wait for the disk; whoever answers requests calls none of them.
package final class SessionStorage: Sendable {
    /// The number of a new store's first segment.
    static let firstSegmentNumber: UInt64 = 1

    /// How long after a refusal for want of room what was refused is tried again.
    private static let retryMilliseconds: UInt64 = 1_000

    package let store: SessionStore
    package let journal: FileJournal

    private let publisher: NIOLockedValueBox<SnapshotPublisher>
    private let leftovers: SnapshotLeftovers
    private let progress: NIOLockedValueBox<Progress>
    private let now: @Sendable () -> SessionInstant

    private struct Progress {
        var snapshots: SnapshotRecord
        var restarts = RestartSchedule()
        /// How many of the revocations and cut-offs that the journal has refused were written since, or are in the snapshot
        /// that led back.
        var madeUpFor: UInt64 = 0
        var endsShort = false
    }

    /// Begins the next life of a recovered store: a new segment, and in it a new epoch. When this returns the store may
    /// serve.
    ///
    /// - Parameters:
    ///   - store: into which it was recovered, on `journal`.
    ///   - now: reads the store's clocks.
    ///   - nowMilliseconds: of the clock that ``work(atMilliseconds:)`` is given.
    package init(
        _ recovered: RecoveredStore,
        store: SessionStore,
        journal: FileJournal,
        random: any RandomSource,
        wallMilliseconds: UInt64,
        atMilliseconds nowMilliseconds: UInt64,
        now: @escaping @Sendable () -> SessionInstant
    ) throws(StorageStartFailure) {
        self.store = store
        self.journal = journal
        self.now = now
        let report = recovered.report
        let read = SnapshotRecord(byteCount: report.snapshotByteCount, sessionCount: report.snapshotSessions)
        progress = NIOLockedValueBox(Progress(snapshots: read))
        let storeID = recovered.manifest?.storeID ?? StorageID(random: random)
        // The journal keeps what reads the clocks and what writes cut-offs, and the store keeps the journal: neither may
        // keep the store. A weak reference to it would make every other one costly to count, on each request.
        let clocks: @Sendable () -> JournalClocks = { [cutOffs = store.cutOffs] in
            let instant = now()
            return JournalClocks(
                serviceMilliseconds: instant.serviceMilliseconds,
                storeSeconds: instant.storeSeconds,
                issuedAtMax: min(cutOffs.greatestIssuedAt, SessionInstant.secondsMax)
            )
        }
        let publisher = SnapshotPublisher(
            recovered: recovered,
            storeID: storeID,
            store: store,
            journal: journal,
            clocks: clocks,
            random: random
        )
        leftovers = publisher.leftovers
        self.publisher = NIOLockedValueBox(publisher)
        journal.onReopening { [cutOffs = store.cutOffs] journal in
            // What cannot be written now is counted as refused, and made up for later.
            _ = cutOffs.journalHeld(journal)
        }
        try begin(recovered, JournalStore(id: storeID, keys: recovered.keys, clocks: clocks))
        guard let lsn = store.beginEpoch(wallMilliseconds: wallMilliseconds) else { throw .noEpoch }
        guard journal.flush(atMilliseconds: nowMilliseconds), journal.durableLSN >= lsn else {
            throw .journal(journal.state.fault)
        }
        store.publishEpoch()
    }

    private func begin(_ recovered: RecoveredStore, _ journalStore: JournalStore) throws(StorageStartFailure) {
        do throws(StorageFault) {
            try journal.begin(
                journalStore,
                origin: recovered.manifest == nil ? .first : .continuation,
                segment: recovered.nextSegment,
                position: recovered.position,
                lastLSN: recovered.lastLSN
            )
        } catch {
            throw .system(error)
        }
        if recovered.manifest == nil {
            do throws(SnapshotFailure) {
                try withPublisher { (publisher) throws(SnapshotFailure) in
                    try publisher.publishFirst(segment: recovered.nextSegment)
                }
            } catch {
                throw .snapshot(error)
            }
        }
        guard !recovered.isMarked else { return }
        do throws(StorageFault) {
            // Behind the manifest: where the mark is, one was. And before anybody is served.
            try recovered.directory.replace(StoreFiles.mark, with: Self.markText.utf8.span.bytes)
        } catch {
            throw .system(error)
        }
    }

    /// For people; the file counts by being there.
    private static let markText = "A session store was begun here. Without its manifest no other one begins.\n"

    // MARK: Writing

    /// Writes what waits and what is due. After a failure there is nothing to write until ``findWayBack(atMilliseconds:)``
    /// has found one.
    ///
    /// - Parameter now: milliseconds of any clock that only goes forward, the same one in every call.
    /// - Returns: when to call again at the latest, though nothing waits.
    package func work(atMilliseconds now: UInt64) -> UInt64 {
        if case .stalled = journal.state {
            // It may be that what it waits for is held by a snapshot that came to nothing.
            leftovers.remove()
        }
        let due = journal.commit(atMilliseconds: now)
        guard journal.state == .open, !journalHeldRevocations() else { return due }
        return min(due, now + Self.retryMilliseconds)
    }

    /// What was revoked while nothing could be written may have been missed by the snapshot that led back. True when
    /// nothing is left to be made up for.
    private func journalHeldRevocations() -> Bool {
        // Counted before it is held, so whatever is held and not counted yet is for the next time.
        let refused = journal.refusedCount
        guard progress.withLockedValue(\.madeUpFor) < refused else { return true }
        guard store.journalHeldRevocations(now: now()) else { return false }
        progress.withLockedValue { $0.madeUpFor = refused }
        return true
    }

    // MARK: The way back

    /// When ``findWayBack(atMilliseconds:)`` has something to do; `UInt64.max` unless the journal has failed.
    package var wayBackDueMilliseconds: UInt64 {
        guard case .failed = journal.state else { return .max }
        return progress.withLockedValue(\.restarts.dueMilliseconds)
    }

    /// After a failure, and when it is time for it: tries to write a snapshot and a segment that goes on from it. Nil when
    /// there is nothing to do now.
    package func findWayBack(atMilliseconds now: () -> UInt64) -> WayBack? {
        let began = now()
        guard wayBackDueMilliseconds <= began else { return nil }
        let failure = recordingSnapshot { (publisher) throws(SnapshotFailure) in try publisher.publishRestart() }
        let ended = now()
        progress.withLockedValue { $0.restarts.attempted(from: began, to: ended) }
        if let failure {
            return .notFound(failure)
        }
        journal.resume(atMilliseconds: ended)
        return .found
    }

    // MARK: Snapshots

    /// How snapshots have gone so far.
    package var snapshots: SnapshotRecord {
        progress.withLockedValue(\.snapshots)
    }

    /// Takes a snapshot of everything that is in the store now, and makes it count. Waits for the disk.
    ///
    /// - Parameters:
    ///   - pace: when to rest, if at all.
    ///   - withJournal: where the journal's part is done: by default on the calling thread.
    package func takeSnapshot(
        atMilliseconds now: @escaping @Sendable () -> UInt64,
        pace: WorkPace? = nil,
        withJournal turn: (@escaping @Sendable () -> Void) -> Void = { $0() }
    ) -> SnapshotFailure? {
        recordingSnapshot { (publisher) throws(SnapshotFailure) in
            guard publisher.journal.state == .open else { throw .journal }
            try publisher.publish(atMilliseconds: now, pace: pace, withJournal: turn)
        }
    }

    /// Ends this life: a last snapshot, everything durable, nothing taken any more.
    ///
    /// - Parameter pace: hears of each step of the snapshot.
    package func end(atMilliseconds now: @escaping @Sendable () -> UInt64, pace: WorkPace? = nil) -> SnapshotFailure? {
        // What waits for room may have it by now.
        journal.commit(atMilliseconds: now())
        var failure = takeSnapshot(atMilliseconds: now, pace: pace)
        if case .failed = journal.state {
            // The last chance of what is in memory only: the disk may work again.
            failure = recordingSnapshot { (publisher) throws(SnapshotFailure) in try publisher.publishRestart() }
        }
        let isWhole = journal.end(atMilliseconds: now())
        if failure != nil, !isWhole || journal.settings.mode == .snapshot {
            progress.withLockedValue { $0.endsShort = true }
        }
        return failure
    }

    /// Whether a life that has ended may have held changes that are in no file.
    package var endsShort: Bool {
        progress.withLockedValue(\.endsShort)
    }

    /// Runs what makes a snapshot, and keeps the record of it.
    private func recordingSnapshot(
        _ body: (inout SnapshotPublisher) throws(SnapshotFailure) -> Void
    ) -> SnapshotFailure? {
        do throws(SnapshotFailure) {
            try withPublisher { (publisher) throws(SnapshotFailure) in
                progress.withLockedValue { $0.snapshots.begin() }
                do throws(SnapshotFailure) {
                    try body(&publisher)
                } catch {
                    progress.withLockedValue { $0.snapshots.fail(error) }
                    throw error
                }
                let written = publisher.lastWritten
                progress.withLockedValue { progress in
                    progress.snapshots.publish(byteCount: written.byteCount, sessionCount: written.sessionCount)
                }
            }
        } catch {
            return error
        }
        return nil
    }

    private func withPublisher(
        _ body: (inout SnapshotPublisher) throws(SnapshotFailure) -> Void
    ) throws(SnapshotFailure) {
        // The lock's own function cannot say what it throws.
        let failure = publisher.withLockedValue { publisher -> SnapshotFailure? in
            do throws(SnapshotFailure) {
                try body(&publisher)
                return nil
            } catch {
                return error
            }
        }
        if let failure {
            throw failure
        }
    }
}

/// Why a store that was recovered cannot serve.
package enum StorageStartFailure: Error, Equatable, Sendable {
    case system(StorageFault)
    case snapshot(SnapshotFailure)
    /// The first events could not be made durable.
    case journal(StorageFault?)
    /// The years of epochs are over.
    case noEpoch
}

extension StorageStartFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system(let fault): "\(fault)"
        case .snapshot(let failure): "the first snapshot: \(failure)"
        case .journal(let fault): fault.map { "the journal: \($0)" } ?? "the journal cannot be written to"
        case .noEpoch: "the clock is beyond the years that refresh tokens can tell"
        }
    }
}
