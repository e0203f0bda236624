package import MintmarkCrypto
package import MintmarkSessions
import NIOConcurrencyHelpers

/// A session store that lives on a disk: its journal, its snapshots, and the way back after a failure.
///
/// Shared between threads. ``work(atMilliseconds:)`` writes what waits and is called by one thread again and again;
/// ``takeSnapshot(atMilliseconds:)`` by that or another one. Both may wait for the disk; whoever answers requests calls
/// neither.
package final class SessionStorage: Sendable {
    /// The number of a new store's first segment.
    static let firstSegmentNumber: UInt64 = 1

    /// How long after a failed attempt to find a way back the next one comes.
    package static let restartIntervalMilliseconds: UInt64 = 1_000

    package let store: SessionStore
    package let journal: FileJournal

    private let publisher: NIOLockedValueBox<SnapshotPublisher>
    private let progress = NIOLockedValueBox(Progress())
    private let now: @Sendable () -> SessionInstant

    private struct Progress {
        var snapshots = SnapshotRecord()
        var nextRestartMilliseconds: UInt64 = 0
        /// The failures of the journal after which it was told everything that was revoked meanwhile.
        var failuresMadeUpFor: UInt64 = 0
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
        let storeID = recovered.manifest?.storeID ?? StorageID(random: random)
        // The journal keeps the clocks, and the store keeps the journal: they must not keep the store.
        let clocks: @Sendable () -> JournalClocks = { [cutOffs = store.cutOffs] in
            let instant = now()
            return JournalClocks(
                serviceMilliseconds: instant.serviceMilliseconds,
                storeSeconds: instant.storeSeconds,
                issuedAtMax: min(cutOffs.greatestIssuedAt, SessionInstant.secondsMax)
            )
        }
        publisher = NIOLockedValueBox(
            SnapshotPublisher(
                recovered: recovered,
                storeID: storeID,
                store: store,
                journal: journal,
                clocks: clocks,
                random: random
            )
        )
        journal.onReopening { [weak store] in
            // What cannot be written now is counted as refused, and made up for later.
            _ = store?.journalHeldCutOffs()
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
        guard recovered.manifest == nil else { return }
        do throws(SnapshotFailure) {
            try withPublisher { (publisher) throws(SnapshotFailure) in
                try publisher.publishFirst(segment: recovered.nextSegment)
            }
        } catch {
            throw .snapshot(error)
        }
    }

    // MARK: Writing

    /// Writes what waits and what is due; after a failure, looks for the way back.
    ///
    /// - Parameter now: milliseconds of any clock that only goes forward, the same one in every call.
    /// - Returns: when to call again at the latest, though nothing waits.
    package func work(atMilliseconds now: UInt64) -> UInt64 {
        if case .failed = journal.state {
            return findWayBack(atMilliseconds: now)
        }
        let due = journal.commit(atMilliseconds: now)
        switch journal.state {
        case .closed:
            return due
        case .open:
            journalHeldRevocations()
            return due
        case .stalled, .failed:
            return min(due, now + Self.restartIntervalMilliseconds)
        }
    }

    private func findWayBack(atMilliseconds now: UInt64) -> UInt64 {
        let isDue = progress.withLockedValue { progress in
            guard now >= progress.nextRestartMilliseconds else { return false }
            progress.nextRestartMilliseconds = now + Self.restartIntervalMilliseconds
            return true
        }
        if isDue {
            let failure = settle { (publisher) throws(SnapshotFailure) in try publisher.publishRestart() }
            if failure == nil {
                journal.resume(atMilliseconds: now)
                journalHeldRevocations()
                return now
            }
        }
        return progress.withLockedValue(\.nextRestartMilliseconds)
    }

    /// What was revoked while nothing could be written may have been missed by the snapshot that led back.
    private func journalHeldRevocations() {
        let failures = journal.counters.failures
        guard progress.withLockedValue(\.failuresMadeUpFor) < failures else { return }
        if store.journalHeldRevocations(now: now()) {
            progress.withLockedValue { $0.failuresMadeUpFor = failures }
        }
    }

    // MARK: Snapshots

    /// How snapshots have gone so far.
    package var snapshots: SnapshotRecord {
        progress.withLockedValue(\.snapshots)
    }

    /// Takes a snapshot of everything that is in the store now, and makes it count. Waits for the disk.
    ///
    /// - Parameter withJournal: where the journal's part is done: by default on the calling thread.
    package func takeSnapshot(
        atMilliseconds now: @escaping @Sendable () -> UInt64,
        withJournal turn: (@escaping @Sendable () -> Void) -> Void = { $0() }
    ) -> SnapshotFailure? {
        settle { (publisher) throws(SnapshotFailure) in
            guard publisher.journal.state == .open else { throw .journal }
            try publisher.publish(atMilliseconds: now, withJournal: turn)
        }
    }

    /// Ends this life: a last snapshot, everything durable, nothing taken any more.
    package func end(atMilliseconds now: @escaping @Sendable () -> UInt64) -> SnapshotFailure? {
        let failure = takeSnapshot(atMilliseconds: now)
        journal.end(atMilliseconds: now())
        return failure
    }

    private func settle(
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
