import Testing

@testable import MintmarkLoad

/// Connections that are opened and closed again, in virtual time.
@Suite("Handshakes")
struct HandshakeTests {
    private static func plan(ratePerSecond: Double?, seconds: Double = 10, requests: Int? = nil) throws -> LoadPlan {
        var plan = try VirtualRun.plan(ratePerSecond: ratePerSecond, arrival: .uniform, seconds: seconds)
        plan.mix = .handshakes
        plan.requestsMax = requests
        return plan
    }

    private static func report(_ plan: LoadPlan, _ handshake: @escaping (Int) -> Int64?) -> LoadReport {
        let world = VirtualWorld(server: .parallel(nanoseconds: 0))
        world.handshake = handshake
        let times = RunTimes(start: 0, plan: plan)
        let progress = LoadProgress()
        var worker = HandshakeWorker(plan, times, progress, HandshakeQueue(plan), world: world)
        let measured = Measured([worker.run()], times)
        return VirtualRun.report(plan, measured, progress)
    }

    private static let handshakes = LoadOperation.handshake.rawValue

    @Test("as many as possible: one behind the other")
    func closedLoop() throws {
        let report = Self.report(try Self.plan(ratePerSecond: nil)) { _ in 1_000_000 }
        let tally = report.tally.operations[Self.handshakes]
        #expect(tally.completed == 9_999)
        #expect(tally.response.maxNanoseconds == 1_000_000)
        #expect(report.tally.handshakeSteps[HandshakeStep.connect.rawValue].maxNanoseconds == 250_000)
        #expect(report.tally.handshakeSteps[HandshakeStep.greet.rawValue].maxNanoseconds == 750_000)
        #expect(report.tally.handshakeSteps[HandshakeStep.secure.rawValue].count == 0)
        #expect(report.exitStatus == .passed)
        #expect(report.text.hasPrefix("handshake: 1 at once over tcp, 10.0 s, closed loop"))
        #expect(abs(report.inFlightMean - 1) < 0.01)
    }

    @Test("seconds tell what was underway at their ends, and what is measured goes on up to the end")
    func trueState() throws {
        // One a second, done before its end; the last half second has none.
        let seldom = Self.report(try Self.plan(ratePerSecond: 1, seconds: 10.5)) { _ in 1_000_000 }
        #expect(seldom.measuredSeconds == 10.5)
        #expect(seldom.tally.completed == 10)
        #expect(seldom.intervals.map(\.inFlight) == Array(repeating: 0, count: 11))
        #expect(seldom.intervals.map(\.connectionsOpen) == Array(repeating: 0, count: 11))
        // Each takes a second and a half: at the end of every second but the last one is underway.
        let busy = Self.report(try Self.plan(ratePerSecond: nil, seconds: 4)) { _ in 1_500_000_000 }
        #expect(busy.intervals.map(\.inFlight) == [1, 1, 1, 1, 0])
        // Whoever asks for a number of them has them sooner.
        let counted = Self.report(try Self.plan(ratePerSecond: 1, seconds: 100, requests: 3)) { _ in 1_000_000 }
        #expect(abs(counted.measuredSeconds - 3) < 0.1)
    }

    @Test("times count from when a connection was due, and a thread that was busy is no late generator")
    func openLoop() throws {
        // One in a hundred takes as long as fifty arrivals.
        let report = Self.report(try Self.plan(ratePerSecond: 1_000)) { $0 % 100 == 50 ? 50_000_000 : 100_000 }
        let tally = report.tally.operations[Self.handshakes]
        #expect(tally.response.maxNanoseconds >= 50_000_000)
        #expect(try #require(tally.response.microseconds(atPercentile: 90)) > 30_000)
        #expect(abs(try #require(tally.service.microseconds(atPercentile: 90)) - 100) < 0.1)
        #expect(try #require(tally.lag.microseconds(atPercentile: 90)) > 30_000)
        #expect(report.tally.ownLag.maxNanoseconds == 0)
        #expect(report.verdict.isValid)
        #expect(report.tally.offered == 9_999)
    }

    @Test("what was due and never begun is counted")
    func unsent() throws {
        let report = Self.report(try Self.plan(ratePerSecond: 1_000, seconds: 1)) { _ in 10_000_000 }
        #expect(report.tally.offered == 999)
        #expect(report.tally.notSent == 999 - 100)
        #expect(report.tally.errors.entries[.notSentInFlightCap]?.count == 899)
    }

    @Test("exactly as many as were asked for", arguments: [1, 7])
    func exactCount(requests: Int) throws {
        for rate in [nil, 1_000.0] {
            let report = Self.report(try Self.plan(ratePerSecond: rate, requests: requests)) { _ in 1_000 }
            #expect(report.tally.operations[Self.handshakes].completed == requests)
        }
    }

    @Test("a server that is gone is counted in its class, and not asked all the time")
    func unreachable() throws {
        var plan = try Self.plan(ratePerSecond: nil, seconds: 1)
        plan.timeoutNanoseconds = 90_000_000
        let report = Self.report(plan) { $0 < 10 ? 1_000_000 : nil }
        // 90 ms of waiting and 10 ms of pause each.
        #expect(report.tally.errors.entries[.connectTimeout]?.count == 10)
        #expect(report.tally.operations[Self.handshakes].failedCount == 10)
        #expect(report.exitStatus == .aborted)
    }

    @Test("connections are replaced behind so many requests, and not before their answers")
    func reconnects() throws {
        var plan = try VirtualRun.plan(ratePerSecond: 1_000, arrival: .uniform, seconds: 10, connections: 4)
        plan.reconnectEvery = 100
        let world = VirtualWorld(server: .parallel(nanoseconds: 50_000))
        world.handshake = { _ in 5_000_000 }
        let report = try VirtualRun.report(plan, world)
        #expect(report.tally.errors.count == 0, "\(report.tally.errors)")
        #expect(report.tally.completed == 9_999)
        #expect(report.tally.reconnects.count >= 96 && report.tally.reconnects.count <= 100)
        #expect(report.tally.reconnects.maxNanoseconds == 5_000_000)
        #expect(world.connectCount == report.tally.reconnects.count)
        #expect(report.text.contains("reconnect "))
    }

    @Test("a connection that cannot be replaced is lost, and the others go on")
    func failedReconnect() throws {
        var plan = try VirtualRun.plan(ratePerSecond: 1_000, arrival: .uniform, seconds: 10, connections: 4)
        plan.reconnectEvery = 100
        let world = VirtualWorld(server: .parallel(nanoseconds: 50_000))
        world.handshake = { $0 == 2 ? nil : 1_000 }
        let report = try VirtualRun.report(plan, world)
        #expect(report.tally.errors.entries[.connectTimeout]?.count == 1)
        #expect(report.tally.completed == 9_999)
        #expect(report.intervals.last?.connectionsOpen == 3)
        #expect(report.exitStatus == .aborted)
    }
}
