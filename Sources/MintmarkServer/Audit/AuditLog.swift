import Logging
import MintmarkEngine
import MintmarkStorage
import NIOConcurrencyHelpers
import Synchronization

/// The audit log: JSON lines in a file of their own, written by a thread of their own.
///
/// Events wait in a queue that is bounded in bytes, so that nobody who records one waits for a disk. While the file
/// cannot be written the queue keeps them and the thread tries again; what comes when it is full is counted, and a line
/// tells how many there were. Safe to share between threads.
///
/// What an administrator is about to do is another matter: it is done when it is on the disk. Who commits it waits for
/// the thread, for a bounded time. The wait is the event loop's: administration is rare, its line is synced within
/// milliseconds where the disk is sound, and nothing can then be done that the log does not hold.
final class AuditLog: AuditTrail {
    /// What the queue may hold; see `AuditEvent.byteCount`.
    static let queuedBytesMax = 4 << 20
    /// What callers alone can bring about fills only a part of it: they cannot crowd out what administrators do.
    static let callersQueuedBytesMax = 3 << 20
    /// Until a file that could not be written is tried again, and refusals are of another second.
    private static let pauseMilliseconds: UInt64 = 1_000

    /// How long an event loop waits until what an administrator is about to do is on the disk. A log that takes longer
    /// counts as one that cannot be written, until it has written again: a disk that hangs makes nobody wait twice.
    static let commitMillisecondsMax: UInt64 = 250

    private struct Entry: Sendable {
        var event: AuditEvent
        var wallMilliseconds: UInt64
        /// Waits until it is on the disk.
        var commitment: AuditCommitment?
    }

    private struct State {
        var queue: [Entry] = []
        var queuedBytes = 0
        /// Since the last line that told of it.
        var lostCount: UInt64 = 0
        var refusals = RefusalBudget()
        var wantsReopening = false
        var isStopping = false
        var ended: CheckedContinuation<Void, Never>?
        var hasEnded = false
        /// Why the last lines could not be written, when the thread ended; nil: they were.
        var lastFault: AuditFault?

        /// Queues an entry, unless there is no room, or it is a refusal like too many others in its second.
        mutating func keep(_ entry: Entry) -> Fate {
            tellLeftOut(before: entry.wallMilliseconds)
            guard !entry.event.name.isRefusal || refusals.take(entry.event) else {
                return .leftOut
            }
            return append(entry) ? .queued : .lost
        }

        /// Queues what tells of refusals that were left out of seconds that are over; when there is no other one, of this.
        mutating func tellLeftOut(before wallMilliseconds: UInt64, isLast: Bool = false) {
            for event in refusals.begin(second: isLast ? .max : wallMilliseconds / 1_000) {
                _ = append(Entry(event: event, wallMilliseconds: wallMilliseconds))
            }
        }

        /// Whether the entry found room; else it is counted as lost.
        private mutating func append(_ entry: Entry) -> Bool {
            let byteCount = entry.event.byteCount
            let isAdministrative = entry.event.isAdministrative
            guard
                queuedBytes + byteCount <= (isAdministrative ? AuditLog.queuedBytesMax : AuditLog.callersQueuedBytesMax)
            else {
                lostCount += 1
                return false
            }
            queue.append(entry)
            queuedBytes += byteCount
            return true
        }
    }

    /// What becomes of an event.
    private enum Fate {
        case queued
        /// A line tells how many there were.
        case leftOut
        /// A line tells how many there were when there is room again.
        case lost
    }

    private let state = NIOLockedValueBox(State())
    private let signal = WakeSignal()
    private let isFileWritable = Atomic(true)
    private let isQueueFull = Atomic(false)
    private let recorded = Atomic<UInt64>(0)
    private let lost = Atomic<UInt64>(0)
    private let failures = Atomic<UInt64>(0)
    private let commitMillisecondsMax: UInt64
    private let readWallMilliseconds: @Sendable () -> UInt64

    init(
        commitMillisecondsMax: UInt64 = AuditLog.commitMillisecondsMax,
        wallMilliseconds: @escaping @Sendable () -> UInt64 = { ServerClock.wallMilliseconds }
    ) {
        self.commitMillisecondsMax = commitMillisecondsMax
        readWallMilliseconds = wallMilliseconds
    }

    // MARK: Recording

    var isWritable: Bool {
        isFileWritable.load(ordering: .relaxed) && !isQueueFull.load(ordering: .relaxed)
    }

    func record(_ event: AuditEvent) {
        keep(Entry(event: event, wallMilliseconds: readWallMilliseconds()))
    }

    func commit(_ event: AuditEvent) -> Bool {
        let commitment = AuditCommitment()
        keep(Entry(event: event, wallMilliseconds: readWallMilliseconds(), commitment: commitment))
        if let isKept = commitment.wait(untilMilliseconds: MonotonicClock.milliseconds + commitMillisecondsMax) {
            return isKept
        }
        isFileWritable.store(false, ordering: .relaxed)
        // Behind the store: the thread looks once more, and takes it back when the file can be written.
        signal.raise()
        return false
    }

    private func keep(_ entry: Entry) {
        let fate = state.withLockedValue { state in
            let fate = state.hasEnded ? .lost : state.keep(entry)
            if fate == .lost, entry.event.isAdministrative {
                // Under the lock, so that a thread that has just made room does not take back what came later.
                isQueueFull.store(true, ordering: .relaxed)
            }
            return fate
        }
        switch fate {
        case .queued:
            recorded.add(1, ordering: .relaxed)
            signal.raise()
        case .leftOut:
            // Those that were queued before it have woken the thread, and it looks again when their second is over.
            break
        case .lost:
            lost.add(1, ordering: .relaxed)
            entry.commitment?.settle(false)
        }
    }

