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

    @Test("a server's capacity is found, three times running", arguments: 1...3 as ClosedRange<UInt64>)
    func capacity(seed: UInt64) throws {
        let search = try Self.search("p99 < 30ms", start: 6_000, seed: seed) { VirtualServer { _ in 125_000 } }
        let found = try #require(search.sustainablePerSecond)
        #expect(abs(found / 8_000 - 1) < 0.05, "\(found)")
        #expect(search.points.suffix(3).map(\.purpose) == ["confirm", "confirm", "confirm"])
        let report = RateSeriesReport(
            mode: "search",
            points: search.points,
            objective: search.judge.objective,
            sustainablePerSecond: found
        )
        #expect(report.exitStatus == .passed)
        #expect(report.text.contains("requests/s keep p99 < 30ms"))
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
        let report = RateSeriesReport(mode: "search", points: search.points, objective: search.judge.objective)
        #expect(report.exitStatus == .thresholdFailed)
    }

    @Test("an objective of which too little was measured is no pass")
    func tooLittle() throws {
        let failure = #expect(throws: LoadFailure.self) {
            try Self.search("p99.99 < 1s", start: 100) { VirtualServer { _ in 1_000 } }
        }
        #expect(failure?.exitStatus == .usage)
    }

    @Test("curves have the shape of their values")
    func sparklines() {
        #expect(LiveView.sparkline([]) == "")
        #expect(LiveView.sparkline([5, 5]) == "▁▁")
        #expect(LiveView.sparkline([0, 50, 100]) == "▁▅█")
    }
}
