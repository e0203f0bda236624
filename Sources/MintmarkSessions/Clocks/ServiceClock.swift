/// The service clock: milliseconds this store has been serving, over all its starts.
///
/// Pure arithmetic on readings of the monotonic clock. It stands still while the store is not ready, so that neither a
/// downtime nor a long recovery uses up a grace window. A value; its owner serialises access.
package struct ServiceClock: Equatable, Sendable {
    /// The present reading.
    package private(set) var milliseconds: UInt64

    private var lastMonotonicMilliseconds: UInt64

    /// - Parameters:
    ///   - persistedMilliseconds: what the journal says the clock had reached; 0 for a new store.
    ///   - monotonicMilliseconds: the machine's monotonic clock now.
    package init(persistedMilliseconds: UInt64, monotonicMilliseconds: UInt64) {
        milliseconds = persistedMilliseconds
        lastMonotonicMilliseconds = monotonicMilliseconds
    }

    /// Moves the clock by what the monotonic clock has moved since the last reading if the store was ready, and gives
    /// the result. A monotonic clock that goes back moves nothing.
    @discardableResult
    package mutating func advance(monotonicMilliseconds: UInt64, isReady: Bool) -> UInt64 {
        if isReady, monotonicMilliseconds > lastMonotonicMilliseconds {
            milliseconds += monotonicMilliseconds - lastMonotonicMilliseconds
        }
        lastMonotonicMilliseconds = max(lastMonotonicMilliseconds, monotonicMilliseconds)
        return milliseconds
    }
}
