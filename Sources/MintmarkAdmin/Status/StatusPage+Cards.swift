/// What the page shows, card by card.
extension StatusPage {
    private static func text(_ latency: StatusModel.Latency?) -> String {
        switch latency {
        case nil: StatusText.none
        case .microseconds(let value): StatusText.duration(microseconds: value)
        case .beyond(let bound): "&gt;\u{A0}" + StatusText.duration(microseconds: Double(bound))
        }
    }

    private static func window(_ model: StatusModel) -> String {
        model.windowSeconds == 0 ? "since the start" : "in the last \(StatusText.age(seconds: model.windowSeconds))"
    }

    private static func small(_ text: String) -> String { "<small>\(text)</small>" }

    private static func tile(_ id: String, _ heading: String, _ figure: String, _ note: String, _ foot: String)
        -> String
    {
        card(
            id,
            heading,
            classes: "tile",
            "<p class=\"figure\">\(figure)</p>\n<p class=\"note\">\(note)</p>\n<div class=\"foot\">\(foot)</div>"
        )
    }

    static func tiles(_ model: StatusModel) -> String {
        let snapshot = model.newest
        let (rates, levels) = (model.rates(StatusModel.requests), model.levels(\.sessions))
        let most = StatusText.rate(rates.max())
        let hasCache = snapshot.cacheBytes.limit > 0
        let cache = StatusSnapshot.Limited(model.cacheHits, of: model.cacheLookups)
        let rate = model.rate(StatusModel.requests)
        return [
            tile(
                "operations-rate",
                "Operations",
                StatusText.rate(rate),
                rate == nil ? "the first sample is being taken" : "peak \(most) \(window(model))",
                sparkline(rates, "Operations \(window(model)), at most \(most)")
            ),
            tile(
                "latency",
                "Latency, median",
                text(model.latency(0.5)),
                "p99 \(text(model.latency(0.99))) \(window(model))",
                sparkline(model.medians, "Median latency of each five seconds \(window(model))")
            ),
            tile(
                "cache",
                "Cache hits",
                hasCache ? StatusText.percent(cache.now, of: cache.limit) : StatusText.none,
                hasCache
                    ? "\(StatusText.count(snapshot.cacheEntries)) tokens in \(StatusText.bytes(snapshot.cacheBytes.now))"
                    : "there is no cache",
                meter(cache)
            ),
            tile(
                "sessions",
                "Sessions",
                StatusText.count(snapshot.sessions.now),
                "of \(StatusText.count(snapshot.sessions.limit)) · \(StatusText.count(snapshot.sessionsRevoked)) revoked",
                sparkline(levels, "Sessions \(window(model)), now \(StatusText.count(snapshot.sessions.now))")
            ),
        ].joined(separator: "\n")
    }

    static func operations(_ model: StatusModel) -> String {
        let rows = model.operations.map { operation in
            let errors = StatusText.count(operation.errors)
            return """
                <tr><th scope="row"><code>\(escaped(operation.name))</code></th>\
                <td>\(StatusText.rate(operation.rate))</td><td>\(text(operation.p50))</td><td>\(text(operation.p99))</td>\
                <td\(operation.errors > 0 ? " class=\"bad\"" : "")>\(errors)</td>\
                <td class="wide">\(StatusText.count(operation.total))</td></tr>
                """
        }
        let columns =
            [column("Operation"), column("Rate"), column("p50"), column("p99"), column("Errors")]
            + [column("Since the start", isWide: true)]
        let body =
            rows.isEmpty
            ? "<p class=\"none\">Nobody has asked for anything yet.</p>"
            : table("Operations", columns, rows)
                + "\n<p class=\"note\">Rates of the last 10 seconds; latencies and errors \(window(model)).</p>"
        return card("operations", "Operations by kind", body)
    }

