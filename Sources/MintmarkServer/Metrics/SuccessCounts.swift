import MintmarkEngine
import MintmarkWire

/// How many requests were answered with neither an error nor a refusal, by the number of the kind.
///
/// A request counts when it is taken, and may end as an error later: then the number waits for others to catch up, because
/// what reads it takes every decrease for a new start.
struct SuccessCounts {
    private var counts = [UInt64](repeating: 0, count: 1 + Int(Kind.allCases.map(\.rawValue).max() ?? 0))

    /// What they are now; none is less than it was.
    mutating func update(_ counters: CounterTotals) -> [UInt64] {
        for kind in Kind.allCases {
            let others = counters[.errors(kind)] + counters.inactive(kind)
            let all = counters[.requests(kind)]
            let place = Int(kind.rawValue)
            counts[place] = max(counts[place], all > others ? all - others : 0)
        }
        return counts
    }
}
