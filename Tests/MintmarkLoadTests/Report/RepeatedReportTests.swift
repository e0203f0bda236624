import Testing

@testable import MintmarkLoad

@Suite("Several runs")
struct RepeatedReportTests {
    /// A run whose requests take so long.
    private static func run(microseconds: Int64, isOpenLoop: Bool = true) throws -> LoadReport {
        var plan = try VirtualRun.plan(ratePerSecond: isOpenLoop ? 2_000 : nil, seconds: 3)
        if !isOpenLoop { (plan.connections, plan.depth) = (1, 1) }
        return try VirtualRun.report(plan, .parallel(nanoseconds: microseconds * 1_000))
    }

    @Test("the run in the middle stands for all: by p99 in an open loop, by throughput in a closed one")
    func representative() throws {
        for isOpenLoop in [true, false] {
            let runs = try [300, 100, 200].map { try Self.run(microseconds: $0, isOpenLoop: isOpenLoop) }
            let chosen = try RepeatedReport(runs).representative
            #expect(chosen.context.id == runs[2].context.id)
            // Of an even number the lower one of the middle.
            let four = try RepeatedReport(runs + [Self.run(microseconds: 150, isOpenLoop: isOpenLoop)]).representative
            #expect(four.context.id != runs[0].context.id && four.context.id != runs[1].context.id)
        }
    }

    @Test("the spread is told: median, least, greatest, variation")
    func spread() throws {
        let report = try RepeatedReport([300, 100, 200].map { try Self.run(microseconds: $0) })
        let spread = try #require(report.spreads.first { $0.metric.text == "p50(ping)" })
        for (value, expected) in zip(spread.values + [spread.median], [300.0, 100, 200, 200]) {
            #expect(abs(value - expected) < 1, "\(spread.values)")
        }
        #expect(abs(spread.variation - 0.5) < 0.01)
        #expect(report.text.contains("3 runs; the one in the middle is shown above"))
        let json = report.json
        #expect(json["runs"].values.count == 3)
        #expect(json["spread"]["rate(ping)"]["values"].values.count == 3)
        #expect(try RunDocument(json).markdown.contains("| 3 runs | median |"))
        // One run is what it always was.
        let single = try RepeatedReport([Self.run(microseconds: 100)])
        #expect(single.json["runs"].isNull && !single.text.contains("in the middle"))
    }

    @Test("thresholds judge medians; one bad run of three is no failure, two are")
    func gates() throws {
        let gate = Gate(thresholds: [try Threshold("p50 > 250us")])
        for (times, isViolated) in [([300, 100, 200], false), ([300, 400, 200], true)] as [([Int64], Bool)] {
            var report = try RepeatedReport(times.map { try Self.run(microseconds: $0) })
            try report.judge(gate)
            #expect(report.gates.map(\.isViolated) == [isViolated])
            #expect(report.exitStatus == (isViolated ? .thresholdFailed : .passed))
        }
    }

    @Test("one invalid run makes all of them invalid; wrong ones come first")
    func exitStatus() throws {
        let good = try Self.run(microseconds: 100)
        var invalid = good
        invalid.measured.workShares = [0.99]
        #expect(try RepeatedReport([good, invalid, good]).exitStatus == .invalid)
        var wrong = good
        wrong.measured.tally.errors.add(.validation, "so the test says")
        #expect(try RepeatedReport([invalid, wrong]).exitStatus == .wrongAnswer)
    }

    @Test("the run that decides stands for all, and every bad run is told of")
    func evidence() throws {
        let good = try Self.run(microseconds: 100)
        var invalid = good
        invalid.context.id = "invalid"
        invalid.measured.workShares = [0.99]
        var wrong = good
        wrong.context.id = "wrong"
        wrong.measured.tally.errors.add(.validation, "what was <seen>")
        let report = try RepeatedReport([good, invalid, good, wrong])
        #expect(report.representative.context.id == "wrong")
        #expect(try RepeatedReport([good, invalid, good]).representative.context.id == "invalid")
        #expect(report.text.contains("4 runs; the first of the worst is shown above"))
        let document = try RunDocument(report.json)
        #expect(document.json["errors"]["validation"].integer == 1)
        #expect(
            document.json["runs"].values[3]["error_details"]["validation"]["first_example"].string == "what was <seen>"
        )
        let page = try HTMLReport([document], names: ["a"]).text
        for text in [report.text, document.markdown, page] {
            #expect(text.contains("run 2: exit status 12: INVALID: generator thread 0 used"))
            #expect(text.contains("run 4: exit status 13: validation × 1: what was "))
            #expect(!text.contains("run 1:") && !text.contains("run 3:"))
        }
        #expect(page.contains("what was &lt;seen&gt;"))
        #expect(try RunDocument(RepeatedReport([good, good]).json).badRuns.isEmpty)
    }

    @Test("a figure that some of the runs do not have says of how many it is")
    func missingRuns() throws {
        var plan = try VirtualRun.plan(ratePerSecond: 2_000, seconds: 3)
        plan.requestsMax = 999
        let short = try VirtualRun.report(plan, .parallel(nanoseconds: 100_000))
        let report = try RepeatedReport([Self.run(microseconds: 100), short, Self.run(microseconds: 100)])
        let document = try RunDocument(report.json)
        for text in [report.text, document.markdown, try HTMLReport([document], names: ["a"]).text] {
            #expect(text.contains("p99(ping), in 2 of 3 runs"))
            #expect(text.contains("p50(ping)") && !text.contains("p50(ping), in"))
        }
    }

    @Test("five runs and more are compared run by run")
    func comparison() throws {
        func runs(_ base: Int64) throws -> RunDocument {
            try RunDocument(RepeatedReport((0..<5).map { try Self.run(microseconds: base + 3 * $0) }).json)
        }
        let (slow, fast) = (try runs(220), try runs(200))
        let metric = try #require(Metric("p50(ping)"))
        let row = try #require(try Comparison(fast, slow, metrics: [metric], .init()).rows.first)
        #expect(row.finding == .worse)
        // Two samples of five that do not overlap.
        #expect(abs(try #require(row.probability) - 0.0122) < 0.001)
        #expect(abs(row.change - 0.097) < 0.01)
    }

    @Test(
        "lists of percentiles",
        arguments: [
            Row("one", "50", ["p50"]), Row("some", "25,99,99.95", ["p25", "p99", "p99.95"]), Row("none", "", nil),
            Row("all", "100", nil), Row("nothing", "0", nil), Row("descending", "99,50", nil),
            Row("twice", "50,50", nil),
            Row("words", "50,p99", nil), Row("a gap", "50,,99", nil), Row("eleven", list(11), titles(11)),
            Row("twelve", list(12), titles(12)), Row("thirteen", list(13), nil),
        ] as [Row<String, [String]?>]
    )
    func percentiles(row: Row<String, [String]?>) {
        #expect(PercentileList(row.given)?.titles == row.expected)
    }

    private static func list(_ count: Int) -> String { (1...count).map(String.init).joined(separator: ",") }
    private static func titles(_ count: Int) -> [String] { (1...count).map { "p\($0)" } }
}
