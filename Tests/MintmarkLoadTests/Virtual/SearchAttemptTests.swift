import Testing

@testable import MintmarkLoad

@Suite("Searches that try a rate again")
struct SearchAttemptTests {
    /// The generator lacks its processor at the first attempt of whatever is more than the server stands.
    private static func search() throws -> RateSearch {
        var search = RateSearch(judge: RateJudge(objective: try Threshold("p99 < 2ms")), startPerSecond: 1_000)
        var tried: Set<Double> = []
        try search.run { rate throws(LoadFailure) in
            let isFirst = tried.insert(rate).inserted
            do {
                let plan = try VirtualRun.plan(ratePerSecond: rate, arrival: .uniform, seconds: 3)
                return try VirtualRun.report(
                    plan,
                    .parallel(nanoseconds: rate > 4_000 ? 5_000_000 : 1_000),
                    absence: rate > 4_000 && isFirst ? (period: 10_000_000, range: 5_000_000..<8_000_000) : nil
                )
            } catch {
                throw .failed("\(error)")
            }
        }
        return search
    }

    @Test("what the last attempt found is why a greater rate does not do")
    func lastAttempt() throws {
        let search = try Self.search()
        #expect(search.sustainablePerSecond == 4_000)
        #expect(search.points.contains { $0.report.verdict.isLateOnly })
        let report = RateSeriesReport(
            mode: "search",
            points: search.points,
            objective: search.judge.objective,
            sustainablePerSecond: search.sustainablePerSecond,
            failure: search.failure
        )
        #expect(report.text.contains("\n4 000 requests/s keep p99 < 2ms\nabove that: p99"), "\(report.text)")
        #expect(report.json["sustainable_is_lower_bound"].bool == false)
    }
}
