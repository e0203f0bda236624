import MintmarkStorage
import NIOConcurrencyHelpers

/// Lets one thread wait until the audit log's has an event on the disk, or knows that it has not.
final class AuditCommitment: Sendable {
    private let isKept = NIOLockedValueBox<Bool?>(nil)
    private let signal = WakeSignal()

    /// Tells the outcome. The first one counts.
    func settle(_ isKept: Bool) {
        self.isKept.withLockedValue { $0 = $0 ?? isKept }
        signal.raise()
    }

    /// Waits until the outcome is known; nil: `MonotonicClock` has come to the deadline first.
    func wait(untilMilliseconds deadline: UInt64) -> Bool? {
        signal.wait(untilMilliseconds: deadline)
        return isKept.withLockedValue { $0 }
    }
}
