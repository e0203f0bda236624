/// What the status page shows: the newest snapshot, and what earlier samples make of it. Immutable.
package struct StatusModel: Sendable {
    /// A time over which something is counted: until now.
    package struct Window: Sendable {
        fileprivate let start: StatusCounts
        package let seconds: Double
        /// Whether nobody looked before, lately: then it is all the time that the server runs.
        package let isSinceStart: Bool
    }

    package let newest: StatusSnapshot
    /// Whether every event loop answers.
    package let isLive: Bool
    /// The oldest one first, each earlier than `newest`.
    private let earlier: [StatusCounts]
    /// What rates of this moment are made of: some seconds, so that a number does not jump about.
    package let now: Window
    /// What everything else is counted over.
    package let recent: Window

    /// How far back each looks, where there are samples.
    package static let nowSeconds = 10.0
    package static let recentSeconds = 60.0
    /// How far back lines go.
    package static let curveSeconds = 300.0

    /// - Parameter earlier: samples from before `newest`, the oldest one first.
    package init(newest: StatusSnapshot, earlier: [StatusCounts], isLive: Bool) {
        self.newest = newest
        self.earlier = earlier
        self.isLive = isLive
        now = Self.window(of: Self.nowSeconds, newest, earlier)
        recent = Self.window(of: Self.recentSeconds, newest, earlier)
    }

    private static func window(of seconds: Double, _ newest: StatusSnapshot, _ earlier: [StatusCounts]) -> Window {
        let counts = newest.counts
        guard let start = earlier.last(where: { counts.seconds(since: $0) >= seconds }) ?? earlier.first else {
            return Window(
                start: StatusCounts(),
                seconds: max(0.001, Double(newest.uptimeMilliseconds) / 1_000),
                isSinceStart: true
            )
        }
        return Window(start: start, seconds: max(0.001, counts.seconds(since: start)), isSinceStart: false)
    }

    package var isReady: Bool { newest.reasons.isEmpty }

    // MARK: Counting

    /// By how much something grew.
    package func growth(_ window: Window, _ value: (StatusCounts) -> UInt64) -> UInt64 {
        Self.growth(from: window.start, to: newest.counts, value)
    }

    private static func growth(from: StatusCounts, to: StatusCounts, _ value: (StatusCounts) -> UInt64) -> UInt64 {
        let (before, after) = (value(from), value(to))
        return after > before ? after - before : 0
    }

    /// How fast something grows, per second.
    package func rate(_ window: Window, _ value: (StatusCounts) -> UInt64) -> Double {
        Double(growth(window, value)) / window.seconds
    }

    /// Processors' worth of time used: 1 is one of them all the time.
    package var processors: Double {
        max(0, newest.counts.processorSeconds - now.start.processorSeconds) / now.seconds
    }

    package var cacheHits: UInt64 { growth(recent, \.cacheHits) }
    package var cacheLookups: UInt64 { cacheHits &+ growth(recent, \.cacheMisses) }

    /// How durations spread, by bucket.
    package func spread(_ buckets: (StatusCounts) -> [UInt64]) -> StatusSpread {
        Self.spread(from: recent.start, to: newest.counts, newest.boundsMicroseconds, buckets)
    }

    private static func spread(
        from: StatusCounts,
        to: StatusCounts,
        _ bounds: [UInt64],
        _ buckets: (StatusCounts) -> [UInt64]
    ) -> StatusSpread {
        let (before, after) = (buckets(from), buckets(to))
        let grown = after.indices.map { after[$0] > before[orZero: $0] ? after[$0] - before[orZero: $0] : 0 }
        return StatusSpread(counts: grown, boundsMicroseconds: bounds)
    }

    // MARK: Lines

    /// What there was at each sample and is now.
    package func levels(_ value: (StatusCounts) -> UInt64) -> [StatusPoint] {
        moments.map { point(at: $0, Double(value($0))) }
    }

    /// The rate between each sample and the next.
    package func rates(_ value: (StatusCounts) -> UInt64) -> [StatusPoint] {
        steps.map { from, to in
            let seconds = max(0.001, to.seconds(since: from))
            return point(at: to, Double(Self.growth(from: from, to: to, value)) / seconds)
        }
    }

    /// The duration between each sample and the next that half of all operations did not exceed, in microseconds, where there
    /// were any.
    package var medians: [StatusPoint] {
        steps.compactMap { from, to in
            let spread = Self.spread(from: from, to: to, newest.boundsMicroseconds, \.allDurations)
            return spread.quantile(0.5).map { point(at: to, $0.microseconds) }
        }
    }

    /// The share of lookups that the cache answered between each sample and the next, where there were any: 0 to 1.
    package var cacheShares: [StatusPoint] {
        steps.compactMap { from, to in
            let hits = Self.growth(from: from, to: to, \.cacheHits)
            let lookups = hits &+ Self.growth(from: from, to: to, \.cacheMisses)
            return lookups == 0 ? nil : point(at: to, Double(hits) / Double(lookups))
        }
    }

    private var moments: [StatusCounts] { earlier + [newest.counts] }

    private var steps: some Sequence<(StatusCounts, StatusCounts)> { zip(moments, moments.dropFirst()) }

    private func point(at counts: StatusCounts, _ value: Double) -> StatusPoint {
        StatusPoint(ageSeconds: newest.counts.seconds(since: counts), value: value)
    }
}

/// A point of a line. Immutable.
package struct StatusPoint: Sendable, Equatable {
    package let ageSeconds: Double
    package let value: Double

    package init(ageSeconds: Double, value: Double) {
        self.ageSeconds = ageSeconds
        self.value = value
    }
}

extension StatusModel {
    package struct Operation: Sendable {
        package var name: String
        /// Per second.
        package var rate: Double
        /// Its rate, over the time that lines show.
        package var curve: [StatusPoint]
        package var errors: UInt64
        package var total: UInt64
        package var latency: StatusSpread
    }

    package struct Refusal: Sendable {
        package var reason: String
        package var recent: UInt64
        package var total: UInt64
    }

    /// Those that were ever asked for, in their order.
    package var operations: [Operation] {
        newest.operations.enumerated().compactMap { place, name in
            let total = newest.counts.requests[orZero: place]
            guard total > 0 else {
                return nil
            }
            return Operation(
                name: name,
                rate: rate(recent) { $0.requests[orZero: place] },
                curve: rates { $0.requests[orZero: place] },
                errors: growth(recent) { $0.errors[orZero: place] },
                total: total,
                latency: spread { $0.durations.indices.contains(place) ? $0.durations[place] : [] }
            )
        }
    }

    /// Those that happened: the most frequent one of late first.
    package var refusals: [Refusal] {
        newest.refusals.enumerated().map { place, reason in
            Refusal(
                reason: reason,
                recent: growth(recent) { $0.refusals[orZero: place] },
                total: newest.counts.refusals[orZero: place]
            )
        }
        .filter { $0.total > 0 }
        .sorted { ($0.recent, $0.total, $1.reason) > ($1.recent, $1.total, $0.reason) }
    }
}
