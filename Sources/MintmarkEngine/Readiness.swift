import NIOConcurrencyHelpers

/// Why the server is not ready: the one list that STATS and every probe reads. Lock-guarded.
package final class Readiness: Sendable {
    package enum Reason: String, CaseIterable, Sendable {
        /// Listeners are not bound yet.
        case starting
        /// A stop was asked for.
        case stopping
        /// The journal cannot be written.
        case storage
        /// The journal cannot be written because the disk is full.
        case storageFull = "storage_full"
        /// The disk does not answer, so what waits for the journal is not taken.
        case storageSlow = "storage_slow"
        /// The audit log cannot be written: administrative operations are refused.
        case audit
    }

    private let reasons: NIOLockedValueBox<Set<Reason>>

    package init(_ reasons: Set<Reason> = [.starting]) {
        self.reasons = NIOLockedValueBox(reasons)
    }

    package func add(_ reason: Reason) {
        reasons.withLockedValue { _ = $0.insert(reason) }
    }

    package func remove(_ reason: Reason) {
        reasons.withLockedValue { _ = $0.remove(reason) }
    }

    /// What stands in the way, in the order of their declaration; empty when ready.
    package var current: [Reason] {
        let reasons = reasons.withLockedValue { $0 }
        return Reason.allCases.filter(reasons.contains)
    }
}
