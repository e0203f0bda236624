import NIOConcurrencyHelpers
import Synchronization

/// What keeps a store's files up to date while it serves: one thread writes the journal; another takes snapshots, the one
/// that leads back after a failure among them. The journal's never waits for the other. A third watches the journal's: the
/// disk may let it wait.
///
/// Safe to share between threads.
package final class StorageThreads: Sendable {
    package struct Settings: Sendable {
        /// From one snapshot to the next.
        package var snapshotIntervalMilliseconds: UInt64 = 300_000
        /// From one look at whether the disk answers to the next; `UInt64.max`: nobody looks.
        package var watchIntervalMilliseconds: UInt64 = 250

        package init() {}
    }

    /// What an operator wants to hear of. Called on storage's threads.
    package struct Observer: Sendable {
        package var stateChanged: @Sendable (FileJournal.State) -> Void
        /// Whether the disk does not answer, when that has changed.
        package var heldUp: @Sendable (Bool) -> Void
        package var snapshotTaken: @Sendable (SnapshotRecord) -> Void
        package var snapshotFailed: @Sendable (SnapshotFailure) -> Void

        package init(
            stateChanged: @escaping @Sendable (FileJournal.State) -> Void,
            heldUp: @escaping @Sendable (Bool) -> Void,
            snapshotTaken: @escaping @Sendable (SnapshotRecord) -> Void,
            snapshotFailed: @escaping @Sendable (SnapshotFailure) -> Void
        ) {
            self.stateChanged = stateChanged
            self.heldUp = heldUp
            self.snapshotTaken = snapshotTaken
            self.snapshotFailed = snapshotFailed
        }
    }

    /// How long after a snapshot that failed the next one comes; twice as long after each that follows, as each begins a
    /// segment, and at most as long as from one snapshot to the next.
    private static let snapshotRetryMillisecondsMin: UInt64 = 10_000

    private let storage: SessionStorage
    private let settings: Settings
    private let journalSignal: WakeSignal
    private let snapshotSignal = WakeSignal()
    private let watchSignal = WakeSignal()
    /// What was told last of whether the disk holds up the store. Held while that is told.
    private let toldHeldUp = NIOLockedValueBox(false)
    private let isStopping = Synchronization.Atomic<Bool>(false)
    /// The number of the newest snapshot that somebody waits for.
    private let wanted = Synchronization.Atomic<UInt64>(0)
    private let ended = NIOLockedValueBox(Ended())
    private let haveSnapshotsEnded = Synchronization.Atomic<Bool>(false)
    /// What the snapshot thread wants the journal thread to do.
    private let jobs = NIOLockedValueBox<[Job]>([])
    private let lastSnapshotMilliseconds: Synchronization.Atomic<UInt64>
    private let slowestCommit = Synchronization.Atomic<UInt64>(0)
    private let steps = Synchronization.Atomic<UInt64>(0)

    private struct Ended {
        var threadCount = 0
        var continuation: CheckedContinuation<Void, Never>?
    }

    private static let threadCount = 3

    private struct Job: Sendable {
        let body: @Sendable () -> Void
        let done: WakeSignal
    }

    /// - Parameter journalSignal: raised whenever an event waits.
    package init(_ storage: SessionStorage, journalSignal: WakeSignal, settings: Settings) {
        self.storage = storage
        self.settings = settings
        self.journalSignal = journalSignal
        lastSnapshotMilliseconds = Synchronization.Atomic(MonotonicClock.milliseconds)
    }

    /// Starts the threads.
    package func start(_ observer: Observer) {
        SystemThread.start(name: "journal", isInBackground: false) { [self] in
            writeJournal(observer)
            threadEnded()
        }
        SystemThread.start(name: "snapshots", isInBackground: true) { [self] in
            takeSnapshots(observer)
            // The journal thread has served this one to its end.
            haveSnapshotsEnded.store(true, ordering: .sequentiallyConsistent)
            journalSignal.raise()
            threadEnded()
        }
        SystemThread.start(name: "disk watch", isInBackground: false) { [self] in
            watchDisk(observer)
            threadEnded()
        }
    }

    /// Stops the threads, takes a last snapshot, and ends the journal. Gives the reason when there is no such snapshot.
    package func stop() async -> SnapshotFailure? {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        journalSignal.raise()
        snapshotSignal.raise()
        watchSignal.raise()
        await withCheckedContinuation { continuation in
            let hasEnded = ended.withLockedValue { ended in
                guard ended.threadCount < Self.threadCount else { return true }
                ended.continuation = continuation
                return false
            }
            if hasEnded {
                continuation.resume()
            }
        }
        return await withCheckedContinuation { continuation in
            SystemThread.start(name: "last snapshot", isInBackground: false) { [self] in
                continuation.resume(
                    returning: storage.end(atMilliseconds: { MonotonicClock.milliseconds }, pace: pace())
                )
            }
        }
    }

    /// Grows while a snapshot gets on.
    package var progress: UInt64 { steps.load(ordering: .relaxed) }

    private func pace() -> WorkPace {
        WorkPace(
            step: { [self] in steps.add(1, ordering: .relaxed) },
            // Whoever stops waits for the snapshot that is under way.
            isInHurry: { [self] in isStopping.load(ordering: .relaxed) }
        )
    }

    /// Whether changes may be in no file, after a ``stop()`` that gave a reason.
    package var endsShort: Bool {
        storage.endsShort
    }

    // MARK: Snapshots on request

    /// Asks for a snapshot of everything that is in the store now; gives its number.
    package func requestSnapshot() -> UInt64 {
        let number = storage.snapshots.begun + 1
        wanted.max(number, ordering: .sequentiallyConsistent)
        snapshotSignal.raise()
        return number
    }

    /// How snapshots have gone so far.
    package var snapshots: SnapshotRecord {
        storage.snapshots
    }

    /// How long ago the last snapshot was taken, or the store began.
    package var snapshotAgeMilliseconds: UInt64 {
        let last = lastSnapshotMilliseconds.load(ordering: .relaxed)
        let now = MonotonicClock.milliseconds
        return now > last ? now - last : 0
    }

    /// The longest time that writing what waited has taken.
    package var slowestCommitMilliseconds: UInt64 {
        slowestCommit.load(ordering: .relaxed)
    }

    // MARK: Threads

    /// For so long events wait for a signal.
    private static let signalDelayMaxMilliseconds: UInt64 = 10

    private func writeJournal(_ observer: Observer) {
        var state = storage.journal.state
        while !haveSnapshotsEnded.load(ordering: .sequentiallyConsistent) {
            for job in jobs.withLockedValue({ jobs in
                defer { jobs = [] }
                return jobs
            }) {
                job.body()
                job.done.raise()
            }
            let began = MonotonicClock.milliseconds
            let due = storage.work(atMilliseconds: began)
            let now = MonotonicClock.milliseconds
            slowestCommit.max(now - began, ordering: .relaxed)
            tellWhetherHeldUp(observer)
            let newState = storage.journal.state
            if newState != state {
                state = newState
                observer.stateChanged(state)
                if case .failed = state {
                    snapshotSignal.raise()
                }
            }
            journalSignal.wait(untilMilliseconds: due > now ? due : dueWithMoreWaiting(atMilliseconds: now))
        }
    }

    /// Looks at whether the disk answers: whoever waits for it cannot tell.
    private func watchDisk(_ observer: Observer) {
        while !isStopping.load(ordering: .sequentiallyConsistent) {
            let now = MonotonicClock.milliseconds
            storage.journal.watch(atMilliseconds: now)
            tellWhetherHeldUp(observer)
            let (due, isBeyond) = now.addingReportingOverflow(settings.watchIntervalMilliseconds)
            watchSignal.wait(untilMilliseconds: isBeyond ? .max : due)
        }
    }

    private func tellWhetherHeldUp(_ observer: Observer) {
        toldHeldUp.withLockedValue { told in
            let isHeldUp = storage.journal.isHeldUp
            guard isHeldUp != told else { return }
            told = isHeldUp
            observer.heldUp(isHeldUp)
        }
    }

    /// Events that came meanwhile have raised the signal, or are about to: whoever brought them knows whether more comes.
    private func dueWithMoreWaiting(atMilliseconds now: UInt64) -> UInt64 {
        guard storage.journal.state == .open else { return now }
        return min(now + Self.signalDelayMaxMilliseconds, storage.journal.dueMilliseconds(atMilliseconds: now))
    }

    private func takeSnapshots(_ observer: Observer) {
        var due = MonotonicClock.milliseconds + settings.snapshotIntervalMilliseconds
        var retryMilliseconds = Self.snapshotRetryMillisecondsMin
        let pace = pace()
        while !isStopping.load(ordering: .sequentiallyConsistent) {
            let isWanted = wanted.load(ordering: .sequentiallyConsistent) > storage.snapshots.begun
            let failure: SnapshotFailure?
            if let wayBack = storage.findWayBack(atMilliseconds: { MonotonicClock.milliseconds }) {
                // There may be something to write again, and somebody to be told.
                journalSignal.raise()
                failure = wayBack.failure
            } else if isWanted || MonotonicClock.milliseconds >= due {
                failure = storage.takeSnapshot(
                    atMilliseconds: { MonotonicClock.milliseconds },
                    pace: pace,
                    withJournal: runOnJournalThread
                )
            } else {
                snapshotSignal.wait(untilMilliseconds: min(due, storage.wayBackDueMilliseconds))
                continue
            }
            let now = MonotonicClock.milliseconds
            if let failure {
                due = now + min(retryMilliseconds, settings.snapshotIntervalMilliseconds)
                retryMilliseconds = min(2 * retryMilliseconds, settings.snapshotIntervalMilliseconds)
                observer.snapshotFailed(failure)
            } else {
                due = now + settings.snapshotIntervalMilliseconds
                retryMilliseconds = Self.snapshotRetryMillisecondsMin
                lastSnapshotMilliseconds.store(now, ordering: .relaxed)
                observer.snapshotTaken(storage.snapshots)
            }
        }
    }

    /// Has the journal's thread do something, and waits for it. That thread is favoured, and this one is not: it must not
    /// hold what the other one needs.
    private func runOnJournalThread(_ body: @escaping @Sendable () -> Void) {
        let job = Job(body: body, done: WakeSignal())
        jobs.withLockedValue { $0.append(job) }
        journalSignal.raise()
        job.done.wait(untilMilliseconds: .max)
    }

    private func threadEnded() {
        let continuation = ended.withLockedValue { ended -> CheckedContinuation<Void, Never>? in
            ended.threadCount += 1
            guard ended.threadCount == Self.threadCount else { return nil }
            defer { ended.continuation = nil }
            return ended.continuation
        }
        continuation?.resume()
    }
}
