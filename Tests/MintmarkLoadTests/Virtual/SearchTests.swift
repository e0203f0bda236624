import Testing

@testable import MintmarkLoad

@Suite("Searches for the greatest rate")
struct SearchTests {
    private static func search(
        _ objective: String,
        start: Double = 1_000,
        seed: UInt64 = 1,
        arrival: ArrivalSchedule.Arrival = .poisson,
        _ server: @escaping () -> VirtualServer
    ) throws -> RateSearch {
        var search = RateSearch(judge: RateJudge(objective: try Threshold(objective)), startPerSecond: start)
        var turn = seed * 1_000
        try search.run { rate throws(LoadFailure) in
            turn += 1
            do {
                let plan = try VirtualRun.plan(
                    ratePerSecond: rate,
                    arrival: arrival,
                    seconds: 3,
                    depth: 64,
                    seed: turn
                )
                return try VirtualRun.report(plan, server())
            } catch {
                throw .failed("\(error)")
            }
        }
        return search
    }

    private static func report(_ search: RateSearch) -> RateSeriesReport {
        RateSeriesReport(
            mode: "search",
            points: search.points,
            objective: search.judge.objective,
            sustainablePerSecond: search.sustainablePerSecond,
            failure: search.failure
        )
    }

    @Test("a server's capacity is found, three times running", arguments: 1...3 as ClosedRange<UInt64>)
    func capacity(seed: UInt64) throws {
        let search = try Self.search("p99 < 30ms", start: 6_000, seed: seed) { VirtualServer { _ in 125_000 } }
        let found = try #require(search.sustainablePerSecond)
        #expect(abs(found / 8_000 - 1) < 0.05, "\(found)")
        #expect(search.points.suffix(3).map(\.purpose) == ["confirm", "confirm", "confirm"])
        let report = Self.report(search)
        #expect(report.exitStatus == .passed)
        #expect(report.text.contains("\n\(Text.number(found, decimals: 0)) requests/s keep p99 < 30ms"))
        #expect(report.json["sustainable_is_lower_bound"].bool == false)
        #expect(report.text.contains("above that: "))
        let document = try RunDocument(report.json)
        #expect(document.mode == "search")
        #expect(try HTMLReport([document], names: ["a"]).text.contains("Latency by rate"))
        #expect(document.markdown.contains("| stands |"))
    }

    @Test("a beginning that is too much is made less")
    func startTooHigh() throws {
        let found = try Self.search("p99 < 10ms", start: 5_000, arrival: .uniform) { VirtualServer { _ in 1_000_000 } }
            .sustainablePerSecond
        #expect(abs(try #require(found) / 1_000 - 1) < 0.03)
    }

    @Test("an objective that no rate keeps is not kept")
    func impossible() throws {
        let search = try Self.search("max < 1us", start: 100) { VirtualServer { _ in 125_000 } }
        #expect(search.sustainablePerSecond == nil)
        let report = Self.report(search)
        #expect(report.exitStatus == .thresholdFailed)
    }

    @Test("too little at a smaller rate than one that failed ends the search, and loses nothing of it")
    func tooLittleBelow() throws {
        // Three seconds at 100 a second are too few for a 99th percentile.
        let search = try Self.search("p99 < 1us", start: 1_000) { VirtualServer { _ in 125_000 } }
        #expect(search.sustainablePerSecond == nil)
        #expect(search.points.map(\.ratePerSecond) == [1_000, 500, 250])
        #expect(search.points.map(\.lacksSamples) == [false, false, true])
        let fault = try #require(search.points.last?.fault)
        // Some 750 came in three seconds; with a fifth to spare.
        #expect(fault.contains("of 1000; enough come with --duration 5, or from a rate of "), "\(fault)")
        #expect(fault.contains("on (--start-rate)"))
        let report = Self.report(search)
        #expect(report.exitStatus == .thresholdFailed)
        #expect(report.text.contains("no rate was found that keeps p99 < 1us"))
        #expect(report.json["points"].values.count == 3)
    }

