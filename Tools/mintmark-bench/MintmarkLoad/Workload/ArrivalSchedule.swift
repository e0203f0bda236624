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

    /// A time in which the rate is another one.
    struct Spike: Hashable, Sendable {
        var perSecond: Double
        /// From the start of the schedule.
        var startNanoseconds: Int64
        var nanoseconds: Int64
    }

    private let arrival: Arrival
    private let startPerNanosecond: Double
    /// By how much the rate grows in a nanosecond, in requests per nanosecond.
    private let growth: Double
    /// How many requests are due on average up to the last instant.
    private var mass = 0.0
    /// Where the ramp ends, and how many requests are due up to there.
    private let rampNanoseconds: Double
    private let rampMass: Double
    private let endPauseNanoseconds: Double
    private let spike: Spike?
    private var random: SeededRandom

    /// - Parameters:
    ///   - ramp: The rate that the first one grows to evenly, and in how long; it stays there. Nil: it stays as it is.
    ///   - spike: When the rate is another one. Goes with no ramp.
    init(
        _ arrival: Arrival,
        ratePerSecond: Double,
        ramp: (toPerSecond: Double, nanoseconds: Int64)? = nil,
        spike: Spike? = nil,
        seed: UInt64
    ) {
        precondition(ramp == nil || spike == nil, "a rate grows evenly or jumps")
        self.spike = spike
        self.arrival = arrival
        startPerNanosecond = ratePerSecond / 1e9
        let endPerNanosecond = (ramp?.toPerSecond ?? ratePerSecond) / 1e9
        endPauseNanoseconds = 1e9 / (ramp?.toPerSecond ?? ratePerSecond)
        rampNanoseconds = Double(ramp?.nanoseconds ?? 0)
        growth = ramp == nil ? 0 : (endPerNanosecond - startPerNanosecond) / rampNanoseconds
        rampMass = (startPerNanosecond + endPerNanosecond) / 2 * rampNanoseconds
        random = SeededRandom(seed: seed, purpose: 1)
    }

    /// The next instant: nanoseconds from the start of the schedule.
    mutating func next() -> Int64 {
        switch arrival {
        case .poisson: mass -= log(random.unit())
        case .uniform: mass += 1
        }
        return Int64(instant)
    }

    /// When so many requests are due on average: what the rate adds up to, turned round.
    private var instant: Double {
        if let spike { return instant(spike) }
        guard mass < rampMass else { return rampNanoseconds + (mass - rampMass) * endPauseNanoseconds }
        // Of the two forms of the root the one that is exact for a rate that hardly grows.
        let root = (startPerNanosecond * startPerNanosecond + 2 * growth * mass).squareRoot()
        return 2 * mass / (startPerNanosecond + root)
    }

    private func instant(_ spike: Spike) -> Double {
        let (start, length) = (Double(spike.startNanoseconds), Double(spike.nanoseconds))
        let (before, inside) = (start * startPerNanosecond, length * spike.perSecond / 1e9)
        if mass < before { return mass / startPerNanosecond }
        if mass < before + inside { return start + (mass - before) / (spike.perSecond / 1e9) }
        return start + length + (mass - before - inside) / startPerNanosecond
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
