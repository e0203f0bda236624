/// One rate that was tried, and what came of it.
struct RatePoint: Sendable {
    var ratePerSecond: Double
    var report: LoadReport
    /// Why the server does not stand this rate; nil if it does. Of a step: what makes the figures no good, or is not as
    /// it was to be.
    var fault: String?
    /// Whether the server, and not who measured, is the reason of the fault.
    var isServersFault = false
    /// Whether too little was measured to judge it.
    var lacksSamples = false
    /// In a search, what the objective is about, in words.
    var figure: String?
    /// What it was held against.
    var gates: [Gate.Outcome] = []
    /// What the point was for: `search`, `confirm` or `step`.
    var purpose: String

    /// One rate of several that nobody judges, unless thresholds do.
    static func step(_ ratePerSecond: Double, _ report: LoadReport, _ gates: [Gate.Outcome]) -> RatePoint {
        var faults = report.tally.errors.wrongAnswer.map { ["WRONG: \($0)"] } ?? []
        if let abortedBy = report.abortedBy { faults.append("aborted by \(abortedBy)") }
        faults += report.tally.errors.brokenConnections.map { "lost: \($0.error.name) × \($0.entry.count)" }
        faults += report.verdict.reasons.map { "INVALID: \($0)" }
        faults += gates.filter(\.isViolated).map(\.text)
        let fault = faults.isEmpty ? nil : faults.joined(separator: "; ")
        return RatePoint(ratePerSecond: ratePerSecond, report: report, fault: fault, gates: gates, purpose: "step")
    }

    var json: JSONValue {
        let response = report.tally.response
        let notes = report.verdict.notes
        return .object([
            ("rate_per_second", .number(ratePerSecond)),
            ("completed_per_second", .number(Double(report.tally.completed) / max(report.measuredSeconds, 1e-9))),
            ("p50_us", .number(response.soundMicroseconds(atPercentile: 50))),
            ("p99_us", .number(response.soundMicroseconds(atPercentile: 99))),
            ("max_us", .number(response.maxMicroseconds)),
            ("error_count", .integer(report.tally.errors.count)),
            ("server_cores", .number(report.serverCoresUsed)),
            ("generator_valid", .bool(report.verdict.isValid && notes.isEmpty)),
            ("notes", .array(notes.map(JSONValue.string))),
            ("passed", .bool(fault == nil)),
            ("finding", .string(fault ?? (purpose == "step" ? "" : "stands"))),
            ("purpose", .string(purpose)),
            ("thresholds", .array(gates.map(\.json))),
        ])
    }

    /// In a line, for people.
    var text: String {
        let response = report.tally.response
        let times = [50.0, 99].map { percentile in
            response.soundMicroseconds(atPercentile: percentile).map { Text.number($0, decimals: 0) } ?? "n/a"
        }
        let rate = Text.padded(Text.number(ratePerSecond, decimals: 0), to: 10)
        let answered = Double(report.tally.completed) / max(report.measuredSeconds, 1e-9)
        let words = fault ?? (purpose == "confirm" ? "confirmed" : purpose == "step" ? "" : "stands")
        let all = "p50 \(Text.padded(times[0], to: 8)) µs  p99 \(Text.padded(times[1], to: 8)) µs"
        let beginning = "\(rate)/s  answered \(Text.padded(Text.number(answered, decimals: 0), to: 10))/s"
        return "\(beginning)  \(figure ?? all)  \(words)"
    }
}
