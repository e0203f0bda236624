import MintmarkClient
import MintmarkWire

/// What the server said of itself, and when it was asked.
struct TopSample: Sendable {
    var statistics: ServerStatistics
    /// Nanoseconds of a clock that never goes back.
    var nanoseconds: UInt64
    private let values: [String: UInt64]

    init(_ statistics: ServerStatistics, atNanoseconds nanoseconds: UInt64) {
        self.statistics = statistics
        self.nanoseconds = nanoseconds
        values = Dictionary(statistics.counters.map { ($0.name, $0.value) }) { first, _ in first }
    }

    /// Nil for what this server does not tell.
    subscript(name: String) -> UInt64? { values[name] }

    /// What goes up and down; everything else only counts.
    static let gauges: Set = [
        "connections_open", "connections_held_bytes", "sessions", "sessions_revoked", "cut_offs", "rotation_marks",
        "clock_jump_refused_seconds", "secrets_unlocked", "journal_lag_events", "journal_commit_max_milliseconds",
        "tls_certificate_valid_seconds", "snapshot_age_seconds", "snapshot_bytes", "snapshot_sessions",
        "verify_cache_bytes",
    ]
}

/// What happened between two samples. Immutable.
struct TopInterval: Sendable {
    let last: TopSample
    /// Above 0.
    let seconds: Double
    /// A second's worth of every counter; those of a server that has started in between count from its start.
    let rates: [String: Double]

    /// - Returns: Nil where no time has passed.
    init?(from first: TopSample, to last: TopSample) {
        guard last.nanoseconds > first.nanoseconds else { return nil }
        let seconds = Double(last.nanoseconds - first.nanoseconds) / 1e9
        let counters = last.statistics.counters.filter { !TopSample.gauges.contains($0.name) }
        let isRestarted = counters.contains { $0.value < first[$0.name] ?? 0 }
        self.last = last
        self.seconds = seconds
        rates = Dictionary(
            counters.map { counter in
                let before = isRestarted ? 0 : first[counter.name] ?? 0
                return (counter.name, Double(counter.value - before) / seconds)
            }
        ) { first, _ in first }
    }

    func rate(_ name: String) -> Double { rates[name] ?? 0 }

    /// All requests of all kinds.
    var requestRate: Double { sum(of: "requests_") }

    /// All answers that were no success.
    var refusalRate: Double { sum(of: "status_") }

    /// The most frequent refusals, by the names of their statuses.
    func refusals(most count: Int) -> [(name: String, rate: Double)] {
        let prefix = "status_"
        let all = rates.filter { $0.key.hasPrefix(prefix) && $0.value > 0 }
        let sorted = all.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
        return sorted.prefix(count).map { (String($0.key.dropFirst(prefix.count)), $0.value) }
    }

    /// The part of verified tokens that were found in the cache, 0 to 1; nil where none was looked for.
    var hitShare: Double? {
        let (hits, misses) = (rate("verify_cache_hits"), rate("verify_cache_misses"))
        return hits + misses > 0 ? hits / (hits + misses) : nil
    }

    private func sum(of prefix: String) -> Double {
        rates.reduce(0) { $1.key.hasPrefix(prefix) ? $0 + $1.value : $0 }
    }
}
