/// What came out of several runs of one plan.
struct RepeatedReport: Sendable {
    /// A figure of an operation over all runs.
    struct Spread: Sendable {
        var metric: Metric
        /// In the order of runs; those in which too little was measured are left out.
        var values: [Double]
        /// How many runs there are, those among them.
        var runCount: Int

        /// The metric, and where runs are missing, of how many the values are.
        var title: String { Spread.title(metric.text, valueCount: values.count, runCount: runCount) }

        var median: Double { Spread.median(values) }

        /// The standard deviation in relation to the mean.
        var variation: Double { Comparison.variation(values) }

        static func title(_ name: String, valueCount: Int, runCount: Int) -> String {
            valueCount == runCount ? name : "\(name), in \(valueCount) of \(runCount) runs"
        }

        /// The middle value, or the mean of the two middle ones; 0 without values.
        static func median(_ values: [Double]) -> Double {
            let sorted = values.sorted()
            guard !sorted.isEmpty else { return 0 }
            return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        }
    }

    /// At least one, in order.
    private(set) var runs: [LoadReport]
    private var documents: [RunDocument]
    /// What the runs were held against: the medians.
    var gates: [Gate.Outcome] = []

    init(_ runs: [LoadReport]) throws(LoadFailure) {
        precondition(!runs.isEmpty, "a report of no runs")
        self.runs = runs
        documents = []
        for run in runs { documents.append(try RunDocument(run.json)) }
    }

    /// The run that stands for all: the first that was as bad as all together are; if none was bad, the one in the
    /// middle.
    var representative: LoadReport {
        let status = runsStatus
        return runs.first { status != .passed && $0.exitStatus == status } ?? middle
    }

    /// The run in the middle: by throughput in a closed loop, by the 99th percentile of times in an open one.
    private var middle: LoadReport {
        let isOpenLoop = runs[0].plan.isOpenLoop
        func key(_ report: LoadReport) -> Double {
            guard isOpenLoop else { return Double(report.tally.completed) / max(report.measuredSeconds, 1e-9) }
            return report.tally.response.microseconds(atPercentile: 99) ?? .infinity
        }
        let order = runs.indices.sorted { key(runs[$0]) < key(runs[$1]) }
        return runs[order[(order.count - 1) / 2]]
    }

    /// Holds the medians against thresholds.
    ///
    /// - Throws: `LoadFailure.usage` where one says something of what was not measured in every run.
    mutating func judge(_ gate: Gate) throws(LoadFailure) {
        for threshold in gate.thresholds {
            var values: [Double] = []
            for document in documents { values.append(try document.value(of: threshold.metric)) }
            gates.append(Gate.Outcome(threshold: threshold, value: Spread.median(values)))
        }
    }

    /// Rate, p50 and p99 of every operation.
    var spreads: [Spread] {
        let names = runs[0].plan.mix.operations.map(\.name)
        let metrics = names.flatMap { name in ["rate", "p50", "p99"].compactMap { Metric("\($0)(\(name))") } }
        return metrics.compactMap { metric in
            let values = documents.compactMap { try? $0.value(of: metric) }
            return values.isEmpty ? nil : Spread(metric: metric, values: values, runCount: runs.count)
        }
    }

    var exitStatus: CommandStatus {
        gates.contains(where: \.isViolated) ? runsStatus.combined(with: .thresholdFailed) : runsStatus
    }

    /// What the runs are worth, whatever they are held against.
    private var runsStatus: CommandStatus {
        runs.dropFirst().reduce(runs[0].exitStatus) { $0.combined(with: $1.exitStatus) }
    }
}

extension RepeatedReport {
    var text: String {
        guard runs.count > 1 else { return (runs[0].text + gateText) }
        let shown = runsStatus == .passed ? "the one in the middle" : "the first of the worst"
        var lines = [representative.text, "", "\(runs.count) runs; \(shown) is shown above"]
        lines += RunDocument.badRuns(runs.map(Self.runJSON))
        let spreads = spreads
        let width = spreads.map(\.title.count).max() ?? 0
        let heads = ["median", "least", "greatest", "variation"].map { Text.padded($0, to: 16) }.joined()
        lines.append(String(repeating: " ", count: width) + heads)
        for spread in spreads {
            let name = spread.title + String(repeating: " ", count: width - spread.title.count)
            let values = [spread.median, spread.values.min() ?? 0, spread.values.max() ?? 0].map(spread.metric.words)
            let cells = values + [Text.percent(spread.variation)]
            lines.append(name + cells.map { Text.padded($0, to: 16) }.joined())
        }
        return lines.joined(separator: "\n") + gateText
    }

    private var gateText: String { gates.map { "\n" + $0.text }.joined() }

    var json: JSONValue {
        let isRepeated = runs.count > 1
        let replaced: [String: JSONValue] = [
            "exit_status": .integer(Int(exitStatus.rawValue)), "thresholds": .array(gates.map(\.json)),
            "interrupted": .bool(runs.contains(where: \.isInterrupted)),
        ]
        var members = representative.json.members.map { ($0.name, replaced[$0.name] ?? $0.value) }
        if isRepeated {
            members.append(("runs", .array(runs.map(Self.runJSON))))
            members.append(("spread", .object(spreads.map { ($0.metric.text, $0.json) })))
        }
        return .object(members)
    }

    /// What a single run came to, without its seconds and histograms.
    private static func runJSON(_ report: LoadReport) -> JSONValue {
        let kept: Set<String> = [
            "exit_status", "interrupted", "aborted_by", "verdict", "run", "measured_seconds", "offered", "completed",
            "completed_per_second", "not_sent", "failed", "in_flight_mean", "operations", "errors", "error_details",
            "server",
        ]
        let members = report.json.members.filter { kept.contains($0.name) }.map { name, value in
            switch name {
            case "operations":
                let operations = value.members.map { operation, figures in
                    (
                        operation,
                        JSONValue.object(figures.members.filter { !["histograms", "failed_times"].contains($0.name) })
                    )
                }
                return (name, JSONValue.object(operations))
            case "server":
                let figures = ["cpu_us_per_operation", "cores_used", "resident_bytes_peak"]
                return (name, JSONValue.object(value.members.filter { figures.contains($0.name) }))
            default: return (name, value)
            }
        }
        return .object(members)
    }
}

extension RepeatedReport.Spread {
    var json: JSONValue {
        .object([
            ("median", .number(median) as JSONValue),
            ("min", .number(values.min())),
            ("max", .number(values.max())),
            ("variation", .number(variation) as JSONValue),
            ("values", .array(values.map { .number($0) as JSONValue })),
        ])
    }
}
