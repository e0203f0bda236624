package import MintmarkCrypto
package import MintmarkSessions
import NIOConcurrencyHelpers
import Synchronization

/// The journal in its files: takes events from any thread, and writes them when ``commit(atMilliseconds:)`` is called.
///
/// Three locks: one guards the events that wait, and is held for as long as it takes to copy one; another is the
/// writer's, and is held while it writes and syncs, so whoever needs a new segment or everything durable simply takes
/// its turn; the third guards a copy of what may be known of the writer. The writer's may be held when one of the others
/// is taken, never the reverse. Nothing that answers requests takes the writer's.
package final class FileJournal: SessionJournal {
    /// A commit that takes longer holds up the store: the time until it ends is none during which it serves, and changes
    /// are refused.
    package static let lagMillisecondsMax: UInt64 = 1_000

    /// Who is told of an advance. In a type of its own: a bare closure that is lent out by a generic lock is wrapped once
    /// more each time.
    private struct Observer {
        var told: @Sendable (LogSequenceNumber, _ serviceMilliseconds: UInt64) -> Void = { _, _ in }
    }

    private struct Reopening {
        var appendHeldCutOffs: @Sendable (FileJournal) -> Void = { _ in }
    }

    /// What became of the files.
    package enum State: Equatable, Sendable {
        /// Not begun yet, or ended.
        case closed
        case open
        /// There is no room, or a new segment could not be made. Nothing was lost: it is tried again.
        case stalled(StorageFault)
        /// A write or sync failed: only a snapshot and a new segment lead on.
        case failed(StorageFault)
    }

    /// What may be known of the writer without waiting for it.
    private struct Facts {
        var state = State.closed
        var counters = JournalCounters()
    }

    let settings: Settings
    /// How long the disk took to sync what was written.
    package let syncDurations = DurationHistogram()
    private let writer: NIOLockedValueBox<JournalWriter>
    let queue = NIOLockedValueBox(JournalQueue())
    /// Published whenever the writer's lock is given back. Held for as long as it takes to copy them.
    private let facts = NIOLockedValueBox(Facts())

    private let last = Atomic<UInt64>(0)
    private let durable = Atomic<UInt64>(0)
    private let writable = Atomic<Bool>(false)
    private let advancing = Atomic<Bool>(false)
    private let refused = Atomic<UInt64>(0)
    /// When what is being written and synced now began to be; `UInt64.max`: nothing is.
    private let busySince = Atomic<UInt64>(.max)
    private let observer = NIOLockedValueBox(Observer())
    private let reopening = NIOLockedValueBox(Reopening())
    private let wake: @Sendable () -> Void

    /// - Parameters:
    ///   - wake: called for every event that waits for ``commit(atMilliseconds:)``. It runs under the lock of a shard or
    ///     table: it must be quick, and must not call the store.
    package init(
        in directory: any StorageDirectory,
        settings: Settings = Settings(),
        random: any RandomSource,
        wake: @escaping @Sendable () -> Void
    ) {
        let segmentByteCounts = Self.segmentByteCountMin...Self.segmentByteCountMax
        precondition(segmentByteCounts.contains(settings.segmentByteCount), "segments of \(settings.segmentByteCount)")
        self.settings = settings
        self.wake = wake
        writer = NIOLockedValueBox(
            JournalWriter(directory: directory, settings: settings, syncDurations: syncDurations, random: random)
        )
    }

    // MARK: SessionJournal

    package func append(_ event: RawSpan, isAlwaysSynced: Bool) -> LogSequenceNumber? {
        let (lsn, waits) = queue.withLockedValue { queue -> (LogSequenceNumber?, Bool) in
            guard takes(event, isAlwaysSynced: isAlwaysSynced, queue) else {
                if isAlwaysSynced {
                    refused.add(1, ordering: .relaxed)
                }
                return (nil, false)
            }
            let lsn = queue.lastLSN.next
            queue.lastLSN = lsn
            last.store(lsn.rawValue, ordering: .releasing)
            guard isAlwaysSynced || settings.mode != .snapshot else {
                publishUnwritten(&queue)
                return (lsn, false)
            }
            queue.append(event, at: lsn, isAlwaysSynced: isAlwaysSynced)
            return (lsn, true)
        }
        if waits {
            wake()
        }
        return lsn
    }

    private func takes(_ event: RawSpan, isAlwaysSynced: Bool, _ queue: borrowing JournalQueue) -> Bool {
        switch queue.acceptance {
        case .nothing: false
        // There are no more than their table has, and none must be left behind.
        case .cutOffs: JournalEvent.isCutOff(event)
        case .everything where queue.isHeldUp && !isAlwaysSynced: false
        case .everything: queue.byteCount + event.byteCount <= settings.waitingByteCountMax
        }
    }

    package var lastLSN: LogSequenceNumber {
        LogSequenceNumber(last.load(ordering: .acquiring))
    }

    /// How many events were not durable at one moment of the call.
    package var lagEvents: UInt64 {
        // Only if nothing became durable meanwhile do the two numbers belong together: whoever is interrupted between
        // them would count what was taken since, though it is durable by now.
        var durable = durableLSN
        while true {
            let last = lastLSN
            let durableSince = durableLSN
            if durableSince == durable { return last.rawValue - durable.rawValue }
            durable = durableSince
        }
    }

    package var durableLSN: LogSequenceNumber {
        LogSequenceNumber(durable.load(ordering: .acquiring))
    }

    package var isWritable: Bool {
        writable.load(ordering: .acquiring)
    }

    package var mayAdvance: Bool {
        advancing.load(ordering: .acquiring)
    }

    package func onAdvance(_ observer: @escaping @Sendable (LogSequenceNumber, UInt64) -> Void) {
        self.observer.withLockedValue { $0.told = observer }
    }

    /// Registers what appends the cut-offs that hold in memory only. It is called with this journal, outside of all locks,
    /// when it can be written to again, before anything else is taken.
    package func onReopening(_ appendHeldCutOffs: @escaping @Sendable (FileJournal) -> Void) {
        reopening.withLockedValue { $0.appendHeldCutOffs = appendHeldCutOffs }
    }

    /// Whether the store serves: changes are taken, and the disk does not hold up their answers.
    ///
    /// - Parameter now: milliseconds of the clock that ``commit(atMilliseconds:)`` is given.
    package func isServing(atMilliseconds now: UInt64) -> Bool {
        guard isWritable else { return false }
        let since = busySince.load(ordering: .acquiring)
        return since == .max || now < since + Self.lagMillisecondsMax
    }

    /// Takes note of a disk that has not answered for ``lagMillisecondsMax``. From then on until it does, changes are
    /// refused; revocations and cut-offs, which hold in any case, are taken. To be called now and then; never waits for
    /// the disk.
    ///
    /// - Parameter now: milliseconds of the clock that ``commit(atMilliseconds:)`` is given.
    package func watch(atMilliseconds now: UInt64) {
        queue.withLockedValue { queue in
            let since = busySince.load(ordering: .acquiring)
            guard since != .max, now >= since + Self.lagMillisecondsMax else { return }
            hold(true, &queue)
        }
    }

    /// Whether changes are refused because the disk does not answer.
    package var isHeldUp: Bool {
        queue.withLockedValue(\.isHeldUp)
    }

    /// How many events were not taken that hold all the same: revocations and cut-offs. Counted before
    /// ``append(_:isAlwaysSynced:)`` returns.
    package var refusedCount: UInt64 {
        refused.load(ordering: .acquiring)
    }

    /// What became of the files; never waits for the disk.
    package var state: State {
        facts.withLockedValue(\.state)
    }

    /// Never waits for the disk.
    package var counters: JournalCounters {
        facts.withLockedValue(\.counters)
    }

    // MARK: For the writer

    /// Does something that events may have to wait for; ``isServing(atMilliseconds:)`` looks at how long it takes.
    func busy<Value, Failure: Error>(
        fromMilliseconds now: UInt64,
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let (isOutermost, _) = busySince.compareExchange(expected: .max, desired: now, ordering: .acquiringAndReleasing)
        defer {
            if isOutermost {
                // Under the lock, so that nobody finds it busy and then holds it up when it is not any more.
                queue.withLockedValue { queue in
                    busySince.store(.max, ordering: .releasing)
                    hold(false, &queue)
                }
            }
        }
        return try body()
    }

    /// Does something under the writer's lock, and publishes what became of it.
    func withWriter<Value, Failure: Error>(
        _ body: (inout JournalWriter) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        // The lock's own function cannot say what it throws.
        let result = writer.withLockedValue { writer -> Result<Value, Failure> in
            defer {
                let facts = Facts(state: writer.state, counters: writer.counters)
                self.facts.withLockedValue { $0 = facts }
            }
            do throws(Failure) {
                return .success(try body(&writer))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Tells the observer how things stand.
    func notify(serviceMilliseconds: UInt64) {
        observer.withLockedValue { $0 }.told(durableLSN, serviceMilliseconds)
    }

    /// Lets answers leave that wait for numbers up to `lsn`.
    func publish(_ lsn: LogSequenceNumber) {
        durable.max(lsn.rawValue, ordering: .acquiringAndReleasing)
    }

    /// Takes from now on what is said.
    func accept(_ acceptance: JournalQueue.Acceptance, _ queue: inout JournalQueue) {
        queue.acceptance = acceptance
        publishAcceptance(queue)
    }

    private func hold(_ isHeldUp: Bool, _ queue: inout JournalQueue) {
        guard queue.isHeldUp != isHeldUp else { return }
        queue.isHeldUp = isHeldUp
        publishAcceptance(queue)
    }

    private func publishAcceptance(_ queue: borrowing JournalQueue) {
        let takesEverything = queue.acceptance == .everything
        advancing.store(takesEverything, ordering: .releasing)
        writable.store(takesEverything && !queue.isHeldUp, ordering: .releasing)
    }

    /// Takes events again after a time in which nothing was taken, the cut-offs made meanwhile before all others: a
    /// session that is opened from now on is none of theirs.
    func acceptAgain() {
        reopening.withLockedValue { $0 }.appendHeldCutOffs(self)
        queue.withLockedValue { queue in
            // Unless it has failed once more.
            if queue.acceptance == .cutOffs {
                publishUnwritten(&queue)
                accept(.everything, &queue)
            }
        }
    }

    /// Skips numbers: the next one given is above `lsn`.
    func skip(to lsn: LogSequenceNumber, _ queue: inout JournalQueue) {
        queue.lastLSN = max(queue.lastLSN, lsn)
        last.max(queue.lastLSN.rawValue, ordering: .acquiringAndReleasing)
    }

    /// Counts numbers as durable for which nothing is written, as far as no event before them has to be: they were
    /// skipped, or their events are not written in this mode.
    func publishUnwritten(_ queue: inout JournalQueue) {
        guard queue.isEmpty, queue.underWay == nil else { return }
        publish(queue.lastLSN)
    }
}
