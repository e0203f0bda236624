import Testing

@testable import MintmarkLoad

/// What the tool says against what queueing theory says, in virtual time.
@Suite("The truth about waiting")
struct TruthTests {
    private static let pings = LoadOperation.ping.rawValue

    @Test("callers wait for a busy server as long as theory says", arguments: 1...3 as ClosedRange<UInt64>)
    func queueWait(seed: UInt64) throws {
        // M/D/1: 100 µs each, 8 000 in a second: ρS ÷ 2(1 - ρ) is 200 µs of waiting.
        let plan = try VirtualRun.plan(ratePerSecond: 8_000, seconds: 30, seed: seed)
        let report = try VirtualRun.report(plan, VirtualServer { _ in 100_000 })
        let response = report.tally.operations[Self.pings].response
        let waited = try #require(response.meanMicroseconds) - 100
        #expect(abs(waited - 200) < 30, "\(waited) µs")
        #expect(response.minMicroseconds == 100)
        #expect(report.verdict.isValid)
    }

    @Test("as many requests are underway as arrive in the time that one takes", arguments: [100.0, 1_000, 7_000])
    func underway(ratePerSecond: Double) throws {
        let plan = try VirtualRun.plan(ratePerSecond: ratePerSecond, seconds: 30)
        let report = try VirtualRun.report(plan, VirtualServer { $0 % 7 == 0 ? 500_000 : 50_000 })
        let seconds = try #require(report.tally.operations[Self.pings].response.meanMicroseconds) / 1e6
        let expected = Double(report.tally.offered) / report.measuredSeconds * seconds
        #expect(abs(report.inFlightMean / expected - 1) < 0.05, "\(report.inFlightMean), not \(expected)")
    }

    @Test("requests without an answer are counted, timed and given up in time")
    func timeouts() throws {
        var plan = try VirtualRun.plan(ratePerSecond: 1_000, seconds: 10)
        plan.timeoutNanoseconds = 500_000_000
        plan.drainNanoseconds = 1_000_000_000
        let report = try VirtualRun.report(plan, VirtualServer { $0 % 100 == 3 ? nil : 10_000 })
        let tally = report.tally.operations[Self.pings]
        let timedOut = report.tally.errors.entries[.requestTimeout]?.count
        #expect(timedOut == (report.tally.offered + 96) / 100)
        #expect(tally.timedOut == timedOut)
        // They are where slow answers are: a caller has waited so long.
        #expect(tally.response.count == report.tally.offered)
        let slow =
            tally.response.snapshot.count
            - Int(tally.response.snapshot.share(atMost: 499_000_000) * Double(tally.response.count) + 0.5)
        #expect(slow == timedOut)
        #expect(tally.response.maxNanoseconds < 1_100_000_000)
        #expect(report.exitStatus == .aborted)
    }

    @Test("an answer behind its time-out counts for nothing, and is no wrong answer")
    func lateAnswers() throws {
        var plan = try VirtualRun.plan(ratePerSecond: 100, arrival: .uniform, seconds: 2)
        plan.timeoutNanoseconds = 100_000_000
        let report = try VirtualRun.report(plan, VirtualServer(threads: 100) { $0 == 10 ? 700_000_000 : 1_000 })
        #expect(report.tally.errors.entries[.requestTimeout]?.count == 1)
        #expect(report.tally.errors.entries[.lateAfterDrain]?.count == 1)
        #expect(report.tally.errors.entries.count == 2)
        #expect(report.tally.completed == report.tally.offered - 1)
    }

    @Test("what falls due just before the end is sent, however late", arguments: [true, false])
    func lastRequests(isAbsent: Bool) throws {
        let plan = try VirtualRun.plan(ratePerSecond: 1_000, arrival: .uniform, seconds: 2)
        let away = isAbsent ? (period: Int64(10_000_000_000), range: Int64(1_990_000_000)..<2_010_000_000) : nil
        let report = try VirtualRun.report(plan, VirtualServer { _ in 1_000 }, absence: away)
        #expect(report.tally.notSent == 0)
        #expect(report.tally.errors.count == 0)
        #expect(report.tally.operations[Self.pings].response.count == report.tally.offered)
        #expect((report.tally.ownLag.maxNanoseconds >= 10_000_000) == isAbsent)
    }

    @Test("a generator that never sleeps counts as busy only while it has something to do", arguments: [1_000, 1e6])
    func spinning(ratePerSecond: Double) throws {
        var plan = try VirtualRun.plan(ratePerSecond: ratePerSecond, arrival: .uniform, seconds: 0.1)
        plan.spins = true
        let world = VirtualWorld(server: .parallel(nanoseconds: 5_000))
        world.processorShare = 1
        world.pollNanoseconds = 1_000
        let report = try VirtualRun.report(plan, world)
        #expect(report.threadShares == [1])
        #expect(report.verdict.isValid == (ratePerSecond == 1_000), "\(report.verdict.reasons), \(report.workShares)")
    }

