/// One second of a run, of one thread or of all together.
struct IntervalSlice: Sendable {
    /// Which second, from 0 at the run's start; the last one may be shorter.
    var second: Int
    /// By the operation's raw value: right answers.
    var completed = LoadOperation.allCases.map { _ in 0 }
    /// Requests that came to be due and were sent, skipped or found no session.
    var offered = 0
    var sent = 0
    /// Requests that did not end as they should.
    var failed = 0
    /// What went wrong, by its name.
    var errors: [String: Int] = [:]
    /// By the operation's raw value: response times, to two digits.
    var response = LoadOperation.allCases.map { _ in HistogramSnapshot(.seconds) }
    /// How late requests were sent.
    var lag = HistogramSnapshot(.seconds)
    var responseNanosecondsMax: UInt64 = 0
    /// At the end of the second.
    var inFlight = 0
    var connectionsOpen = 0

    init(second: Int) {
        self.second = second
    }

    /// All operations together.
    var completedCount: Int { completed.reduce(0, +) }

    var allResponse: HistogramSnapshot {
        response.reduce(into: HistogramSnapshot(.seconds)) { $0.add($1) }
    }

    /// Adds another thread's part of the same second.
    mutating func add(_ other: IntervalSlice) {
        for index in completed.indices {
            completed[index] += other.completed[index]
            response[index].add(other.response[index])
        }
        offered += other.offered
        sent += other.sent
        failed += other.failed
        errors.merge(other.errors) { $0 + $1 }
        lag.add(other.lag)
        responseNanosecondsMax = max(responseNanosecondsMax, other.responseNanosecondsMax)
        inFlight += other.inFlight
        connectionsOpen += other.connectionsOpen
    }

    /// The parts of all threads, second by second, in order.
    static func merged(_ slices: [IntervalSlice]) -> [IntervalSlice] {
        var seconds: [Int: IntervalSlice] = [:]
        for slice in slices {
            seconds[slice.second, default: IntervalSlice(second: slice.second)].add(slice)
        }
        return seconds.values.sorted { $0.second < $1.second }
    }
}