    static func storage(_ model: StatusModel) -> String {
        let snapshot = model.newest
        let lag = snapshot.journalLagEvents
        let size =
            snapshot.snapshotsPublished == 0
            ? "none taken yet"
            : "\(StatusText.bytes(snapshot.snapshotBytes)) \(small("\(StatusText.count(snapshot.snapshotSessions)) sessions"))"
        let age = StatusText.age(seconds: snapshot.snapshotAgeSeconds)
        return card(
            "storage",
            "Journal and snapshots",
            list([
                ("Journal lag", lag == 0 ? "none" : "\(StatusText.count(lag)) events"),
                ("Events written", StatusText.rate(model.rate(\.journalEvents))),
                (
                    "Disk sync",
                    "\(text(model.latency(0.5, \.journalSyncs))) \(small("p99 \(text(model.latency(0.99, \.journalSyncs)))"))"
                ),
                ("Last snapshot", size),
                (
                    snapshot.snapshotsPublished == 0 ? "Since the start" : "Its age",
                    "\(age) \(small("every \(StatusText.age(seconds: snapshot.snapshotIntervalSeconds))"))"
                ),
                ("Failures", failures(snapshot)),
            ])
        )
    }

    private static func failures(_ snapshot: StatusSnapshot) -> String {
        guard snapshot.journalFailures > 0 || snapshot.snapshotsFailed > 0 else {
            return "none"
        }
        let (journal, snapshots) = (
            StatusText.count(snapshot.journalFailures), StatusText.count(snapshot.snapshotsFailed)
        )
        return "<span class=\"bad\">journal \(journal) · snapshots \(snapshots)</span>"
    }

    static func keys(_ model: StatusModel) -> String {
        let keys = model.newest.keys
        let rows = keys.prefix(rowsMax).map { key in
            """
            <tr><th scope="row" class="wrap"><code>\(escaped(key.keyID))</code></th><td>\(words(key.state))</td>\
            <td>\(StatusText.age(seconds: key.ageSeconds))</td></tr>
            """
        }
        let more = keys.count > rowsMax ? " · \(keys.count - rowsMax) more" : ""
        let rotation = model.newest.keyRotationSeconds
        let rule = rotation == 0 ? "Replaced on demand only" : "Replaced every \(StatusText.age(seconds: rotation))"
        let body =
            rows.isEmpty
            ? "<p class=\"none\">There are no keys.</p>"
            : table("Signing keys", [column("Key"), column("State"), column("For")], Array(rows))
                + "\n<p class=\"note\">\(rule)\(more).</p>"
        return card("keys", "Signing keys", body)
    }

    private static func words(_ state: StatusSnapshot.KeyState) -> String {
        switch state {
        case .prepared: "prepared, is next"
        case .active: "<span class=\"live\">active, signs</span>"
        case .retired: "retired, verifies"
        case .revoked: "revoked"
        }
    }

    static func process(_ model: StatusModel) -> String {
        let snapshot = model.newest
        let processors = model.processors.map { StatusText.percent(UInt64(min($0, 1_000_000) * 1_000), of: 1_000) }
        let held = snapshot.connectionBytes
        return card(
            "process",
            "Connections and memory",
            list([
                (
                    "Connections",
                    "\(StatusText.count(snapshot.connections.now)) \(small("of \(StatusText.count(snapshot.connections.limit))"))"
                ),
                ("Held for them", "\(StatusText.bytes(held.now)) \(small("of \(StatusText.bytes(held.limit))"))"),
                ("Private memory", StatusText.bytes(snapshot.counts.privateBytes)),
                ("Resident memory", StatusText.bytes(snapshot.residentBytes)),
                ("Processor", "\(processors ?? StatusText.none) \(small("of one"))"),
                ("Started", StatusText.moment(milliseconds: snapshot.startMilliseconds)),
            ])
        )
    }

    static func refusals(_ model: StatusModel) -> String {
        let refusals = model.refusals
        let rows = refusals.prefix(rowsMax).map { refusal in
            """
            <tr><th scope="row" class="wrap"><code>\(escaped(refusal.reason))</code></th>\
            <td>\(StatusText.count(refusal.recent))</td><td>\(StatusText.count(refusal.total))</td></tr>
            """
        }
        let recent = model.windowSeconds == 0 ? "Lately" : "Last \(StatusText.age(seconds: model.windowSeconds))"
        let more = refusals.count > rowsMax ? "\n<p class=\"note\">\(refusals.count - rowsMax) more.</p>" : ""
        let body =
            rows.isEmpty
            ? "<p class=\"none\">Nothing was refused since the start.</p>"
            : table("Refusals", [column("Reason"), column(recent), column("Since the start")], Array(rows)) + more
        return card("refusals", "Recent refusals", body)
    }
}
