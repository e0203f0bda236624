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
final class AuditLog: AuditTrail {
    /// What the queue may hold; see `AuditEvent.byteCount`.
    static let queuedBytesMax = 4 << 20
    /// What callers alone can bring about fills only a part of it: they cannot crowd out what administrators do.
    static let callersQueuedBytesMax = 3 << 20
    /// Until a file that could not be written is tried again, and refusals are of another second.
    private static let pauseMilliseconds: UInt64 = 1_000

    private struct Entry: Sendable {
        var event: AuditEvent
        var wallMilliseconds: UInt64
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
            let isAdministrative = entry.event.name.isAdministrative
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
    private let readWallMilliseconds: @Sendable () -> UInt64

    init(wallMilliseconds: @escaping @Sendable () -> UInt64 = { ServerClock.wallMilliseconds }) {
        readWallMilliseconds = wallMilliseconds
    }

    // MARK: Recording

    var isWritable: Bool {
        isFileWritable.load(ordering: .relaxed) && !isQueueFull.load(ordering: .relaxed)
    }

    func record(_ event: AuditEvent) {
        let entry = Entry(event: event, wallMilliseconds: readWallMilliseconds())
        switch state.withLockedValue({ $0.keep(entry) }) {
        case .queued:
            recorded.add(1, ordering: .relaxed)
            signal.raise()
        case .leftOut:
            // Those that were queued before it have woken the thread, and it looks again when their second is over.
            break
        case .lost:
            lost.add(1, ordering: .relaxed)
            if event.name.isAdministrative {
                isQueueFull.store(true, ordering: .relaxed)
            }
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

    /// Writes what is queued, once more if need be, and ends the thread.
    func stop() async {
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
            takeQueue(into: &writer, isStopping: isStopping)
            try writer.flush()
            return nil
        } catch {
            return error
        }
    }

    private func takeOrders() -> (isReopening: Bool, isStopping: Bool) {
        state.withLockedValue { state in
            defer { state.wantsReopening = false }
            return (state.wantsReopening, state.isStopping)
        }
    }

    private func takeQueue(into writer: inout AuditWriter, isStopping: Bool) {
        let now = readWallMilliseconds()
        let (entries, lostCount) = state.withLockedValue { state in
            state.tellLeftOut(before: now, isLast: isStopping)
            defer {
                state.queue.removeAll()
                state.queuedBytes = 0
                state.lostCount = 0
            }
            return (state.queue, state.lostCount)
        }
        for entry in entries {
            let event = entry.event
            writer.add(event, wallMilliseconds: entry.wallMilliseconds, synchronizes: event.name.isAdministrative)
        }
        if lostCount > 0 {
            var event = AuditEvent(.eventsLost)
            event.facts = [AuditEvent.Fact("count", "\(lostCount)")]
            writer.add(event, wallMilliseconds: now, synchronizes: false)
            isQueueFull.store(false, ordering: .relaxed)
        }
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

extension AuditEvent.Name {
    /// What administrators and the server itself do: the disk is made to keep these lines at once. Logins are too many
    /// for that, and follow with the next such event or when the system writes them back.
    fileprivate var isAdministrative: Bool {
        switch self {
        case .sessionOpened, .refreshTokenReused, .refreshTokenForeign: false
        case .callerRefused, .callerGone, .operationRefused, .refusalsLeftOut: false
        case .started, .stopped, .reloaded, .reloadRefused, .revoked, .rotationForced, .snapshotRequested,
            .keyPrepared, .keyActivated, .keyRetired, .keyRevoked, .keyRemoved, .keyImported, .eventsLost:
            true
        }
    }

    /// What somebody can bring about who is no caller at all.
    fileprivate var isRefusal: Bool {
        self == .callerRefused || self == .operationRefused
    }
}
