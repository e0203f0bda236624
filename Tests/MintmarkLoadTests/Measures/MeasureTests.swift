import Glibc
import MintmarkWire
import Testing

@testable import MintmarkLoad

@Suite("Measures")
struct MeasureTests {
    @Test("what took longer than can be tracked is counted, and its time is kept")
    func overflow() {
        var histogram = LatencyHistogram()
        histogram.record(nanoseconds: 1_000_000)
        histogram.record(nanoseconds: 60_000_000_000)
        histogram.record(nanoseconds: 90_000_000_000)
        #expect(histogram.count == 3)
        #expect(histogram.overflowCount == 1)
        #expect(histogram.maxMicroseconds == 90_000_000)
    }

    @Test("percentiles are within the three digits that are kept")
    func percentiles() throws {
        var histogram = LatencyHistogram()
        for microseconds in 1...10_000 as ClosedRange<Int64> {
            histogram.record(nanoseconds: microseconds * 1_000)
        }
        for (percentile, expected) in [(50.0, 5_000.0), (90, 9_000), (99, 9_900), (99.9, 9_990)] {
            let value = try #require(histogram.microseconds(atPercentile: percentile))
            #expect(abs(value - expected) <= expected / 1_000)
        }
        #expect(histogram.microseconds(atPercentile: 100) == 10_000)
    }

    @Test("histograms add up")
    func addition() {
        var (left, right, both) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        for nanoseconds in stride(from: 1_000 as Int64, to: 70_000_000_000, by: 1_234_567_891) {
            left.record(nanoseconds: nanoseconds)
            right.record(nanoseconds: nanoseconds / 3)
            both.record(nanoseconds: nanoseconds)
            both.record(nanoseconds: nanoseconds / 3)
        }
        left.add(right)
        #expect(left.count == both.count)
        #expect(left.overflowCount == both.overflowCount)
        #expect(left.maxMicroseconds == both.maxMicroseconds)
        for percentile in [1, 10, 50, 90, 99.9] {
            #expect(left.microseconds(atPercentile: percentile) == both.microseconds(atPercentile: percentile))
        }
    }

    @Test("an empty histogram has no percentiles")
    func empty() {
        #expect(LatencyHistogram().microseconds(atPercentile: 50) == nil)
        #expect(LatencyHistogram().maxMicroseconds == nil)
    }

    @Test("a percentile needs ten samples beyond it")
    func samplesNeeded() {
        #expect([50, 90, 99, 99.9].map(LatencyHistogram.samplesNeeded) == [20, 100, 1_000, 10_000])
    }

    @Test(
        "wrong answers are told from a server's troubles",
        arguments: [
            Row("overload", .status(StatusCode(.busy)), false),
            Row("not ready", .status(StatusCode(.notReady)), false),
            Row("a disk that fails", .status(StatusCode(.storage)), false),
            Row("a stop", .status(StatusCode(.shuttingDown)), false),
            Row("a good request refused", .status(StatusCode(.fieldMissing)), true),
            Row("a good session refused", .status(StatusCode(.reused)), true),
            Row("a good token inactive", .inactive(StatusCode(.tokenExpired)), true),
            Row("an unknown status", .status(StatusCode(rawValue: 999)), true),
            Row("a wrong id", .idMismatch, true),
            Row("silence", .requestTimeout, false),
        ] as [Row<ErrorClass, Bool>]
    )
    func wrongAnswers(row: Row<ErrorClass, Bool>) {
        #expect(row.given.isWrongAnswer == row.expected)
    }

    @Test(
        "the verdict",
        arguments: [
            Row("all is well", Measured(), true),
            Row("a thread at its limit", Measured(threadShares: [0.2, 0.9]), true),
            Row("a thread beyond its limit", Measured(threadShares: [0.2, 0.91]), false),
            Row("a busy thread, but the server was the bottleneck", Measured(threadShares: [0.99], server: 0.95), true),
            Row("a busy thread, and the server had room", Measured(threadShares: [0.99], server: 0.94), false),
            Row("late, but not much", Measured(lag: 200, response: 100), true),
            Row("later than that", Measured(lag: 201, response: 100), false),
            Row("late, but little against the response", Measured(lag: 1_000, response: 10_000), true),
            Row("late against the response", Measured(lag: 1_001, response: 10_000), false),
        ] as [Row<Measured, Bool>]
    )
    func verdict(row: Row<Measured, Bool>) {
        let verdict = Verdict(
            threadShares: row.given.threadShares,
            serverShare: row.given.server,
            lagMicroseconds: row.given.lag,
            responseMicroseconds: row.given.response
        )
        #expect(verdict.isValid == row.expected)
    }

    /// What a verdict is made of.
    struct Measured: Sendable {
        var threadShares = [0.5]
        var server: Double?
        var lag: Double?
        var response: Double?
    }

    @Test("this very process can be looked at as a server's")
    func serverProcess() throws {
        let process = ServerProcess(processID: getpid())
        let usage = try #require(process.usage())
        #expect(usage.residentBytes > 1_000_000)
        #expect(try #require(process.processorsAllowed) >= 1)
        #expect(ServerProcess(processID: -1).usage() == nil)
    }
}
