/// What came out of several rates, one after the other.
struct RateSeriesReport: Sendable {
    var mode: String
    var points: [RatePoint]
    /// Of a search: its objective.
    var objective: Threshold?
    var sustainablePerSecond: Double?
    var isInterrupted = false
    /// What kept it from going on, if something did.
    var failure: LoadFailure?

    /// The run that stands for all: at the rate that was found, or else the last one.
    var representative: LoadReport? { representativePoint?.report }

    private var representativePoint: RatePoint? {
        points.last { $0.purpose == "confirm" && $0.ratePerSecond == sustainablePerSecond } ?? points.last
    }

    var exitStatus: CommandStatus {
        let statuses = points.map(\.report.exitStatus)
        if statuses.contains(.wrongAnswer) { return .wrongAnswer }
        if isInterrupted || points.last?.report.isServerGone == true { return .aborted }
        if objective != nil { return searchStatus }
        return stepsStatus
    }

    /// A rate that is too much for the server is what one steps up for, and requests that are given up are part of that.
    /// Connections that break are not.
    private var stepsStatus: CommandStatus {
        let isBroken = { (report: LoadReport) in
            report.abortedBy != nil || !report.tally.errors.brokenConnections.isEmpty
        }
        if points.contains(where: { isBroken($0.report) }) { return .aborted }
        if points.contains(where: { !$0.report.verdict.isValid }) { return .invalid }
        return points.contains { $0.gates.contains(where: \.isViolated) } ? .thresholdFailed : .passed
    }

    /// A search that nothing ended but the generator, or too few samples, says nothing of the server.
    private var searchStatus: CommandStatus {
        guard sustainablePerSecond == nil else { return .passed }
        if RateSearch.isEndedByLateness(points) { return .invalid }
        // Where a rate stood, the search ended with one that was not confirmed, whatever was the matter above it.
        let isFound = points.contains { $0.purpose == "search" && $0.fault == nil }
        let ends = isFound ? Array(points.suffix(1)) : points
        return ends.contains(where: \.isServersFault) ? .thresholdFailed : .invalid
    }

    /// What was found, in words; nil if nothing was.
    private var sustained: String? {
        guard let objective, let sustainablePerSecond else { return nil }
        return Self.sustained(sustainablePerSecond, isLowerBound: isLowerBound, objective: objective.text)
    }

    static func sustained(_ ratePerSecond: Double, isLowerBound: Bool, objective: String) -> String {
        "\(isLowerBound ? "at least " : "")\(Text.number(ratePerSecond, decimals: 0)) requests/s keep \(objective)"
    }

    /// Whether something else than the server was in the way above what was found.
    private var isLowerBound: Bool { nextPoint.map(\.isServersFault) == false }

    var text: String {
        var lines = points.map(\.text)
        if let representative { lines += ["", representative.text] }
        guard let objective else { return lines.joined(separator: "\n") }
        lines.append("")
        if let sustained {
            lines.append(sustained)
            if let next = nextFault { lines.append("above that: \(next)") }
        } else {
            let end = points.isEmpty ? "nothing was tried" : "it was ended"
            let reason = failure?.message ?? points.last?.fault ?? end
            if let stood {
                let rate = Text.number(stood, decimals: 0)
                lines.append("no rate was confirmed that keeps \(objective): \(reason)")
                lines.append("\(rate) requests/s kept it when they were tried")
            } else {
                lines.append("no rate was found that keeps \(objective): \(reason)")
            }
            if RateSearch.isEndedByLateness(points) {
                lines.append(
                    "INVALID     the generator was late at \(RateSearch.lateMax) rates in a row, though it had time to spare: "
                        + "other rates were not tried, and what the server stands is not known"
                )
            }
        }
        return lines.joined(separator: "\n")
    }

    /// The greatest rate that kept the objective when it was looked for.
    private var stood: Double? {
        points.filter { $0.purpose == "search" && $0.fault == nil }.map(\.ratePerSecond).max()
    }

    /// Why the next greater rate does not do.
    private var nextFault: String? { nextPoint?.fault }

    /// The next greater rate that does not do.
    private var nextPoint: RatePoint? {
        guard let sustainablePerSecond else { return nil }
        // Of a rate that was tried again the last attempt counts.
        let last = Dictionary(points.map { ($0.ratePerSecond, $0) }, uniquingKeysWith: { $1 })
        return last.values.filter { $0.ratePerSecond > sustainablePerSecond && $0.fault != nil }
            .min { $0.ratePerSecond < $1.ratePerSecond }
    }

    var json: JSONValue {
        var members = (representative?.json ?? .object([])).members.filter {
            !["mode", "exit_status", "thresholds"].contains($0.name)
        }
        members += [
            ("mode", .string(mode)),
            ("exit_status", .integer(Int(exitStatus.rawValue))),
            ("thresholds", .array((representativePoint?.gates ?? []).map(\.json))),
            ("points", .array(points.map(\.json))),
        ]
        if let objective {
            members.append(("slo", .string(objective.text)))
            members.append(("sustainable_per_second", .number(sustainablePerSecond)))
            if sustainablePerSecond != nil { members.append(("sustainable_is_lower_bound", .bool(isLowerBound))) }
            members.append(("limited_by", .string(nextFault)))
            if objective.metric.unit == .microseconds {
                members.append(("slo_us", .number(objective.bound) as JSONValue))
            }
        }
        return .object(members)
    }
}
