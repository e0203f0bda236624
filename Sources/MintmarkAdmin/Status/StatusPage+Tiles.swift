/// The four numbers at the top.
extension StatusPage {
    /// - Parameter figure: HTML, with its unit.
    private static func tile(_ id: String, _ heading: String, _ figure: String, _ note: String, _ curve: String)
        -> String
    {
        let body = "<p class=\"figure\">\(figure)</p>\n<p class=\"note\">\(note)</p>\n\(curve)"
        return StatusHTML.panel(id, heading, classes: "tile", body)
    }

    static func tiles(_ model: StatusModel) -> String {
        [operationsTile(model), latencyTile(model), sessionsTile(model), cacheTile(model)].joined(separator: "\n")
    }

    private static func operationsTile(_ model: StatusModel) -> String {
        let curve = model.rates(\.allRequests)
        let note =
            model.now.isSinceStart
            ? "on average since the start"
            : "\(StatusText.rate(model.rate(model.recent, \.allRequests)))/s \(model.recent.words)"
        return tile(
            "operations-rate",
            "Operations",
            "\(StatusText.rate(model.rate(model.now, \.allRequests)))\(StatusHTML.small("/s"))",
            note,
            StatusCurve(points: curve).svg("Operations per second, \(peak(curve, StatusText.rate))")
        )
    }

    private static func latencyTile(_ model: StatusModel) -> String {
        let (spread, curve) = (model.spread(\.allDurations), model.medians)
        return tile(
            "latency",
            "Latency, median",
            unit(StatusText.duration(spread.quantile(0.5))),
            "p99 \(StatusText.duration(spread.quantile(0.99))) \(model.recent.words)",
            StatusCurve(points: curve).svg("Median latency, \(peak(curve) { StatusText.duration(microseconds: $0) })")
        )
    }

    private static func sessionsTile(_ model: StatusModel) -> String {
        let (snapshot, curve) = (model.newest, model.levels(\.sessions))
        let sessions = StatusText.count(snapshot.sessions.now)
        return tile(
            "sessions",
            "Sessions",
            snapshot.sessions.isNearLimit ? StatusHTML.bad(sessions) : sessions,
            "of \(StatusText.count(snapshot.sessions.limit)); \(StatusText.count(snapshot.sessionsRevoked)) revoked",
            StatusCurve(points: curve).svg("Sessions, \(peak(curve, StatusText.rate))")
        )
    }

    private static func cacheTile(_ model: StatusModel) -> String {
        let snapshot = model.newest
        guard snapshot.cacheBytes.limit > 0 else {
            return tile("cache", "Cache hits", StatusText.none, "there is no cache", StatusCurve(points: []).svg(nil))
        }
        let curve = model.cacheShares
        return tile(
            "cache",
            "Cache hits",
            unit(StatusText.percent(model.cacheHits, of: model.cacheLookups)),
            "\(StatusText.counted(snapshot.cacheEntries, "token")), \(StatusText.bytes(snapshot.cacheBytes.now))",
            StatusCurve(points: curve, top: 1).svg("Share of cache hits")
        )
    }

    /// The unit smaller than the number.
    private static func unit(_ text: String) -> String {
        let parts = text.split(separator: StatusText.space, maxSplits: 1)
        return parts.count == 2 ? "\(parts[0])\(StatusHTML.small(String(parts[1])))" : text
    }

    private static func peak(_ curve: [StatusPoint], _ text: (Double) -> String) -> String {
        curve.map(\.value).max().map { "at most \(text($0))" } ?? "not known yet"
    }
}

extension StatusModel.Window {
    /// `in the last minute`
    var words: String {
        if isSinceStart {
            return "since the start"
        }
        return seconds >= StatusModel.recentSeconds - 5 ? "in the last minute" : "in the last \(lengthText)"
    }

    /// `Last minute`, as a heading.
    var heading: String {
        if isSinceStart {
            return "Since start"
        }
        return seconds >= StatusModel.recentSeconds - 5 ? "Last minute" : "Last \(lengthText)"
    }

    private var lengthText: String { StatusText.age(seconds: UInt64(max(1, seconds.rounded()))) }
}