    /// Closes the file and opens what has its name now: another one, after a rotation of logs.
    func reopen() {
        state.withLockedValue { $0.wantsReopening = true }
        signal.raise()
    }

    // MARK: Counters

    var recordedCount: UInt64 { recorded.load(ordering: .relaxed) }
    var lostCount: UInt64 { lost.load(ordering: .relaxed) }
    var failureCount: UInt64 { failures.load(ordering: .relaxed) }

    // MARK: The thread

    /// Begins to write.
    ///
    /// - Parameter changed: called on the log's thread when the file could not be written, with the reason, and when it
    ///   can again.
    func start(
        _ sink: any AuditSink,
        open: @escaping @Sendable () throws(AuditFault) -> any AuditSink,
        changed: @escaping @Sendable (AuditFault?) -> Void
    ) {
        SystemThread.start(name: "audit", isInBackground: false) { [self] in
            run(AuditWriter(sink: sink, open: open), changed)
            end()
        }
    }

    /// Writes what is queued, once more if need be, and ends the thread. Returns why that could not be done, and lines are
    /// lost; nil: it was.
    @discardableResult
    func stop() async -> AuditFault? {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLockedValue { state in
                state.isStopping = true
                guard !state.hasEnded else { return true }
                state.ended = continuation
                return false
            }
            signal.raise()
            if hasEnded {
                continuation.resume()
            }
        }
        return state.withLockedValue(\.lastFault)
    }

    private func run(_ writer: consuming AuditWriter, _ changed: (AuditFault?) -> Void) {
        var fault: AuditFault?
        while true {
            let (isReopening, isStopping) = takeOrders()
            let newFault = work(&writer, isReopening: isReopening, isStopping: isStopping)
            isFileWritable.store(newFault == nil, ordering: .relaxed)
            if newFault != fault {
                if newFault != nil {
                    failures.add(1, ordering: .relaxed)
                }
                changed(newFault)
                fault = newFault
            }
            if isStopping {
                state.withLockedValue { $0.lastFault = fault }
                return
            }
            let isToLookAgain = fault != nil || !state.withLockedValue { $0.refusals.isEmpty }
            let isDue = isToLookAgain ? MonotonicClock.milliseconds + Self.pauseMilliseconds : .max
            signal.wait(untilMilliseconds: isDue)
        }
    }

    private func work(_ writer: inout AuditWriter, isReopening: Bool, isStopping: Bool) -> AuditFault? {
        do throws(AuditFault) {
            if isReopening {
                try writer.reopen()
            }
            // What could not be written goes first, so that nothing piles up behind the bounded queue.
            try writer.flush()
            let commitments = takeQueue(into: &writer, isStopping: isStopping)
            defer {
                // Of those that are settled already nothing changes.
                for commitment in commitments { commitment.settle(false) }
            }
            try writer.flush()
            for commitment in commitments { commitment.settle(true) }
            return nil
        } catch {
            refuseCommitments()
            return error
        }
    }

    private func takeOrders() -> (isReopening: Bool, isStopping: Bool) {
        state.withLockedValue { state in
            defer { state.wantsReopening = false }
            return (state.wantsReopening, state.isStopping)
        }
    }

    /// Who waits while the file cannot be written is told at once.
    private func refuseCommitments() {
        let waiting = state.withLockedValue { state in state.queue.compactMap(\.commitment) }
        for commitment in waiting { commitment.settle(false) }
    }

    /// Hands the queue to the writer; returns those that wait for what is in it.
    private func takeQueue(into writer: inout AuditWriter, isStopping: Bool) -> [AuditCommitment] {
        let now = readWallMilliseconds()
        let (entries, lostCount) = state.withLockedValue { state in
            state.tellLeftOut(before: now, isLast: isStopping)
            defer {
                state.queue.removeAll()
                state.queuedBytes = 0
                state.lostCount = 0
                isQueueFull.store(false, ordering: .relaxed)
            }
            return (state.queue, state.lostCount)
        }
        for entry in entries {
            let event = entry.event
            writer.add(event, wallMilliseconds: entry.wallMilliseconds, synchronizes: event.isAdministrative)
        }
        if lostCount > 0 {
            var event = AuditEvent(.eventsLost)
            event.facts = [AuditEvent.Fact("count", lostCount)]
            writer.add(event, wallMilliseconds: now, synchronizes: false)
        }
        return entries.compactMap(\.commitment)
    }

    private func end() {
        let continuation = state.withLockedValue { state in
            state.hasEnded = true
            defer { state.ended = nil }
            return state.ended
        }
        continuation?.resume()
    }
}

extension AuditEvent {
    /// What administrators and the server itself do: the disk is made to keep these lines at once. What other callers do
    /// is too much for that, and follows with the next such event or when the system writes it back.
    fileprivate var isAdministrative: Bool {
        switch name {
        case .sessionOpened, .refreshTokenReused, .refreshTokenForeign: false
        case .callerRefused, .callerGone, .operationRefused, .refusalsLeftOut: false
        case .revoked: isByAdministrator
        case .started, .stopped, .reloaded, .reloadRefused, .operationBegun, .rotationForced, .snapshotRequested,
            .keyPrepared, .keyActivated, .keyRetired, .keyRevoked, .keyRemoved, .keyImported, .eventsLost:
            true
        }
    }
}

extension AuditEvent.Name {
    /// What somebody can bring about who is no caller at all.
    fileprivate var isRefusal: Bool {
        self == .callerRefused || self == .operationRefused
    }
}
