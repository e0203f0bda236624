/// What the page shows, panel by panel.
extension StatusPage {
    static func operations(_ model: StatusModel) -> String {
        let rows = model.operations.map { operation -> [StatusHTML.Cell] in
            [
                .init("<code>\(StatusHTML.escaped(operation.name))</code>"),
                .init(StatusCurve(points: operation.curve, height: 18).svg(nil)),
                .init(StatusText.rate(operation.rate)),
                .init(StatusText.duration(operation.latency.quantile(0.5))),
                .init(StatusText.duration(operation.latency.quantile(0.99))),
                .init(StatusText.count(operation.errors), operation.errors > 0 ? "bad" : ""),
                .init(StatusText.count(operation.total)),
            ]
        }
        let columns: [StatusHTML.Column] = [
            .init(name: "Operation"), .init(name: "Trend", classes: "trend", isWide: true), .init(name: "Rate"),
            .init(name: "p50"),
            .init(name: "p99"), .init(name: "Errors"), .init(name: "Total", isWide: true),
        ]
        let body =
            rows.isEmpty
            ? StatusHTML.none("Nobody has asked for anything yet.")
            : StatusHTML.table("Rates per second, latencies and errors \(model.recent.words)", columns, rows)
        return StatusHTML.panel("operations", "By operation", classes: "broad", body)
    }

    static func refusals(_ model: StatusModel) -> String {
        let refusals = model.refusals
        let rows = refusals.prefix(rowsMax).map { refusal -> [StatusHTML.Cell] in
            [
                .init("<code>\(StatusHTML.breakable(refusal.reason))</code>", "name"),
                .init(StatusText.count(refusal.recent)), .init(StatusText.count(refusal.total)),
            ]
        }
        let columns: [StatusHTML.Column] = [
            .init(name: "Reason"), .init(name: model.recent.heading), .init(name: "Total"),
        ]
        let body =
            rows.isEmpty
            ? StatusHTML.none("Nothing was refused since the start.")
            : StatusHTML.table("How often, by reason; totals since the start\(more(refusals.count))", columns, rows)
        return StatusHTML.panel("refusals", "Recent refusals", body)
    }

    private static func more(_ count: Int) -> String {
        count > rowsMax ? "; \(StatusText.count(UInt64(count - rowsMax))) more" : ""
    }

    static func keys(_ model: StatusModel) -> String {
        let keys = model.newest.keys
        let rows = keys.prefix(rowsMax).map { key -> [StatusHTML.Cell] in
            [
                .init("<code>\(StatusHTML.escaped(key.keyID))</code>", "id"), .init(words(key.state)),
                .init(StatusText.age(seconds: key.ageSeconds)),
            ]
        }
        let rotation = model.newest.keyRotationSeconds
        let rule = rotation == 0 ? "Replaced on demand" : "Replaced every \(StatusText.age(seconds: rotation))"
        let body =
            rows.isEmpty
            ? StatusHTML.none("There are no keys.")
            : StatusHTML.table(
                rule + more(keys.count),
                [.init(name: "Key"), .init(name: "State"), .init(name: "For")],
                Array(rows)
            )
        return StatusHTML.panel("keys", "Signing keys", body)
    }

    private static func words(_ state: StatusSnapshot.KeyState) -> String {
        switch state {
        case .prepared: "prepared"
        case .active: "<span class=\"live\">active</span>"
        case .retired: "retired"
        case .revoked: "revoked"
        }
    }

    static func storage(_ model: StatusModel) -> String {
        let snapshot = model.newest
        let syncs = model.spread(\.journalSyncs)
        let (events, bytes) = (model.rate(model.recent, \.journalEvents), model.rate(model.recent, \.journalBytes))
        return StatusHTML.panel(
            "storage",
            "Journal and snapshots",
            StatusHTML.list([
                ("Waiting for the disk", StatusText.counted(snapshot.journalLagEvents, "event")),
                (
                    "Written per second",
                    "\(StatusText.rate(events)) events \(StatusHTML.small(StatusText.bytes(bytes)))"
                ),
                ("Sync, median", "\(StatusText.duration(syncs.quantile(0.5))) \(p99(syncs))"),
                (
                    "Written in all",
                    "\(StatusText.bytes(snapshot.counts.journalBytes)) "
                        + StatusHTML.small("in \(StatusText.counted(snapshot.journalSegments, "segment"))")
                ),
                ("Last snapshot", snapshotAge(snapshot)),
                ("Size of it", snapshotSize(snapshot)),
                ("Failures", failures(snapshot)),
            ])
        )
    }

    private static func p99(_ spread: StatusSpread) -> String {
        StatusHTML.small("p99 \(StatusText.duration(spread.quantile(0.99)))")
    }

    private static func snapshotAge(_ snapshot: StatusSnapshot) -> String {
        let interval = StatusHTML.small("every \(StatusText.age(seconds: snapshot.snapshotIntervalSeconds))")
        return snapshot.snapshotsPublished == 0
            ? "none since the start \(interval)"
            : "\(StatusText.age(seconds: snapshot.snapshotAgeSeconds)) ago \(interval)"
    }

    private static func snapshotSize(_ snapshot: StatusSnapshot) -> String {
        snapshot.snapshotsPublished == 0
            ? StatusText.none
            : "\(StatusText.bytes(snapshot.snapshotBytes)) \(StatusHTML.small(StatusText.counted(snapshot.snapshotSessions, "session")))"
    }

    private static func failures(_ snapshot: StatusSnapshot) -> String {
        guard snapshot.journalFailures > 0 || snapshot.snapshotsFailed > 0 else {
            return "none"
        }
        let (journal, snapshots) = (
            StatusText.count(snapshot.journalFailures), StatusText.count(snapshot.snapshotsFailed)
        )
        return StatusHTML.bad("journal \(journal), snapshots \(snapshots)")
    }

    static func process(_ model: StatusModel) -> String {
        let snapshot = model.newest
        let processors = StatusText.percent(model.processors)
        return StatusHTML.panel(
            "process",
            "Connections and memory",
            StatusHTML.list([
                ("Connections", limited(snapshot.connections, StatusText.count)),
                ("Held for connections", limited(snapshot.connectionBytes, StatusText.bytes)),
                ("Verified tokens kept", limited(snapshot.cacheBytes, StatusText.bytes)),
                ("Private memory", StatusText.bytes(snapshot.counts.privateBytes)),
                ("Resident memory", StatusText.bytes(snapshot.residentBytes)),
                ("Processor", "\(processors) \(StatusHTML.small("of one"))"),
                ("Started", StatusText.moment(milliseconds: snapshot.startMilliseconds)),
            ])
        )
    }

    private static func limited(_ limited: StatusSnapshot.Limited, _ text: (UInt64) -> String) -> String {
        let now = text(limited.now)
        return "\(limited.isNearLimit ? StatusHTML.bad(now) : now) \(StatusHTML.small("of \(text(limited.limit))"))"
    }
}
