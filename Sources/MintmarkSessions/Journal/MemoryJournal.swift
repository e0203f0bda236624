import Synchronization

/// A journal that keeps nothing: every event is as durable at once as it will ever be. For a store without files.
///
/// One atomic number; safe to share between threads.
package final class MemoryJournal: SessionJournal {
    private let last: Atomic<UInt64>

    /// - Parameter lastLSN: the number before the first one given.
    package init(lastLSN: LogSequenceNumber = .zero) {
        last = Atomic(lastLSN.rawValue)
    }

    package func append(_ event: RawSpan, isAlwaysSynced: Bool) -> LogSequenceNumber? {
        LogSequenceNumber(last.add(1, ordering: .sequentiallyConsistent).newValue)
    }

    package var lastLSN: LogSequenceNumber {
        LogSequenceNumber(last.load(ordering: .sequentiallyConsistent))
    }

    package var durableLSN: LogSequenceNumber {
        lastLSN
    }

    package var isWritable: Bool {
        true
    }

    /// Durability never lags behind here, so there is nothing to tell.
    package func onAdvance(_ observer: @escaping @Sendable (LogSequenceNumber, UInt64) -> Void) {}
}