    @Test("what takes longer than can be tracked is counted, and its time is told")
    func overflow() throws {
        var plan = try VirtualRun.plan(ratePerSecond: 10, seconds: 100)
        plan.timeoutNanoseconds = 200_000_000_000
        plan.drainNanoseconds = 200_000_000_000
        let report = try VirtualRun.report(plan, VirtualServer(threads: 2) { $0 == 5 ? 90_000_000_000 : 1_000 })
        let response = report.tally.operations[Self.pings].response
        #expect(response.overflowCount == 1)
        #expect(response.maxNanoseconds == 90_000_000_000)
        #expect(report.json.text.contains("\"beyond_range\": 1"))
    }

    @Test("a stall makes everybody wait who was to be sent in it; with little depth that shows as lag")
    func stall() throws {
        let server = { VirtualServer { $0 == 20_000 ? 1_400_000_000 : 1_000 } }
        let few = try VirtualRun.report(
            try VirtualRun.plan(ratePerSecond: 2_000, seconds: 30, connections: 10, depth: 1),
            server()
        ).tally.operations[Self.pings]
        #expect(few.response.maxNanoseconds >= 1_399_000_000)
        #expect(try #require(few.response.microseconds(atPercentile: 99)) >= 600_000)
        #expect(try #require(few.response.microseconds(atPercentile: 50)) < 2)
        #expect(try #require(few.service.microseconds(atPercentile: 99)) * 50 < 600_000)
        #expect(try #require(few.lag.microseconds(atPercentile: 99)) >= 600_000)
        let many = try VirtualRun.report(
            try VirtualRun.plan(ratePerSecond: 2_000, seconds: 30, connections: 10, depth: 1_000),
            server()
        ).tally.operations[Self.pings]
        // Everything is on the wire meanwhile.
        #expect(many.service.microseconds(atPercentile: 99) == many.response.microseconds(atPercentile: 99))
        #expect(many.lag.maxNanoseconds == 0)
    }

    @Test("a generator without a processor is late, and says so")
    func absentGenerator() throws {
        let plan = try VirtualRun.plan(ratePerSecond: 10_000, seconds: 2)
        let absence = (period: 10_000_000 as Int64, range: 5_000_000..<8_000_000 as Range<Int64>)
        let report = try VirtualRun.report(plan, .parallel(nanoseconds: 50_000), absence: absence)
        #expect(!report.verdict.isValid)
        #expect(report.exitStatus == .invalid)
        #expect(try VirtualRun.report(plan, .parallel(nanoseconds: 50_000)).verdict.isValid)
    }

    @Test("what is due and finds no room waits, or is skipped, and is counted either way")
    func fullConnections() throws {
        for policy in LoadPlan.FullPolicy.allCases {
            var plan = try VirtualRun.plan(ratePerSecond: 1_000, arrival: .uniform, seconds: 10)
            plan.inFlightMax = 3
            plan.onFull = policy
            // Three at once, 10 ms each: 300 in a second.
            let report = try VirtualRun.report(plan, .parallel(nanoseconds: 10_000_000))
            #expect(report.tally.offered == 9_999)
            #expect(abs(report.tally.completed - 3_000) <= 6)
            #expect(abs(report.tally.notSent - 7_000) <= 6)
            #expect(report.tally.errors.entries[.notSentInFlightCap]?.count == report.tally.notSent)
            let response = report.tally.operations[Self.pings].response
            if policy == .skip {
                #expect(response.maxNanoseconds == 10_000_000)
            } else {
                #expect(response.maxNanoseconds > 6_000_000_000)
            }
            // Lateness for want of room is not the generator's.
            #expect(report.verdict.isValid)
        }
    }

    @Test("the seconds add up to the run")
    func intervals() throws {
        let report = try VirtualRun.report(
            try VirtualRun.plan(ratePerSecond: 500, seconds: 10),
            .parallel(nanoseconds: 2_000_000)
        )
        #expect(report.intervals.map(\.second) == Array(0...10))
        #expect(
            report.intervals.reduce(0) { $0 + $1.completedCount } == report.tally.completed + report.tally.completedLate
        )
        #expect(report.intervals.reduce(0) { $0 + $1.offered } == report.tally.offered)
        let sum = report.intervals.reduce(into: HistogramSnapshot(.seconds)) { $0.add($1.allResponse) }
        #expect(sum.count == report.tally.operations[Self.pings].response.count)
    }
}

extension Tally {
    /// Right answers behind the end of the measured interval.
    var completedLate: Int { response.count - completed }
}
