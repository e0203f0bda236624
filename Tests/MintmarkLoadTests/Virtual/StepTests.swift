import Testing

@testable import MintmarkLoad

@Suite("Rates that are measured one after the other")
struct StepTests {
    /// What came out at three rates, the second of which is changed.
    private static func steps(
        _ gate: Gate = Gate(thresholds: []),
        _ change: (inout LoadReport) -> Void = { _ in }
    ) throws -> RateSteps {
        var steps = RateSteps(gate: gate)
        for rate in [2_000.0, 1_000, 500] {
            var report = try VirtualRun.report(
                VirtualRun.plan(ratePerSecond: rate, seconds: 3),
                .parallel(nanoseconds: rate == 1_000 ? 400_000 : 100_000)
            )
            if rate == 1_000 { change(&report) }
            guard try steps.add(rate, report) else { break }
        }
        return steps
    }

    private static func report(_ steps: RateSteps) -> RateSeriesReport {
        RateSeriesReport(mode: "step", points: steps.points)
    }

    @Test(
        "a step of several that lost connections, or was invalid, decides how all of them end",
        arguments: [
            Row("a reset", .reset, .aborted), Row("the end of a stream", .endOfStream, .aborted),
            Row("the end inside a frame", .endOfStreamInFrame, .aborted),
            Row("nobody listens", .connectRefused, .aborted), Row("a wrong answer", .validation, .wrongAnswer),
            // That is what overload looks like.
            Row("no answer in time", .requestTimeout, .passed), Row("no room", .notSentInFlightCap, .passed),
        ] as [Row<ErrorClass, CommandStatus>]
    )
    func brokenSteps(row: Row<ErrorClass, CommandStatus>) throws {
        let steps = try Self.steps { $0.measured.tally.errors.add(row.given, "so the test says") }
        let report = Self.report(steps)
        #expect(report.exitStatus == row.expected)
        let expected = [true, row.expected == .passed, true].prefix(steps.points.count)
        #expect(steps.points.map { $0.fault == nil } == Array(expected))
        #expect(report.json["exit_status"].integer == Int(row.expected.rawValue))
    }

    @Test("one invalid step makes all of them invalid, and says so in its row")
    func invalidStep() throws {
        let report = Self.report(try Self.steps { $0.measured.workShares = [0.99] })
        #expect(report.exitStatus == .invalid)
        #expect(report.json["points"].values.map { $0["passed"].bool } == [true, false, true])
        #expect(report.text.contains("INVALID: generator thread 0 used"))
        #expect(Self.report(try Self.steps()).exitStatus == .passed)
    }

    @Test("each step is held against thresholds; one that cannot be judged is no pass")
    func judgedSteps() throws {
        let steps = try Self.steps(Gate(thresholds: [try Threshold("p50 > 250us")]))
        #expect(steps.points.map { $0.gates.map(\.isViolated) } == [[false], [true], [false]])
        #expect(steps.failure == nil)
        let report = Self.report(steps)
        #expect(report.exitStatus == .thresholdFailed)
        #expect(report.text.contains("FAILED      p50 > 250us"))
        #expect(report.json["points"].values[1]["thresholds"].values.first?["violated"].bool == true)
        let seldom = try Self.steps(Gate(thresholds: [try Threshold("p99.9 > 1s")]))
        #expect(seldom.failure?.exitStatus == .usage)
        #expect(seldom.failure?.message.contains("at 2 000/s, p99.9: ") == true)
        #expect(seldom.points.count == 3)
    }

    @Test("a step that a threshold has ended is the last")
    func abortedStep() throws {
        let threshold = try Threshold("p50 > 1us")
        let steps = try Self.steps { $0.abortedBy = threshold }
        #expect(steps.points.count == 2)
        #expect(Self.report(steps).exitStatus == .aborted)
    }
}