    @Test("a confirmation with too few samples is none")
    func tooLittleToConfirm() throws {
        // About 1 000 samples: more the first time, fewer another.
        let plan = try VirtualRun.plan(ratePerSecond: 400, arrival: .uniform, seconds: 3)
        var counts = [1_200, 1_200]
        var search = RateSearch(judge: RateJudge(objective: try Threshold("p99 < 1s")), startPerSecond: 600_000)
        try search.run { rate throws(LoadFailure) in
            var turn = plan
            turn.pace = .openLoop(.uniform, ratePerSecond: rate)
            turn.requestsMax = rate > 600_000 ? 1 : counts.popLast() ?? 900
            do { return try VirtualRun.report(turn, .parallel(nanoseconds: 1_000)) } catch { throw .failed("\(error)") }
        }
        #expect(search.sustainablePerSecond == nil)
        #expect(search.points.last?.lacksSamples == true)
    }

    @Test("an objective of which too little was measured is no pass")
    func tooLittle() throws {
        let failure = #expect(throws: LoadFailure.self) {
            try Self.search("p99.99 < 1s", start: 100) { VirtualServer { _ in 1_000 } }
        }
        #expect(failure?.exitStatus == .usage)
        #expect(failure?.message.contains("--duration") == true)
    }

    /// Of every ten milliseconds three.
    private static let absence = (period: 10_000_000 as Int64, range: 5_000_000..<8_000_000 as Range<Int64>)

    /// A search at whose first rates the generator lacks its processor at times, for up to 3 ms.
    private static func lateSearch(at lateCount: Int) throws -> RateSeriesReport {
        var search = RateSearch(judge: RateJudge(objective: try Threshold("p99 < 2ms")), startPerSecond: 8_000)
        var turns = 0
        try search.run { rate throws(LoadFailure) in
            turns += 1
            do {
                let plan = try VirtualRun.plan(ratePerSecond: rate, seconds: 3)
                let server = VirtualServer { _ in 100_000 }
                return try VirtualRun.report(plan, server, absence: turns > lateCount ? nil : absence)
            } catch {
                throw .failed("\(error)")
            }
        }
        return Self.report(search)
    }

    @Test("a generator that is late at three rates in a row ends the search, and says so")
    func lateGenerator() throws {
        let report = try Self.lateSearch(at: .max)
        #expect(report.points.map(\.ratePerSecond) == [8_000, 8_000, 4_000, 4_000, 2_000, 2_000])
        #expect(report.exitStatus == .invalid)
        #expect(report.text.contains("INVALID     the generator was late at 3 rates in a row"))
        #expect(report.json["exit_status"].integer == 12)
    }

    @Test("a generator that is late twice at one rate does not")
    func lateTwice() throws {
        let report = try Self.lateSearch(at: 2)
        #expect(report.points.prefix(3).map { $0.report.verdict.isLateOnly } == [true, true, false])
        #expect(report.exitStatus == .passed)
        #expect(!report.text.contains("in a row"))
    }

    @Test("where the generator was late by chance, the rate is tried again and found")
    func lateByChance() throws {
        var search = RateSearch(judge: RateJudge(objective: try Threshold("p99 < 2ms")), startPerSecond: 1_000)
        var turns = 0
        try search.run { rate throws(LoadFailure) in
            turns += 1
            do {
                let plan = try VirtualRun.plan(ratePerSecond: rate, arrival: .uniform, seconds: 3)
                let server = VirtualServer.parallel(nanoseconds: rate > 4_000 ? 5_000_000 : 1_000)
                // In every third run.
                return try VirtualRun.report(plan, server, absence: turns % 3 == 0 ? Self.absence : nil)
            } catch {
                throw .failed("\(error)")
            }
        }
        #expect(search.sustainablePerSecond == 4_000)
        #expect(search.points.contains { $0.fault?.hasPrefix("invalid") == true })
    }

    @Test("an objective that is kept although the generator was late is kept")
    func lateAndInTime() throws {
        let plan = try VirtualRun.plan(ratePerSecond: 2_000, seconds: 3)
        let report = try VirtualRun.report(plan, .parallel(nanoseconds: 50_000), absence: Self.absence)
        #expect(report.verdict.isLateOnly)
        for objective in ["p99 < 30ms", "p50 <= 30ms", "mean < 30ms", "max < 30ms"] {
            #expect(try RateJudge(objective: try Threshold(objective)).fault(of: report) == nil)
        }
        // Lateness says nothing of what it is no part of, and may be why a floor is kept.
        for objective in ["p99 < 2ms", "service_p99 < 30ms", "p99 > 1us", "rate > 1"] {
            let fault = try RateJudge(objective: try Threshold(objective)).fault(of: report)
            #expect(fault?.text.hasPrefix("invalid: one request in a hundred") == true, "\(objective)")
            #expect(fault?.isServers == false)
        }
    }

    @Test("too few samples keep no objective, also where the generator was late")
    func lateAndTooSeldom() throws {
        let plan = try VirtualRun.plan(ratePerSecond: 200, seconds: 3)
        let report = try VirtualRun.report(plan, .parallel(nanoseconds: 50_000), absence: Self.absence)
        #expect(report.verdict.isLateOnly)
        let fault = try RateJudge(objective: try Threshold("p99 < 30ms")).fault(of: report)
        #expect(fault?.text.hasPrefix("invalid: a request was sent") == true, "\(String(describing: fault))")
    }

    @Test("a rate that is kept although the generator was late is no invalid run, and tells of it")
    func lateAndFound() throws {
        var search = RateSearch(judge: RateJudge(objective: try Threshold("p99 < 30ms")), startPerSecond: 6_000)
        try search.run { rate throws(LoadFailure) in
            do {
                let plan = try VirtualRun.plan(ratePerSecond: rate, seconds: 3, depth: 64)
                return try VirtualRun.report(plan, VirtualServer { _ in 125_000 }, absence: Self.absence)
            } catch {
                throw .failed("\(error)")
            }
        }
        let report = Self.report(search)
        #expect(report.exitStatus == .passed)
        #expect(report.representative?.verdict.isLateOnly == true)
        #expect(report.text.contains("note        one request in a hundred was sent more than"))
        #expect(!report.text.contains("INVALID"))
        let document = try RunDocument(report.json)
        #expect(document.status == .passed)
        #expect(document.json["verdict"]["notes"].values.count == 1)
        #expect(document.markdown.contains("Note: one request in a hundred"))
        #expect(try HTMLReport([document], names: ["a"]).text.contains("<p>Note: one request in a hundred"))
    }

    @Test("where a rate stood, only what its confirmations came to decides how the search ends")
    func unconfirmed() throws {
        let plan = try VirtualRun.plan(ratePerSecond: 2_000, seconds: 3)
        let good = try VirtualRun.report(plan, .parallel(nanoseconds: 50_000))
        var busy = good
        busy.measured.workShares = [0.99]
        func end(confirmations: [Bool]) throws -> CommandStatus {
            var points = [
                RatePoint(ratePerSecond: 2_000, report: good, purpose: "search"),
                RatePoint(ratePerSecond: 4_000, report: good, fault: "p99", isServersFault: true, purpose: "search"),
            ]
            points += confirmations.map { isServers in
                RatePoint(
                    ratePerSecond: 2_000,
                    report: isServers ? good : busy,
                    fault: "so the test says",
                    isServersFault: isServers,
                    purpose: "confirm"
                )
            }
            return RateSeriesReport(mode: "search", points: points, objective: try Threshold("p99 < 1us")).exitStatus
        }
        #expect(try end(confirmations: [false]) == .invalid)
        #expect(try end(confirmations: [true]) == .thresholdFailed)
        #expect(try end(confirmations: [true, false]) == .invalid)
    }

    @Test("what keeps a search from going on ends it, and loses nothing of it")
    func endedByFailure() throws {
        var search = RateSearch(judge: RateJudge(objective: try Threshold("p99 < 30ms")), startPerSecond: 1_000)
        try search.run { rate throws(LoadFailure) in
            guard rate < 4_000 else { throw .usage("tokens expire") }
            do {
                return try VirtualRun.report(
                    VirtualRun.plan(ratePerSecond: rate, seconds: 3),
                    .parallel(nanoseconds: 1)
                )
            } catch {
                throw .failed("\(error)")
            }
        }
        #expect(search.points.map(\.ratePerSecond) == [1_000, 2_000])
        #expect(search.failure?.message == "tokens expire")
        #expect(search.sustainablePerSecond == nil)
        let text = Self.report(search).text
        #expect(text.contains("no rate was confirmed that keeps p99 < 30ms: tokens expire"))
        #expect(text.hasSuffix("2 000 requests/s kept it when they were tried"), "\(text)")
        var first = RateSearch(judge: search.judge, startPerSecond: 4_000)
        #expect(throws: LoadFailure.self) { try first.run { _ throws(LoadFailure) in throw .usage("tokens expire") } }
    }

    @Test("a saturated server is to blame for what the generator's lateness does not explain")
    func lateAndSaturated() throws {
        func fault(_ objective: String, nanoseconds: Int64) throws -> RateJudge.Fault? {
            let plan = try VirtualRun.plan(ratePerSecond: 2_000, seconds: 3)
            var report = try VirtualRun.report(plan, .parallel(nanoseconds: nanoseconds), absence: Self.absence)
            var usage = ServerProcess.Usage(
                processorNanoseconds: 0,
                residentBytes: 0,
                processors: ProcessorTimes(statText: "", processors: [], nanosecondsPerTick: 1)
            )
            report.server.processorsAllowed = 1
            report.server.usageBefore = usage
            usage.processorNanoseconds = Int64(report.measured.servingSeconds * 1e9)
            report.server.usageAfter = usage
            #expect(report.verdict.isServerSaturated)
            return try RateJudge(objective: try Threshold(objective)).fault(of: report)
        }
        #expect(try fault("p99 < 30ms", nanoseconds: 50_000) == nil)
        #expect(try fault("p99 < 2ms", nanoseconds: 50_000)?.isServers == false)
        #expect(try fault("p99 < 2ms", nanoseconds: 4_000_000)?.isServers == true)
        #expect(try fault("service_p99 < 30ms", nanoseconds: 50_000)?.isServers == false)
    }

    /// A search at whose greater rates the generator lacks its processor at times.
    private static func search(start: Double, lateAbove limit: Double) throws -> RateSearch {
        var search = RateSearch(judge: RateJudge(objective: try Threshold("p99 < 2ms")), startPerSecond: start)
        try search.run { rate throws(LoadFailure) in
            do {
                let plan = try VirtualRun.plan(ratePerSecond: rate, arrival: .uniform, seconds: 3)
                return try VirtualRun.report(
                    plan,
                    .parallel(nanoseconds: 1_000),
                    absence: rate > limit ? absence : nil
                )
            } catch {
                throw .failed("\(error)")
            }
        }
        return search
    }

    @Test("where the generator was late above a rate, that is kept at least")
    func lateAbove() throws {
        let search = try Self.search(start: 1_000, lateAbove: 4_000)
        #expect(search.sustainablePerSecond == 4_000)
        // 8 000, 6 000 and 5 000 a second, each of them tried again.
        #expect(search.points.count { $0.report.verdict.isLateOnly } == RateSearch.attemptsMax * RateSearch.lateMax)
        let report = Self.report(search)
        #expect(report.exitStatus == .passed)
        #expect(report.text.contains("at least 4 000 requests/s keep p99 < 2ms\nabove that: invalid: one request"))
        #expect(report.json["sustainable_is_lower_bound"].bool == true)
        let page = try HTMLReport([RunDocument(report.json)], names: ["a"]).text
        #expect(page.contains("at least 4 000 requests/s keep p99 &lt; 2ms"))
        #expect(report.points[0].text.contains("  p99 1.0 µs  stands"), "\(report.points[0].text)")
    }

    @Test("a generator that is late, and then too few samples, are nothing that the server did")
    func lateAndTooLittle() throws {
        let search = try Self.search(start: 500, lateAbove: 300)
        #expect(search.points.map(\.lacksSamples) == [false, false, true])
        let report = Self.report(search)
        #expect(report.exitStatus == .invalid)
    }

    @Test(
        "a rate is measured until there are samples enough, if nobody says how long",
        arguments: [
            Row("a thousand, and a fifth", ("p99 < 2ms", 1_000), 1.2),
            Row("twenty, and more than chance leaves out", ("p50 < 2ms", 1_000), 0.042361),
            Row("of one operation in ten", ("p99(sign) < 2ms", 1_000), 12),
            Row("of one that never comes", ("p99(open) < 2ms", 1_000), .infinity),
            Row("more for a greater percentile", ("p99.9 < 2ms", 1_000), 12),
            Row("a mean is one of any number", ("mean < 2ms", 1_000), nil),
        ] as [Row<(String, Double), Double?>]
    )
    func secondsNeeded(row: Row<(String, Double), Double?>) throws {
        let mix = try #require(OperationMix("sign=1,verify=8,refresh=1"))
        let seconds = RateJudge(objective: try Threshold(row.given.0))
            .secondsNeeded(ratePerSecond: row.given.1, mix: mix)
        #expect(seconds.map { $0 > 1e9 ? .infinity : ($0 * 1e6).rounded() / 1e6 } == row.expected)
    }

    @Test("a generator that is late at all confirmations ends the search, too")
    func lateToConfirm() throws {
        let plan = try VirtualRun.plan(ratePerSecond: 400, arrival: .uniform, seconds: 3)
        var search = RateSearch(judge: RateJudge(objective: try Threshold("p99 < 2ms")), startPerSecond: 600_000)
        var standing = 0
        try search.run { rate throws(LoadFailure) in
            var turn = plan
            turn.pace = .openLoop(.uniform, ratePerSecond: rate)
            // What is greater fails.
            turn.requestsMax = rate > 600_000 ? 1 : 6_000
            if rate <= 600_000 { standing += 1 }
            do {
                return try VirtualRun.report(
                    turn,
                    .parallel(nanoseconds: 1_000),
                    absence: rate <= 600_000 && standing > 1 ? Self.absence : nil
                )
            } catch {
                throw .failed("\(error)")
            }
        }
        #expect(search.sustainablePerSecond == nil)
        #expect(search.points.count { $0.purpose == "confirm" } == RateSearch.attemptsMax * RateSearch.lateMax)
        let report = Self.report(search)
        #expect(report.exitStatus == .invalid)
    }

    @Test("a generator or a server that is busy is late for that, and may not be at a smaller rate")
    func busyAndLate() {
        let (late, answered) = (Verdict.Tail(microseconds: 900), Verdict.Tail(microseconds: 1_000))
        let verdict = { (shares: [Double], serverShare: Double?) in
            Verdict(threadShares: shares, serverShare: serverShare, lag: late, response: answered)
        }
        #expect(verdict([0.1], nil).isLateOnly && verdict([0.1], 0.5).isLateOnly)
        for busy in [verdict([0.99], nil), verdict([0.1], 0.99), verdict([0.99], 0.99)] {
            #expect(!busy.isLateOnly && !busy.isValid)
        }
        #expect(verdict([0.99], 0.95).isServerSaturated && !verdict([0.99], 0.94).isServerSaturated)
        let punctual = Verdict(threadShares: [0.1], serverShare: nil, lag: .init(microseconds: 200), response: answered)
        #expect(!punctual.isLateOnly && punctual.isValid)
    }

    @Test("curves have the shape of their values")
    func sparklines() {
        #expect(LiveView.sparkline([]) == "")
        #expect(LiveView.sparkline([5, 5]) == "▁▁")
        #expect(LiveView.sparkline([0, 50, 100]) == "▁▅█")
    }
}
