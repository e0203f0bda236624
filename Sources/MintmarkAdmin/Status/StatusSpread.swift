/// How durations spread over buckets. Immutable.
package struct StatusSpread: Sendable, Equatable {
    /// By bucket; one more than there are bounds, or none.
    package let counts: [UInt64]
    /// Ascending; the last bucket has none.
    package let boundsMicroseconds: [UInt64]

    package init(counts: [UInt64], boundsMicroseconds: [UInt64]) {
        self.counts = counts
        self.boundsMicroseconds = boundsMicroseconds
    }

    package enum Quantile: Sendable, Equatable {
        case microseconds(Double)
        /// Longer than the last bound.
        case beyond(microseconds: UInt64)

        /// At least so long.
        package var microseconds: Double {
            switch self {
            case .microseconds(let value): value
            case .beyond(let bound): Double(bound)
            }
        }
    }

    /// The duration that so large a share of them does not exceed, as if they were spread evenly inside of a bucket; nil:
    /// there are none.
    package func quantile(_ share: Double) -> Quantile? {
        var rest = counts.reduce(0.0) { $0 + Double($1) } * share
        guard rest > 0 else {
            return nil
        }
        for (place, bound) in boundsMicroseconds.enumerated() {
            let count = Double(counts[orZero: place])
            if count > 0, rest <= count {
                let lower = place == 0 ? 0 : Double(boundsMicroseconds[place - 1])
                return .microseconds(lower + (Double(bound) - lower) * rest / count)
            }
            rest -= count
        }
        return boundsMicroseconds.last.map { .beyond(microseconds: $0) }
    }
}

extension [UInt64] {
    /// Zero where there is no such place.
    subscript(orZero place: Int) -> UInt64 { indices.contains(place) ? self[place] : 0 }
}
