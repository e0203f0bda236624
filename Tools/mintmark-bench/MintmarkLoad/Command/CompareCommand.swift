import ArgumentParser

/// `mintmark-bench compare`
struct CompareCommand: LoadCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Says whether a change made it slower: holds saved runs against one that was before.",
        discussion: """
            Figures are compared second by second; where both files have five runs and more (--runs), run by run. One \
            that varies by more than --variation, or of which there are too few, is inconclusive, and no pass. Of the \
            others one counts as changed if the change is above --tolerance and both are of different distributions \
            (Mann-Whitney, below --significance). Runs that were not measured in the same way are not compared, and \
            neither are servers with different settings, unless --across-settings says that these are what is compared: \
            exit code 2. Builds may differ, and are told.

            Exit codes: 0 nothing became worse · 11 something did · 14 it varies too much to say · as a run was saved \
            with: 13 wrong answers · 4 not whole · 12 invalid; of several the first in the order 13, 4, 12, 11, 14.

            Example:
              mintmark-bench compare base.json new.json
            """
    )

    @Argument(help: ArgumentHelp("The report of the run before.", valueName: "base"))
    var base: String

    @Argument(help: ArgumentHelp("The reports of runs after it.", valueName: "new"))
    var new: [String]

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "What is compared. Can be given several times. (default: rate, p50 and p99 of every operation)",
            valueName: "metric"
        )
    )
    var metric: [String] = []

    @Option(help: ArgumentHelp("Changes up to this share do not matter.", valueName: "percent"))
    var tolerance = 5.0

    @Option(help: ArgumentHelp("How improbable chance must be.", valueName: "probability"))
    var significance = 0.05

    @Option(
        help: ArgumentHelp("Deviation between seconds, or runs, above which nothing is said.", valueName: "percent")
    )
    var variation = 50.0

    @Flag(help: "Compare although the server's settings differ: they are what is compared.")
    var acrossSettings = false

    @OptionGroup var report: ReportOptions

    func measure() throws(LoadFailure) -> Completion {
        guard !new.isEmpty else { throw .usage("there is nothing to compare with") }
        guard tolerance >= 0, tolerance <= 1_000, variation >= 0, variation <= 1_000, significance > 0, significance < 1
        else { throw .usage("shares are 0 to 1000 percent, and a probability lies between 0 and 1") }
        try report.check()
        var metrics: [Metric] = []
        for text in metric {
            guard let known = Metric(text) else { throw .usage("there is no metric \(text)") }
            metrics.append(known)
        }
        let limits = Comparison.Limits(
            tolerance: tolerance / 100,
            significance: significance,
            variationMax: variation / 100
        )
        let before = try RunDocument.read(base)
        var comparisons: [(name: String, comparison: Comparison)] = []
        var end = ComparisonEnd()
        end.add(before, file: base)
        for file in new {
            let after = try RunDocument.read(file)
            let comparison = try Comparison(
                before,
                after,
                metrics: metrics,
                limits,
                acrossSettings: acrossSettings
            )
            comparisons.append((file, comparison))
            end.add(after, file: file)
            end.add(comparison, file: file)
        }
        let tables = comparisons.map { "\(base) → \($0.name)\n\($0.comparison.text)" }
        let text = (tables + [end.text].compactMap(\.self)).joined(separator: "\n\n")
        let json = JSONValue.object([
            ("schema_version", .integer(LoadReport.schemaVersion)),
            ("mode", .string("compare")),
            ("exit_status", .integer(Int(end.status.rawValue))),
            ("reasons", end.json),
            ("comparisons", .array(comparisons.map { $0.comparison.json(name: $0.name) })),
        ])
        return Completion(end.status, text: text, json: json, jsonPath: report.json)
    }
}

extension Comparison {
    var exitStatus: CommandStatus {
        if hasRegression { return .regression }
        return isInconclusive ? .inconclusive : .passed
    }

    var text: String {
        let width = rows.map { $0.metric.text.count }.max() ?? 0
        let lines = rows.map { row in
            let name = row.metric.text + String(repeating: " ", count: width - row.metric.text.count)
            let change = row.change.isFinite ? "\(row.change > 0 ? "+" : "")\(Text.percent(row.change))" : "new"
            let tooFew = row.metric.isToldBySecond ? "too few seconds" : "too few runs"
            let probability = row.probability.map { "p = \(Text.number($0, decimals: 3))" } ?? tooFew
            let values = [row.base, row.new].map { Text.padded(row.metric.words(for: $0), to: 14) }.joined()
            return "\(name)\(values)\(Text.padded(change, to: 11))  \(probability)  \(row.finding.rawValue)"
        }
        return (notes + lines).joined(separator: "\n")
    }

    func json(name: String) -> JSONValue {
        .object([
            ("name", .string(name)),
            ("notes", .array(notes.map(JSONValue.string))),
            (
                "metrics",
                .object(
                    rows.map { row in
                        (
                            row.metric.text,
                            .object([
                                ("base", .number(row.base)), ("new", .number(row.new)),
                                ("change", .number(row.change)), ("probability", .number(row.probability)),
                                ("finding", .string(row.finding.rawValue)),
                            ])
                        )
                    }
                )
            ),
        ])
    }
}
