import Testing

@testable import MintmarkLoad

@Suite("Gates")
struct GateTests {
    private static func plan() throws -> LoadPlan { try VirtualRun.plan(ratePerSecond: 2_000, seconds: 12) }

    /// Two thousand requests in a second that take a millisecond each, three in a hundred ten.
    private static func document(
        seed: UInt64 = 7,
        slower: Double = 1,
        plan: (inout LoadPlan) -> Void = { _ in }
    ) throws -> RunDocument {
        var load = try Self.plan()
        load.seed = seed
        plan(&load)
        var random = SeededRandom(seed: seed + 1_000)
        let server = VirtualServer(threads: .max) { _ in
            let scale = random.below(100) < 3 ? 10_000_000.0 : 1_000_000
            return Int64(scale * (0.9 + 0.2 * random.unit()) * slower)
        }
        return try RunDocument(VirtualRun.report(load, server).json)
    }

    @Test(
        "expressions are read",
        arguments: [
            Row("a percentile", "p99(verify) > 2ms", 2_000), Row("without spaces", "p99>2", 2),
            Row("a share", "error_rate >= 0.1%", 0.001), Row("a fraction", "achieved < 0.99", 0.99),
            Row("bytes", "rss_peak > 200MB", 200_000_000), Row("thousands", "rate < 50k", 50_000),
            Row("a row of seconds", "p99 > 50ms for 10s", 50_000), Row("more nines", "p9999 <= 1s", 1_000_000),
            Row("an error", "errors(shed_busy) > 0", 0), Row("lag", "lag_p99(sign) > 300us", 300),
            Row("no metric", "p99(login) > 1ms", nil), Row("an unknown one", "speed > 1", nil),
            Row("all of them", "p100 > 1ms", nil), Row("no value", "p99 >", nil), Row("no comparison", "p99 2ms", nil),
            Row("a unit that does not fit", "error_rate > 1ms", nil), Row("equality", "p99 = 1ms", nil),
            Row("a negative value", "rate < -1", nil), Row("no time behind for", "p99 > 1ms for ever", nil),
            Row("nothing", "", nil), Row("an open bracket", "p99(verify > 1ms", nil),
        ] as [Row<String, Double?>]
    )
    func expressions(row: Row<String, Double?>) {
        let threshold = try? Threshold(row.given)
        #expect((threshold?.bound).map { ($0 * 1e6).rounded() / 1e6 } == row.expected)
    }

    @Test("a row of seconds is one to a day", arguments: [(0, false), (1, true), (86_400, true), (86_401, false)])
    func rows(seconds: Int, isGood: Bool) {
        #expect(((try? Threshold("p99 > 1ms for \(seconds)s")) != nil) == isGood)
    }

    @Test(
        "a saved run is judged by what it measured",
        arguments: [
            Row("a good median", "p50 > 1.2ms", false), Row("a bad one", "p50(ping) > 0.8ms", true),
            Row("the slow ones", "p99.9 > 9ms", true), Row("the slowest", "max > 12ms", false),
            Row("the fastest", "min < 0.8ms", false), Row("the mean", "mean > 1.2ms", true),
            Row("the rate", "rate < 900", false), Row("what was due", "achieved < 99.9%", false),
            Row("errors", "error_rate > 0", false), Row("an error that never came", "errors(reset) > 0", false),
            Row("underway", "in_flight > 0.9", true), Row("own lag", "own_lag_p99 > 1us", false),
        ] as [Row<String, Bool>]
    )
    func judgement(row: Row<String, Bool>) throws {
        let outcomes = try Gate(thresholds: [Threshold(row.given)]).judge(Self.document())
        #expect(outcomes.map(\.isViolated) == [row.expected], "\(outcomes)")
    }

    @Test(
        "what was not measured is no pass",
        arguments: [
            "p99(verify) > 1ms", "p99.99 > 1ms", "rate(sign) < 1", "server_cpu_us_per_op > 1", "rss_peak > 1MB",
        ]
    )
    func notMeasured(expression: String) throws {
        let gate = Gate(thresholds: [try Threshold(expression)])
        let document = try Self.document()
        let failure = #expect(throws: LoadFailure.self) { try gate.judge(document) }
        #expect(failure?.exitStatus == .usage)
    }

    @Test("thresholds end a run when so many seconds in a row are bad, and not before")
    func abort() throws {
        let plan = try Self.plan()
        // From the fifth second on everything is slow.
        let report = try VirtualRun.report(plan, VirtualServer(threads: .max) { $0 < 10_000 ? 1_000 : 20_000_000 })
        for (expression, second) in [("p50 > 10ms", 5), ("p50 > 10ms for 3s", 7), ("p50 > 10ms for 60s", nil)] {
            var watch = AbortWatch([try Threshold(expression)], threads: 1)
            let found = (1...report.intervals.count).first { count in
                watch.look(Array(report.intervals[..<count]), []) != nil
            }
            // The second before the slow ones end may have some of them.
            #expect(found.map { abs($0 - 1 - (second ?? -9)) <= 1 } ?? (second == nil), "\(expression): \(found ?? -1)")
        }
    }

