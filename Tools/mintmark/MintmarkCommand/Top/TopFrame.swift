import MintmarkClient
import MintmarkProgram
import MintmarkWire

/// What `top` shows of an interval. Immutable.
struct TopFrame {
    /// How many intervals the curve shows.
    static let curveLengthMax = 40

    let interval: TopInterval
    /// Requests a second of the last intervals, this one last.
    let curve: [Double]

    /// - Parameter isColored: Whether what matters is painted.
    func lines(isColored: Bool) -> [String] {
        let statistics = interval.last.statistics
        let state =
            statistics.isReady
            ? paint("ready", "32", isColored)
            : paint("NOT READY: " + statistics.readinessReasons.joined(separator: ", ").printable, "31;1", isColored)
        return [
            "\(statistics.serverBuild.printable)  \(state)  \(TimeText.instant(statistics.serverTime))",
            "",
            line(
                "requests",
                "\(perSecond(interval.requestRate))  \(paint(TopNumber.sparkline(curve), "36", isColored))"
            ),
            line("", kinds(["sign", "verify", "open", "refresh"])),
            line("", kinds(["revoke", "introspect", "keys", "stats"])),
            line("latency", latency),
            line("refused", refusals(isColored)),
            line("cache", cache),
            line("sessions", sessions),
            line("connections", connections),
            line("journal", journal),
            line("snapshot", snapshot),
        ]
    }

    /// For programs: one JSON object. `rates` are those of a second, `values` what goes up and down.
    var json: String {
        let statistics = interval.last.statistics
        var (rates, values) = (JSONObject(), JSONObject())
        for counter in statistics.counters {
            if TopSample.gauges.contains(counter.name) {
                values.add(counter.name, counter.value)
            } else {
                rates.add(counter.name, json: Self.decimal(interval.rate(counter.name)))
            }
        }
        var object = JSONObject()
        object.add("server_time", statistics.serverTime)
        object.add("ready", statistics.isReady)
        object.add("readiness_reasons", statistics.readinessReasons)
        object.add("seconds", json: Self.decimal(interval.seconds))
        object.add("requests", json: Self.decimal(interval.requestRate))
        object.add("refusals", json: Self.decimal(interval.refusalRate))
        object.add("cache_hit_share", json: interval.hitShare.map(Self.decimal))
        object.add("rates", rates)
        object.add("values", values)
        return object.text
    }

    /// Three decimals: JSON knows neither infinities nor the many digits that a division leaves.
    private static func decimal(_ value: Double) -> String {
        let thousandths = TopNumber.whole(value * 1_000)
        let rest = "\(thousandths % 1_000)"
        return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    private func line(_ name: String, _ text: String) -> String {
        name + String(repeating: " ", count: max(1, 13 - name.count)) + text
    }

    private func perSecond(_ value: Double) -> String { "\(TopNumber.rate(value))/s" }

    private func kinds(_ names: [String]) -> String {
        names.map { "\($0) \(perSecond(interval.rate("requests_\($0)")))" }.joined(separator: "  ")
    }

    private func refusals(_ isColored: Bool) -> String {
        let total = perSecond(interval.refusalRate)
        let most = interval.refusals(most: 3).map { "\($0.name.printable) \(perSecond($0.rate))" }
        return most.isEmpty ? total : paint("\(total)  \(most.joined(separator: "  "))", "33", isColored)
    }

    /// The parts of the requests of this interval that took no longer than that; a server that does not tell has none.
    private var latency: String {
        let bounds = [
            ("64 µs", "durations_within_64_microseconds"), ("1 ms", "durations_within_1024_microseconds"),
            ("16 ms", "durations_within_16384_microseconds"),
        ]
        let measured = interval.rate("durations_measured")
        guard measured > 0 else { return "–" }
        return bounds.map { "\(Self.share(interval.rate($1) / measured)) within \($0)" }.joined(separator: "  ")
    }

    /// `98.7 %`; only all is `100 %`.
    private static func share(_ part: Double) -> String {
        let tenths = TopNumber.whole(part * 1_000)
        guard part < 1 else { return "100 %" }
        return "\(min(tenths, 999) / 10).\(min(tenths, 999) % 10) %"
    }

    private var cache: String {
        let share = interval.hitShare.map { "\(TopNumber.rate($0 * 100)) % hits" } ?? "no lookups"
        return "\(share)  \(size("verify_cache_bytes"))  evicted \(perSecond(interval.rate("verify_cache_evictions")))"
    }

    private var sessions: String {
        "\(count("sessions"))  revoked one by one \(count("sessions_revoked"))  cut-offs \(count("cut_offs"))"
    }

    private var connections: String {
        "\(count("connections_open")) open  opened \(perSecond(interval.rate("connections_opened")))  closed "
            + "\(perSecond(interval.rate("connections_closed")))  holding \(size("connections_held_bytes"))"
    }

    private var journal: String {
        "\(perSecond(interval.rate("journal_events"))) events  \(perSecond(interval.rate("journal_syncs"))) syncs  "
            + "\(TopNumber.size(interval.rate("journal_bytes")))/s  waiting \(count("journal_lag_events"))  failures "
            + count("journal_failures")
    }

    private var snapshot: String {
        let age = interval.last["snapshot_age_seconds"].map { "\(TopNumber.age($0)) old" } ?? "none"
        return "\(age)  \(size("snapshot_bytes"))  \(count("snapshot_sessions")) sessions  failures "
            + count("snapshot_failures")
    }

    private func count(_ name: String) -> String { interval.last[name].map(TopNumber.grouped) ?? "–" }

    private func size(_ name: String) -> String { interval.last[name].map { TopNumber.size(Double($0)) } ?? "–" }

    private func paint(_ text: String, _ code: String, _ isColored: Bool) -> String {
        isColored && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
