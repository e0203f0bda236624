import Glibc

/// When requests of an open loop are to be sent, whatever became of those before.
///
/// One sequence of instants for the whole run: the same seed gives the same sequence, however many threads share it.
struct ArrivalSchedule: Hashable, Sendable {
    /// How the pauses are distributed.
    enum Arrival: String, CaseIterable, Sendable {
        /// Exponentially, as independent callers come.
        case poisson
        /// All alike.
        case uniform
    }

    private let arrival: Arrival
    private let pauseNanosecondsMean: Double
    private var random: SeededRandom
    private var instant = 0.0

    init(_ arrival: Arrival, ratePerSecond: Double, seed: UInt64) {
        self.arrival = arrival
        pauseNanosecondsMean = 1e9 / ratePerSecond
        random = SeededRandom(seed: seed, purpose: 1)
    }

    /// The next instant: nanoseconds from the start of the schedule.
    mutating func next() -> Int64 {
        switch arrival {
        case .poisson: instant -= log(random.unit()) * pauseNanosecondsMean
        case .uniform: instant += pauseNanosecondsMean
        }
        return Int64(instant)
    }
}

/// One thread's part of a schedule: every n-th of its instants.
struct ScheduleShare: Hashable, Sendable {
    /// The share's next instant, in nanoseconds from the start of the schedule.
    private(set) var next: Int64

    private var schedule: ArrivalSchedule
    private let sharesCount: Int

    init(_ schedule: ArrivalSchedule, share: Int, of sharesCount: Int) {
        self.schedule = schedule
        self.sharesCount = sharesCount
        next = 0
        for _ in 0...share {
            next = self.schedule.next()
        }
    }

    mutating func advance() {
        for _ in 0..<sharesCount {
            next = schedule.next()
        }
    }

    /// Takes everything up to an instant; returns how many there were.
    mutating func skip(through instant: Int64) -> Int {
        var count = 0
        while next < instant {
            count += 1
            advance()
        }
        return count
    }
}