    @Test("two equal runs are equal; a slower one is found", arguments: 0..<10 as Range<UInt64>)
    func comparison(seed: UInt64) throws {
        let base = try Self.document(seed: 2 * seed)
        let same = try Comparison(base, Self.document(seed: 2 * seed + 1), metrics: [], .init())
        #expect(same.rows.filter { $0.finding != .same }.isEmpty, "\(same.text)")
        let slower = try Comparison(base, Self.document(seed: 2 * seed + 1, slower: 1.2), metrics: [], .init())
        #expect(slower.hasRegression && slower.exitStatus == .regression, "\(slower.text)")
        let faster = try Comparison(Self.document(seed: 2 * seed + 1, slower: 1.2), base, metrics: [], .init())
        #expect(faster.rows.contains { $0.finding == .better } && !faster.hasRegression, "\(faster.text)")
    }

    @Test("of twenty repetitions nearly all find no change, and each finds what became slower by a fifth")
    func twentyComparisons() throws {
        var (rows, unchanged) = (0, 0)
        for seed in 100..<120 as Range<UInt64> {
            let base = try Self.document(seed: 2 * seed)
            let same = try Comparison(base, Self.document(seed: 2 * seed + 1), metrics: [], .init())
            rows += same.rows.count
            unchanged += same.rows.count { $0.finding == .same }
            let slower = try Comparison(base, Self.document(seed: 2 * seed + 1, slower: 1.2), metrics: [], .init())
            #expect(slower.exitStatus == .regression, "\(slower.text)")
        }
        #expect(Double(unchanged) >= 0.95 * Double(rows), "\(unchanged) of \(rows)")
    }

    @Test("runs that were measured differently are not compared")
    func differentRuns() throws {
        let base = try Self.document()
        let others = [
            try Self.document { $0.connections = 17 },
            try Self.document {
                $0.pace = .closedLoop
                $0.requestsMax = 100
            },
            try Self.document { $0.pace = .openLoop(.uniform, ratePerSecond: 1_000) },
            try Self.document { $0.pace = .openLoop(.poisson, ratePerSecond: 1_001) },
            try Self.document { $0.reconnectEvery = 1_000_000 },
            try Self.document { $0.onFull = .skip }, try Self.document { $0.depth = 1 },
        ]
        for other in others {
            let failure = #expect(throws: LoadFailure.self) { try Comparison(base, other, metrics: [], .init()) }
            #expect(failure?.exitStatus == .usage)
        }
    }

    @Test("too few seconds, and too wild ones, are inconclusive")
    func inconclusive() throws {
        let short = try Self.document { $0.durationNanoseconds = 3_000_000_000 }
        #expect(try Comparison(short, short, metrics: [], .init()).exitStatus == .inconclusive)
        let long = try Self.document()
        let limits = Comparison.Limits(variationMax: 0.001)
        #expect(try Comparison(long, long, metrics: [], limits).exitStatus == .inconclusive)
    }

    @Test("what varies too much is no change, be it ever so improbable; neither for better nor for worse")
    func noisyChange() throws {
        let (base, slower) = (try Self.document(), try Self.document(slower: 2))
        let metric = try #require(Metric("p50"))
        for (before, after) in [(base, slower), (slower, base)] {
            let row = try #require(try Comparison(before, after, metrics: [metric], .init()).rows.first)
            #expect(try #require(row.probability) < 0.05)
            #expect(row.finding == (after.json.text == slower.json.text ? .worse : .better))
            let limits = Comparison.Limits(variationMax: 0.0001)
            let noisy = try Comparison(before, after, metrics: [metric], limits)
            #expect(noisy.rows.map(\.finding) == [.inconclusive])
            #expect(noisy.exitStatus == .inconclusive)
        }
    }

    @Test("the test of Mann and Whitney gives the values of tables")
    func mannWhitney() throws {
        #expect(MannWhitney.probability([1, 2, 3, 4], [1, 2, 3, 4, 5]) == nil)
        #expect(MannWhitney.probability([1, 1, 1, 1, 1], [1, 1, 1, 1, 1]) == 1)
        // scipy.stats.mannwhitneyu(method="asymptotic").
        let apart = try #require(MannWhitney.probability([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]))
        #expect(abs(apart - 0.005075) < 1e-5)
        let tied = try #require(MannWhitney.probability([1, 2, 2, 3, 4, 5], [2, 3, 3, 4, 6, 7, 8]))
        #expect(abs(tied - 0.148018) < 1e-5)
    }

    @Test("of several ends the one that says most is taken")
    func precedence() {
        let order: [CommandStatus] = [
            .wrongAnswer, .aborted, .invalid, .thresholdFailed, .regression, .inconclusive, .passed,
        ]
        for (place, status) in order.enumerated() {
            for later in order[place...] {
                #expect(status.combined(with: later) == status)
                #expect(later.combined(with: status) == status)
            }
        }
    }
}
