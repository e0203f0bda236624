import Foundation
import MintmarkSessions

/// A journal whose events become durable on command, and that fails on command. Thread-safe.
///
/// Tests wait for what the server appended instead of sleeping.
final class HeldJournal: SessionJournal, @unchecked Sendable {
    // Unchecked: everything below is guarded by `condition`.
    private let condition = NSCondition()
    private let serviceMilliseconds: @Sendable () -> UInt64
    private var last = LogSequenceNumber.zero
    private var durable = LogSequenceNumber.zero
    private var hasFailed = false
    private var observer: (@Sendable (LogSequenceNumber, UInt64) -> Void)?

    init(serviceMilliseconds: @escaping @Sendable () -> UInt64) {
        self.serviceMilliseconds = serviceMilliseconds
    }

    func append(_ event: RawSpan, isAlwaysSynced: Bool) -> LogSequenceNumber? {
        condition.withLock {
            guard !hasFailed else { return nil }
            last = last.next
            condition.broadcast()
            return last
        }
    }

    var lastLSN: LogSequenceNumber { condition.withLock { last } }
    var durableLSN: LogSequenceNumber { condition.withLock { durable } }
    var isWritable: Bool { condition.withLock { !hasFailed } }
    var appendedCount: Int { Int(lastLSN.rawValue) }

    func onAdvance(_ observer: @escaping @Sendable (LogSequenceNumber, UInt64) -> Void) {
        condition.withLock { self.observer = observer }
    }

    /// Waits until that many events were appended; false when that takes longer than any healthy server needs.
    func awaitAppends(_ count: Int) -> Bool {
        let end = Date(timeIntervalSinceNow: RawClient.patienceSeconds)
        return condition.withLock {
            while last.rawValue < UInt64(count) {
                guard condition.wait(until: end) else { return false }
            }
            return true
        }
    }

    /// Makes everything up to `lsn` durable, or everything so far.
    func release(through lsn: LogSequenceNumber? = nil) {
        tell { durable = max(durable, lsn ?? last) }
    }

    func fail() {
        tell { hasFailed = true }
    }

    func recover() {
        tell { hasFailed = false }
    }

    private func tell(_ change: () -> Void) {
        let (observer, durable) = condition.withLock {
            change()
            return (self.observer, self.durable)
        }
        observer?(durable, serviceMilliseconds())
    }
}
