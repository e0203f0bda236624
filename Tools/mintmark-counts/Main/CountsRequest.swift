import Glibc

/// What the arguments ask for.
struct CountsRequest {
    enum Amount {
        case count(Int)
        /// For about so long; how often it was done in a second is printed.
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
    private static let trialCount = 2_000

    /// How often it can be done in a second, tried for about this long.
    func timesPerSecond(for seconds: Double) throws -> Int {
        let trial = try secondsTaken(by: Self.trialCount)
        let count = max(Self.trialCount, Int(Double(Self.trialCount) * seconds / trial))
        return Int(Double(count) / (try secondsTaken(by: count)))
    }

    private func secondsTaken(by count: Int) throws -> Double {
        let began = Self.seconds()
        try run(count)
        return Self.seconds() - began
    }

    private static func seconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}
