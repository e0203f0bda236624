/// Collects the second that is going on; confined to its thread.
struct IntervalRecorder {
    static let nanoseconds: Int64 = 1_000_000_000

    /// The second that is going on.
    var slice = IntervalSlice(second: 0)
    private(set) var endsAt: Int64
    private var response = LoadOperation.allCases.map { _ in LatencyHistogram(.seconds) }
    private var lag = LatencyHistogram(.seconds)

    init(start: Int64) {
        endsAt = start + Self.nanoseconds
    }

    @inline(__always)
    mutating func recordResponse(_ operation: LoadOperation, nanoseconds: Int64, times: Int = 1) {
        response[operation.rawValue].record(nanoseconds: nanoseconds, times: times)
        slice.completed[operation.rawValue] += times
    }

    @inline(__always)
    mutating func recordLag(nanoseconds: Int64) {
        lag.record(nanoseconds: nanoseconds)
    }

    /// Ends the second, and begins the next.
    mutating func close(inFlight: Int, connectionsOpen: Int) -> IntervalSlice {
        var closed = slice
        for index in response.indices where response[index].count > 0 {
            closed.response[index] = response[index].snapshot
            closed.responseNanosecondsMax = max(closed.responseNanosecondsMax, response[index].maxNanoseconds)
            response[index].reset()
        }
        if lag.count > 0 {
            closed.lag = lag.snapshot
            lag.reset()
        }
        closed.inFlight = inFlight
        closed.connectionsOpen = connectionsOpen
        slice = IntervalSlice(second: closed.second + 1)
        endsAt += Self.nanoseconds
        return closed
    }
}
