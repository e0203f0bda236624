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
    /// How many bytes libsodium is given; nil: as many as the engine signs here. Only of what libsodium does alone.
    var messageByteCount: Int?

    private static let messageByteCountMax = 65_536

    /// Nil if the arguments are wrong.
    init?(_ arguments: [String]) {
        guard let operation = arguments.first.flatMap(Operation.init(rawValue:)) else { return nil }
        self.operation = operation
        var rest = arguments.dropFirst()
        if rest.count >= 2, rest[rest.endIndex - 2] == "--bytes" {
            guard operation.isLibsodiumAlone, let count = Int(rest[rest.endIndex - 1]) else { return nil }
            guard (0...Self.messageByteCountMax).contains(count) else { return nil }
            messageByteCount = count
            rest = rest.dropLast(2)
        }
        guard let amount = Amount(Array(rest)) else { return nil }
        self.amount = amount
    }
}

extension CountsRequest.Amount {
    init?(_ words: [String]) {
        switch words.count {
        case 1:
            guard let count = Int(words[0]), count >= 0 else { return nil }
            self = .count(count)
        case 2 where words[0] == "--seconds":
            guard let seconds = Double(words[1]), seconds > 0, seconds <= 3_600 else { return nil }
            self = .seconds(seconds)
        default: return nil
        }
    }
}

extension CountsRequest {
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
        try operation.run(count, messageByteCount: messageByteCount)
        return (Self.seconds(CLOCK_MONOTONIC) - began.passed, Self.seconds(CLOCK_PROCESS_CPUTIME_ID) - began.used)
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var now = timespec()
        clock_gettime(clock, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}
