/// Growing pauses with jitter: a random time between one half and the whole of a span that doubles with every failure.
struct Backoff: Sendable {
    /// The span behind the first failure.
    let initialNanoseconds: UInt64
    /// The greatest span.
    let maxNanoseconds: UInt64

    init(initialNanoseconds: UInt64, maxNanoseconds: UInt64) {
        self.initialNanoseconds = min(initialNanoseconds, maxNanoseconds)
        self.maxNanoseconds = maxNanoseconds
    }

    /// How long to wait behind so many failures in a row.
    func nanoseconds(afterFailures failures: Int, using generator: inout some RandomNumberGenerator) -> UInt64 {
        let span = span(afterFailures: failures)
        return span / 2 + UInt64.random(in: 0...span - span / 2, using: &generator)
    }

    /// The longest pause behind so many failures in a row.
    func span(afterFailures failures: Int) -> UInt64 {
        let doublings = max(0, failures - 1)
        guard doublings < initialNanoseconds.leadingZeroBitCount else {
            return initialNanoseconds == 0 ? 0 : maxNanoseconds
        }
        return min(initialNanoseconds << UInt64(doublings), maxNanoseconds)
    }
}
