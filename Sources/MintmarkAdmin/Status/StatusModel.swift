/// What the status page shows: the newest snapshot, and what earlier samples make of it. Immutable.
package struct StatusModel: Sendable {
    package enum Latency: Sendable, Equatable {
        case microseconds(Double)
        /// Longer than the last bound.
        case beyond(microseconds: UInt64)
    }

    package struct Operation: Sendable {
        package var name: String
        package var total: UInt64
        /// Per second, lately; nil: no earlier sample.
        package var rate: Double?
        /// In the window.
        package var errors: UInt64
        package var p50: Latency?
        package var p99: Latency?
    }

    package struct Refusal: Sendable {
        package var reason: String
        /// In the window.
        package var recent: UInt64
        package var total: UInt64
    }

    package let newest: StatusSnapshot
    /// Whether every event loop answers.
    package let isLive: Bool
    /// The oldest one first.
    private let earlier: [StatusCounts]

    /// So long a rate looks back: two samples, so that a number does not jump with each of them.
    private static let rateNanoseconds: UInt64 = 10_000_000_000

    /// - Parameter earlier: samples from before `newest`, the oldest one first.
    package init(newest: StatusSnapshot, earlier: [StatusCounts], isLive: Bool) {
        self.newest = newest
        self.isLive = isLive
        // One that was taken while the snapshot was has nothing to tell.
        self.earlier = earlier.filter { $0.uptimeNanoseconds < newest.counts.uptimeNanoseconds }
    }

    package var isReady: Bool { newest.reasons.isEmpty }

    package var uptimeSeconds: UInt64 {
        newest.wallMilliseconds > newest.startMilliseconds
            ? (newest.wallMilliseconds - newest.startMilliseconds) / 1_000 : 0
    }

    /// From the oldest sample until now.
    package var windowSeconds: UInt64 {
        earlier.first.map { (newest.counts.uptimeNanoseconds - $0.uptimeNanoseconds) / 1_000_000_000 } ?? 0
    }

    // MARK: Rates

    /// Where rates begin.
    private var rateStart: StatusCounts? {
        let now = newest.counts.uptimeNanoseconds
        return earlier.last { now - $0.uptimeNanoseconds >= Self.rateNanoseconds } ?? earlier.first
    }

    /// How fast something grows, per second; nil: no earlier sample.
    package func rate(_ value: (StatusCounts) -> UInt64) -> Double? {
        rateStart.map { Self.rate(from: $0, to: newest.counts) { Double(value($0)) } }
    }

    /// Processors' worth of time used, lately: 1 is one of them all the time.
    package var processors: Double? {
        rateStart.map { Self.rate(from: $0, to: newest.counts, \.processorSeconds) }
    }

    private static func rate(from: StatusCounts, to: StatusCounts, _ value: (StatusCounts) -> Double) -> Double {
        let seconds = Double(to.uptimeNanoseconds - from.uptimeNanoseconds) / 1_000_000_000
        return max(0, value(to) - value(from)) / max(seconds, 0.001)
    }

    /// One rate for each pair of samples, the oldest first.
    package func rates(_ value: (StatusCounts) -> UInt64) -> [Double] {
        zip(earlier, earlier.dropFirst()).map { from, to in
            to.uptimeNanoseconds > from.uptimeNanoseconds ? Self.rate(from: from, to: to) { Double(value($0)) } : 0
        }
    }

    /// What was there at each sample and is there now, the oldest first.
    package func levels(_ value: (StatusCounts) -> UInt64) -> [Double] {
        (earlier + [newest.counts]).map { Double(value($0)) }
    }

    package static func requests(_ counts: StatusCounts) -> UInt64 { counts.requests.reduce(0, &+) }

    // MARK: The window

    /// By how much something grew in the window; all of it where there is no earlier sample.
    private func growth(_ value: (StatusCounts) -> UInt64) -> UInt64 {
        let (now, before) = (value(newest.counts), earlier.first.map(value) ?? 0)
        return now > before ? now - before : 0
    }

    package var cacheHits: UInt64 { growth(\.cacheHits) }
    package var cacheLookups: UInt64 { growth(\.cacheHits) &+ growth(\.cacheMisses) }

    /// The duration that so large a share of those in the window does not exceed; nil: there were none.
    package func latency(_ share: Double, _ buckets: (StatusCounts) -> [UInt64]) -> Latency? {
        let now = buckets(newest.counts)
        let grown = now.indices.map { place in growth { buckets($0)[orZero: place] } }
        return Self.quantile(share, of: grown, boundsMicroseconds: newest.boundsMicroseconds)
    }

    /// Evenly spread inside of a bucket.
    package static func quantile(_ share: Double, of counts: [UInt64], boundsMicroseconds bounds: [UInt64]) -> Latency?
    {
        var rest = counts.reduce(0.0) { $0 + Double($1) } * share
        guard rest > 0 else {
            return nil
        }
        for (place, bound) in bounds.enumerated() {
            let count = Double(counts[orZero: place])
            if count > 0, rest <= count {
                let lower = place == 0 ? 0 : Double(bounds[place - 1])
                return .microseconds(lower + (Double(bound) - lower) * rest / count)
            }
            rest -= count
        }
        return bounds.last.map { .beyond(microseconds: $0) }
    }

    /// Of all operations together.
    package func latency(_ share: Double) -> Latency? {
        latency(share, allDurations)
    }

    /// The median of each pair of samples, in microseconds, the oldest first; 0 where nothing was asked for.
    package var medians: [Double] {
        let bounds = newest.boundsMicroseconds
        return zip(earlier, earlier.dropFirst()).map { from, to in
            let (before, after) = (allDurations(from), allDurations(to))
            let grown = zip(before, after).map { $1 > $0 ? $1 - $0 : 0 }
            return switch Self.quantile(0.5, of: grown, boundsMicroseconds: bounds) {
            case nil: 0
            case .microseconds(let value): value
            case .beyond(let bound): Double(bound)
            }
        }
    }

    /// By bucket.
    private func allDurations(_ counts: StatusCounts) -> [UInt64] {
        counts.durations.reduce(into: [UInt64](repeating: 0, count: newest.boundsMicroseconds.count + 1)) { sum, one in
            for place in sum.indices { sum[place] &+= one[orZero: place] }
        }
    }

    /// Those that were asked for, in their order.
    package var operations: [Operation] {
        newest.operations.enumerated().compactMap { place, name in
            let total = newest.counts.requests[orZero: place]
            guard total > 0 else {
                return nil
            }
            let durations: (StatusCounts) -> [UInt64] = {
                $0.durations.indices.contains(place) ? $0.durations[place] : []
            }
            return Operation(
                name: name,
                total: total,
                rate: rate { $0.requests[orZero: place] },
                errors: growth { $0.errors[orZero: place] },
                p50: latency(0.5, durations),
                p99: latency(0.99, durations)
            )
        }
    }

    /// Those that happened: the most frequent of the window first.
    package var refusals: [Refusal] {
        newest.refusals.enumerated().map { place, reason in
            Refusal(
                reason: reason,
                recent: growth { $0.refusals[orZero: place] },
                total: newest.counts.refusals[orZero: place]
            )
        }
        .filter { $0.total > 0 }
        .sorted { ($0.recent, $0.total, $1.reason) > ($1.recent, $1.total, $0.reason) }
    }
}

extension Array where Element == UInt64 {
    /// Zero where there is no such place.
    subscript(orZero place: Int) -> UInt64 { indices.contains(place) ? self[place] : 0 }
}
