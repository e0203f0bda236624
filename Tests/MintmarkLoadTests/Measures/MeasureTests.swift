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

    @Test("several at once are as many one after the other")
    func severalAtOnce() {
        var (atOnce, oneByOne) = (LatencyHistogram(), LatencyHistogram())
        for (nanoseconds, times) in [(1_000, 3), (70_000_000_000, 2), (-5, 1), (250_000, 7)] as [(Int64, Int)] {
            atOnce.record(nanoseconds: nanoseconds, times: times)
            for _ in 0..<times { oneByOne.record(nanoseconds: nanoseconds) }
        }
        #expect(atOnce.snapshot == oneByOne.snapshot)
        #expect(atOnce.count == 13 && atOnce.overflowCount == 2)
        #expect(atOnce.meanMicroseconds == oneByOne.meanMicroseconds)
        #expect(atOnce.maxNanoseconds == oneByOne.maxNanoseconds && atOnce.minNanoseconds == oneByOne.minNanoseconds)
    }

    @Test("answers are recorded at once only where they waited for the same time, of one operation")
    func answerRuns() {
        func request(_ operation: LoadOperation = .ping, dueAt: Int64 = 1, sentAt: Int64 = 2) -> RequestInFlight {
            RequestInFlight(requestID: 1, operation: operation, item: 0, dueAt: dueAt, sentAt: sentAt)
        }
        var nothing = AnswerRun()
        let isTaken = nothing.add(request(), answerBytes: 1)
        #expect(!isTaken && nothing.count == 0)
        var run = AnswerRun(request(), answerBytes: 10)
        for other in [request(.verify), request(dueAt: 0), request(sentAt: 3)] {
            let isTaken = run.add(other, answerBytes: 1)
            #expect(!isTaken)
        }
        let isSame = run.add(request(), answerBytes: 5)
        #expect(isSame && run.count == 2 && run.answerBytes == 15)
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

    @Test("processors' idle and stolen time is that of the processors that are meant")
    func processorTimes() {
        let text = """
            cpu  9 9 9 999 9 9 9 999 9 9
            cpu0 1 2 3 40 5 6 7 8 9 10
            cpu1 1 2 3 400 50 6 7 80 9 10
            cpu10 1 2 3 4000 500 6 7 800 9 10
            intr 1 2 3 4 5 6 7 8 9
            """
        func times(_ processors: Set<Int>) -> ProcessorTimes {
            ProcessorTimes(statText: text, processors: processors, nanosecondsPerTick: 10_000_000)
        }
        #expect(times([0]).idleNanoseconds == 450_000_000)
        #expect(times([0]).stolenNanoseconds == 80_000_000)
        #expect(times([1, 10]).idleNanoseconds == 49_500_000_000)
        #expect(times([1, 10]).stolenNanoseconds == 8_800_000_000)
        #expect(times([2]) == ProcessorTimes())
    }

    @Test(
        "a mask of processors is read from its end",
        arguments: [
            ("1", [0]), ("2", [1]), ("3", [0, 1]), ("f0", [4, 5, 6, 7]), ("1,00000000", [32]),
            ("80000000,00000001", [0, 63]),
            ("", []),
        ] as [(String, Set<Int>)]
    )
    func processorMask(mask: String, processors: Set<Int>) {
        #expect(ServerProcess.processors(inMask: mask) == processors)
    }

    @Test("cores are told of for the time that was measured")
    func coreShares() throws {
        func usage(_ used: Int64, idle: Int64, stolen: Int64) -> ServerProcess.Usage {
            var processors = ProcessorTimes()
            processors.idleNanoseconds = idle * 1_000_000_000
            processors.stolenNanoseconds = stolen * 1_000_000_000
            return .init(processorNanoseconds: used * 1_000_000_000, residentBytes: 0, processors: processors)
        }
        let (before, after) = (usage(1, idle: 10, stolen: 20), usage(4, idle: 11, stolen: 22))
        let shares = try #require(CoreShares(from: before, to: after, seconds: 4))
        #expect(shares.used == 0.75)
        #expect(shares.idle == 0.25)
        #expect(shares.stolen == 0.5)
        #expect(CoreShares(from: before, to: after, seconds: 0) == nil)
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
            Row("many threads on one core, at their limit", Measured(threadShares: four(0.1875), cores: 1), true),
            Row("many threads on one core, beyond it", Measured(threadShares: four(0.1876), cores: 1), false),
            Row("many threads that fill a core", Measured(threadShares: four(0.24), cores: 1), false),
            Row("as many threads as cores", Measured(threadShares: four(0.8), cores: 4), true),
            Row("more threads than cores, idle", Measured(threadShares: four(0.1), cores: 2), true),
            Row("more threads than cores, busy", Measured(threadShares: four(0.4), cores: 2), false),
            Row("a thread that fills half a core, and has no more", Measured(threadShares: [0.48], cores: 0.5), false),
            Row("nobody knows of how many cores", Measured(threadShares: four(0.24)), true),
            Row(
                "many threads, but the server was the bottleneck",
                Measured(threadShares: four(0.24), cores: 1, server: 0.95),
                true
            ),
            Row("late, but not much", Measured(lag: 200, response: 100), true),
            Row("later than that", Measured(lag: 201, response: 100), false),
            Row("late, but little against the response", Measured(lag: 1_000, response: 10_000), true),
            Row("late against the response", Measured(lag: 1_001, response: 10_000), false),
        ] as [Row<Measured, Bool>]
    )
    func verdict(row: Row<Measured, Bool>) {
        let verdict = Verdict(
            threadShares: row.given.threadShares,
            coresAllowed: row.given.cores,
            serverShare: row.given.server,
            lag: row.given.lag.map { Verdict.Tail(microseconds: $0) },
            response: row.given.response.map { Verdict.Tail(microseconds: $0) }
        )
        #expect(verdict.isValid == row.expected, "\(verdict.reasons)")
    }

    private static func four(_ share: Double) -> [Double] { [share, share, share, share] }

    @Test("a run's verdict knows how many cores its generator may use", arguments: [(1, false), (4, true)])
    func coresOfReport(cores: Int, isValid: Bool) throws {
        var report = try VirtualRun.report(VirtualRun.plan(ratePerSecond: 2_000, seconds: 2), .parallel(nanoseconds: 1))
        report.measured.workShares = Self.four(0.197)
        report.context.machine.processorsAllowed = cores
        report.context.machine.quotaCores = nil
        #expect(report.verdict.isValid == isValid)
        report.context.machine.quotaCores = 0.9
        #expect(!report.verdict.isValid)
    }

    @Test(
        "the tail is the 99th percentile, or the greatest of too few",
        arguments: [(0, nil), (36, 900), (999, 900), (1_000, 1), (1_001, 1)] as [(Int, Double?)]
    )
    func tail(count: Int, expected: Double?) throws {
        var histogram = LatencyHistogram()
        for number in 0..<count { histogram.record(nanoseconds: number < 5 ? 900_000 : 1_000) }
        let tail = Verdict.Tail(histogram)
        #expect(tail.map { $0.microseconds.rounded() } == expected)
        #expect(tail?.isGreatest == expected.map { $0 > 1 })
        // Of few requests some late ones are enough, and the report says that it looks at the latest.
        let verdict = Verdict(threadShares: [], serverShare: nil, lag: tail, response: Verdict.Tail(microseconds: 50))
        #expect(verdict.isValid == (expected.map { $0 <= 1 } ?? true))
        #expect(verdict.reasons.allSatisfy { $0.contains("too few") })
    }

    /// What a verdict is made of.
    struct Measured: Sendable {
        var threadShares = [0.5]
        var cores: Double?
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
