import Glibc

/// What the arguments ask for.
struct CountsRequest {
    enum Amount {
        case count(Int)
        /// For about so long; how often it was done in a second is printed, and how much of a processor that had.
        case seconds(Double)
    }

    var operation: Operation
    var amount: Amount

    /// Nil if the arguments are wrong.
    init?(_ arguments: [String]) {
        guard let operation = arguments.first.flatMap(Operation.init(rawValue:)) else { return nil }
        self.operation = operation
        switch arguments.count {
        case 2:
            guard let count = Int(arguments[1]), count >= 0 else { return nil }
            amount = .count(count)
        case 3 where arguments[1] == "--seconds":
            guard let seconds = Double(arguments[2]), seconds > 0, seconds <= 3_600 else { return nil }
            amount = .seconds(seconds)
        default: return nil
        }
    }
}

extension Operation {
    private static let trialCount = 200

    /// How often it can be done in a second, tried for about this long: the preparations do not count. And how much of a
    /// processor the process had meanwhile.
    func timesPerSecond(for seconds: Double) throws -> (count: Int, processorShare: Double) {
        let preparation = try secondsTaken(by: 0)
        let trial = try secondsTaken(by: Self.trialCount).passed - preparation.passed
        let count = max(Self.trialCount, Int(Double(Self.trialCount) * seconds / max(trial, Self.trialSecondsMin)))
        let taken = try secondsTaken(by: count)
        return (Int(Double(count) / (taken.passed - preparation.passed)), taken.used / taken.passed)
    }

    /// Whatever was disturbed while the preparations were timed: a trial takes longer than nothing.
    private static let trialSecondsMin = 1e-6

    private func secondsTaken(by count: Int) throws -> (passed: Double, used: Double) {
        let began = (passed: Self.seconds(CLOCK_MONOTONIC), used: Self.seconds(CLOCK_PROCESS_CPUTIME_ID))
        try run(count)
        return (Self.seconds(CLOCK_MONOTONIC) - began.passed, Self.seconds(CLOCK_PROCESS_CPUTIME_ID) - began.used)
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var now = timespec()
        clock_gettime(clock, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}
