/// How a comparison of saved runs ends, and what makes it end so.
struct ComparisonEnd: Sendable {
    /// One thing that is not as it should be.
    struct Reason: Hashable, Sendable {
        var status: CommandStatus
        /// Which file, and what is with it.
        var text: String
    }

    private(set) var reasons: [Reason] = []

    /// The reason that says most decides.
    var status: CommandStatus { reasons.reduce(.passed) { $0.combined(with: $1.status) } }

    /// Adds what the run in a file is worth, whatever it is held against.
    mutating func add(_ run: RunDocument, file: String) {
        let what: String
        switch run.status {
        case .wrongAnswer: what = "had wrong answers"
        case .aborted: what = "is not whole"
        case .invalid: what = "is no good to compare"
        default: return
        }
        let why = run.shortcomings.joined(separator: "; ")
        reasons.append(Reason(status: run.status, text: "\(file) \(what)\(why.isEmpty ? "" : ": \(why)")"))
    }

    /// Adds what was found when a file was held against the base.
    mutating func add(_ comparison: Comparison, file: String) {
        func add(_ status: CommandStatus, _ what: String, _ rows: [Comparison.Row], _ why: String = "") {
            guard !rows.isEmpty else { return }
            let names = rows.map(\.metric.text).joined(separator: ", ")
            reasons.append(Reason(status: status, text: "\(file) \(what): \(names)\(why)"))
        }
        add(.regression, "became worse", comparison.rows.filter { $0.finding == .worse })
        let unsaid = comparison.rows.filter { $0.finding == .inconclusive }
        let byRun = unsaid.filter { $0.probability == nil && !$0.metric.isToldBySecond }
        let runs = "; it takes \(MannWhitney.samplesMin) runs of both (--runs)"
        add(.inconclusive, "or its base has too few runs to say", byRun, runs)
        let open = unsaid.filter { $0.probability != nil || $0.metric.isToldBySecond }
        // Where whole runs were compared, it does not matter how long they were.
        let short = comparison.isTooShort ? open.filter { $0.probability == nil } : []
        add(.inconclusive, "or its base is too short to say", short, Self.lengths(comparison))
        let seldom = comparison.isTooShort ? [] : open.filter { $0.probability == nil }
        let help =
            "; more come with a higher --rate or another --mix, with --runs \(MannWhitney.samplesMin) of both, and "
            + "--metric names what is to be compared"
        add(.inconclusive, "has too few samples in a second to say", seldom, help)
        let steadier =
            "; longer runs vary less (--duration), several are told apart better (--runs), and --variation allows more"
        add(.inconclusive, "varies too much to say", open.filter { $0.probability != nil }, steadier)
    }

    private static func lengths(_ comparison: Comparison) -> String {
        let (base, new) = (comparison.seconds.base, comparison.seconds.new)
        return
            "; \(Text.number(base, decimals: 1)) s were measured before and \(Text.number(new, decimals: 1)) s now, and it "
            + "takes \(Comparison.secondsMin) s or more of each (--duration), or \(MannWhitney.samplesMin) runs (--runs)"
    }

    /// The exit code and the reasons that decide it, then the others; nil if all is as it should be.
    var text: String? {
        guard status != .passed else { return nil }
        let deciding = reasons.filter { $0.status == status }
        let others = reasons.filter { $0.status != status }
        let lines =
            ["exit code \(status.rawValue):"] + deciding.map { "  \($0.text)" }
            + (others.isEmpty ? [] : ["besides:"]) + others.map { "  \($0.text)" }
        return lines.joined(separator: "\n")
    }

    var json: JSONValue {
        .array(
            reasons.map { reason in
                .object([
                    ("exit_status", .integer(Int(reason.status.rawValue))), ("text", .string(reason.text)),
                ])
            }
        )
    }
}
