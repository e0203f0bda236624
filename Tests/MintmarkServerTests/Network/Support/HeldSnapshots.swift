import Foundation
import MintmarkEngine

/// Takes snapshots in name only: they are published, or fail, on command. Thread-safe.
///
/// Tests wait for what the server asked for instead of sleeping.
final class HeldSnapshots: SnapshotRequests, @unchecked Sendable {
    // Unchecked: everything below is guarded by `condition`.
    private let condition = NSCondition()
    private var last = SnapshotNumber.zero
    private var current = SnapshotProgress()
    private var atOnce: SnapshotProgress.Outcome?
    private var observer: (@Sendable () -> Void)?

    /// - Parameter atOnce: what becomes of every snapshot before its number is given; nil: what the test says.
    init(atOnce: SnapshotProgress.Outcome? = nil) {
        self.atOnce = atOnce
    }

    func request() -> SnapshotNumber {
        condition.withLock {
            last = last.next
            if let atOnce { settle(last, atOnce) }
            condition.broadcast()
            return last
        }
    }

    var progress: SnapshotProgress { condition.withLock { current } }
    var requestedCount: Int { condition.withLock { Int(last.rawValue) } }

    func onChange(_ observer: @escaping @Sendable () -> Void) {
        condition.withLock { self.observer = observer }
    }

    /// Waits until that many snapshots were asked for; false when that takes longer than any healthy server needs.
    func awaitRequests(_ count: Int) -> Bool {
        let end = Date(timeIntervalSinceNow: RawClient.patienceSeconds)
        return condition.withLock {
            while last.rawValue < UInt64(count) {
                guard condition.wait(until: end) else { return false }
            }
            return true
        }
    }

    /// Publishes the snapshots up to this number, or all that were asked for.
    func publish(through number: UInt64? = nil) {
        tell { settle(number.map { SnapshotNumber($0) } ?? last, .published) }
    }

    /// Fails the same that are not settled.
    func fail(through number: UInt64? = nil) {
        tell { settle(number.map { SnapshotNumber($0) } ?? last, .failed) }
    }

    /// Publishes the first so many, and fails the others up to `settled`, before anybody is told.
    func settle(published: UInt64, settled: UInt64) {
        tell { current = SnapshotProgress(published: SnapshotNumber(published), settled: SnapshotNumber(settled)) }
    }

    private func settle(_ number: SnapshotNumber, _ outcome: SnapshotProgress.Outcome) {
        let published = outcome == .published ? max(number, current.published) : current.published
        current = SnapshotProgress(published: published, settled: max(number, current.settled))
    }

    private func tell(_ change: () -> Void) {
        let observer = condition.withLock {
            change()
            return self.observer
        }
        observer?()
    }
}
