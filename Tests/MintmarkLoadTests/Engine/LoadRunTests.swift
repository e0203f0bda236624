import Foundation
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkLoad

@Suite("A run against a server")
struct LoadRunTests {
    @Test("every request of a closed loop is answered and counted", arguments: [1, 2])
    func closedLoop(threads: Int) async throws {
        let plan = try LoadPlan.small("sign=1,verify=2,refresh=1,ping=1", requests: 400, threads: threads)
        let report = try await report(of: plan, ModelServer().script)
        #expect(report.exitStatus == .passed || report.exitStatus == .invalid)
        #expect(report.tally.errors.count == 0)
        #expect(report.tally.operations.map(\.completed).reduce(0, +) == 400)
        for operation in plan.mix.operations {
            let tally = report.tally.operations[operation.rawValue]
            #expect(tally.completed > 0)
            #expect(tally.response.count == tally.completed)
            #expect(report.completedPerSecond(operation) > 0)
        }
        // At least the first SIGN and the first VERIFY were looked at closely.
        #expect(report.tally.sampled >= 1)
    }

    @Test("exactly as many requests are sent as were asked for", arguments: [1, 7, 100])
    func exactCount(requests: Int) async throws {
        let seen = Counting()
        let model = ModelServer()
        let script: FakeServer.Script = { request in
            if request.kind == .verify { _ = seen.next() }
            return model.script(request)
        }
        let plan = try LoadPlan.small("verify=1", requests: requests, connections: 10, depth: 5, threads: 2)
        let report = try await report(of: plan, script)
        #expect(seen.count == requests)
        #expect(report.tally.operations[LoadOperation.verify.rawValue].completed == requests)
    }

    @Test("fewer requests than there is room for are not made more", arguments: [1, 2])
    func exactCountBelowRoom(threads: Int) async throws {
        let seen = Counting()
        let model = ModelServer()
        let plan = try LoadPlan.small("ping=1", requests: 100, connections: 50, depth: 10, threads: threads)
        let report = try await report(of: plan) { request in
            if request.kind == .ping { _ = seen.next() }
            return model.script(request)
        }
        #expect(seen.count == 100)
        #expect(report.tally.completed == 100)
    }

    @Test("too few sessions are told of, and used for no wrong request")
    func tooFewSessions() async throws {
        let pace = LoadPlan.Pace.openLoop(.uniform, ratePerSecond: 50_000)
        var plan = try LoadPlan.small("refresh=1", requests: 500, pace: pace, depth: 64)
        plan.sessions = 1
        let report = try await report(of: plan, ModelServer().script)
        #expect(try #require(report.tally.errors.entries[.sessionStarved]?.count) > 0)
        #expect(report.tally.errors.entries.keys.allSatisfy { $0 == .sessionStarved }, "\(report.tally.errors)")
        #expect(try #require(report.sessionsNeeded) > 1)
        #expect(report.text.contains("hint "))
        #expect(report.tally.errors.wrongAnswer == nil)
    }

    @Test("connections are replaced behind so many requests, and each sends no more", arguments: [1, 2])
    func reconnects(threads: Int) async throws {
        let model = ModelServer()
        let bodies = Bodies()
        var plan = try LoadPlan.small("ping=1", requests: 200, connections: 2, depth: 3, threads: threads)
        plan.reconnectEvery = 10
        let report = try await report(of: plan) { request in
            if request.kind == .ping { bodies.add([UInt8(request.connection)]) }
            return model.script(request)
        }
        #expect(report.tally.errors.count == 0, "\(report.tally.errors)")
        #expect(report.tally.completed == 200)
        let perConnection = Dictionary(grouping: bodies.all) { $0 }.mapValues(\.count)
        #expect(perConnection.values.max() == 10)
        // Of the last ones, each may have sent a part of ten; and may be replaced when nothing is left to send.
        #expect((20...21).contains(perConnection.count))
        #expect((18...20).contains(report.tally.reconnects.count))
        #expect(report.json["reconnects"]["count"].integer == report.tally.reconnects.count)
    }

    @Test("handshakes are counted, and nothing else is asked on their connections", arguments: [nil, 5_000.0])
    func handshakes(rate: Double?) async throws {
        let model = ModelServer()
        let seen = Counting()
        let pace = rate.map { LoadPlan.Pace.openLoop(.poisson, ratePerSecond: $0) } ?? .closedLoop
        var plan = try LoadPlan.small("ping=1", requests: 50, pace: pace, connections: 4, depth: 1, threads: 4)
        plan.mix = .handshakes
        let report = try await report(of: plan) { request in
            if request.connection > 0, request.kind != .hello { _ = seen.next() }
            return model.script(request)
        }
        #expect(seen.count == 0)
        #expect(report.tally.errors.count == 0, "\(report.tally.errors)")
        let tally = report.tally.operations[LoadOperation.handshake.rawValue]
        #expect(tally.completed == 50)
        #expect(report.tally.handshakeSteps[HandshakeStep.connect.rawValue].count == 50)
        #expect(report.tally.handshakeSteps[HandshakeStep.greet.rawValue].count == 50)
        #expect(report.json["mode"].string == "handshake")
        #expect(report.json["operations"]["handshake"]["steps"].members.map(\.name) == ["connect_us", "hello_us"])
    }

    @Test("a server that refuses HELLO is counted by what it said")
    func refusedHandshakes() async throws {
        let model = ModelServer()
        var plan = try LoadPlan.small("ping=1", requests: 20, connections: 2, depth: 1, threads: 2)
        plan.mix = .handshakes
        let report = try await report(of: plan) { request in
            guard request.connection > 0 else { return model.script(request) }
            return request.connection.isMultiple(of: 2) ? [.write(request.error(.busy)), .close] : [.close]
        }
        #expect(report.tally.completed == 0)
        #expect(report.tally.errors.entries[.status(StatusCode(.busy))]?.count == 10, "\(report.tally.errors)")
        #expect(report.tally.errors.entries[.endOfStream]?.count == 10)
        #expect(report.exitStatus == .aborted)
    }

    @Test("once means that each token is verified once")
    func once() async throws {
        let model = ModelServer()
        let bodies = Bodies()
        var plan = try LoadPlan.small("verify=1", requests: nil, connections: 3, threads: 3)
        plan.verifiesOnce = true
        let report = try await report(of: plan) { request in
            if request.kind == .verify { bodies.add(request.body) }
            return model.script(request)
        }
        #expect(report.tally.operations[LoadOperation.verify.rawValue].completed == 20)
        #expect(bodies.all.count == 20)
        #expect(Set(bodies.all).count == 20)
        #expect(!report.isInterrupted)
    }

    @Test("answers are taken however they are cut")
    func cutAnswers() async throws {
        let model = ModelServer()
        let script: FakeServer.Script = { request in
            request.kind == .hello ? model.script(request) : [.writeByteByByte(model.answer(request))]
        }
        let report = try await report(of: try .small("sign=1,verify=1", requests: 40), script)
        #expect(report.tally.errors.count == 0)
        #expect(report.tally.operations.map(\.completed).reduce(0, +) == 40)
    }

    @Test("answers without claims are what was asked for")
    func withoutClaims() async throws {
        var plan = try LoadPlan.small("verify=1", requests: 30)
        plan.omitsClaims = true
        let report = try await report(of: plan, ModelServer().script)
        #expect(report.tally.errors.count == 0)
        #expect(report.tally.operations[LoadOperation.verify.rawValue].completed == 30)
    }

    @Test("an open loop sends what its schedule says, however late", arguments: ArrivalSchedule.Arrival.allCases)
    func openLoop(arrival: ArrivalSchedule.Arrival) async throws {
        let pace = LoadPlan.Pace.openLoop(arrival, ratePerSecond: 20_000)
        let plan = try LoadPlan.small("sign=1,verify=4", requests: 500, pace: pace, threads: 2)
        let report = try await report(of: plan, ModelServer().script)
        #expect(report.tally.errors.count == 0)
        #expect(report.tally.offered == 500)
        let tallies = report.tally.operations
        #expect(tallies.map(\.completed).reduce(0, +) == 500)
        #expect(tallies.map(\.response.count) == tallies.map(\.service.count))
        #expect(tallies.map(\.response.count) == tallies.map(\.lag.count))
        for tally in tallies where tally.response.count > 0 {
            // From due to answered is never less than from sent to answered.
            #expect(tally.response.maxNanoseconds >= tally.service.maxNanoseconds)
        }
    }

    @Test("what is due and finds no room is counted when the time is over")
    func notSent() async throws {
        let model = ModelServer()
        let silent = behind(0, .verify, of: model) { _ in [] }
        let pace = LoadPlan.Pace.openLoop(.uniform, ratePerSecond: 100)
        var plan = try LoadPlan.small("verify=1", requests: nil, pace: pace, connections: 1, depth: 3)
        plan.durationNanoseconds = 500_000_000
        plan.drainNanoseconds = 1_000_000
        let report = try await report(of: plan, silent)
        // Instants before the end: 10 ms, 20 ms … 490 ms.
        #expect(report.tally.offered == 49)
        #expect(report.tally.errors.entries[.notSentInFlightCap]?.count == 46)
        #expect(report.tally.errors.entries[.requestTimeout]?.count == 3)
        // Without an answer in all that time the rate is what was answered in it.
        #expect(report.measuredSeconds == 0.5)
    }

    @Test("a refresh that finds no idle session is counted, not sent")
    func starved() async throws {
        let model = ModelServer()
        let silent = behind(0, .refresh, of: model) { _ in [] }
        let pace = LoadPlan.Pace.openLoop(.uniform, ratePerSecond: 100)
        var plan = try LoadPlan.small("refresh=1", requests: nil, pace: pace)
        plan.sessions = 2
        plan.durationNanoseconds = 500_000_000
        plan.drainNanoseconds = 1_000_000
        let report = try await report(of: plan, silent)
        #expect(report.tally.offered == 49)
        let starved = try #require(report.tally.errors.entries[.sessionStarved]?.count)
        // A generator that got no processor at the end has not even tried to send the last ones.
        let untried = report.tally.errors.entries[.notSentInFlightCap]?.count ?? 0
        #expect(starved > 0 && starved + untried == 47)
        #expect(report.tally.errors.entries[.requestTimeout]?.count == 2)
        // A hundred a second, each for as long as the slowest hundredth was waited for.
        #expect(try #require(report.sessionsNeeded) >= 3)
        #expect(report.text.contains("--sessions \(report.sessionsNeeded ?? 0)"))
        #expect(report.exitStatus != .wrongAnswer)
    }

    @Test("unanswered requests are timed until they were given up")
    func timeouts() async throws {
        let model = ModelServer()
        var plan = try LoadPlan.small("verify=1", requests: 12, connections: 1, depth: 12)
        plan.drainNanoseconds = 20_000_000
        let report = try await report(of: plan, behind(9, .verify, of: model) { _ in [] })
        // A server that gets no processor may not have given its nine answers by then.
        let unanswered = report.tally.errors.entries[.requestTimeout]?.count ?? 0
        #expect((3...12).contains(unanswered))
        let response = report.tally.operations[LoadOperation.verify.rawValue].response
        #expect(response.count == 12)
        #expect(response.maxNanoseconds >= 20_000_000)
        #expect(report.exitStatus == .aborted)
    }

    @Test("a server that says nothing any more is waited for as long as its last answers, and no longer")
    func hangs() async throws {
        let model = ModelServer()
        let statsSeen = Counting()
        // Fewer than can be underway: else the others would wait for room, up to the end of the time.
        var plan = try LoadPlan.small("ping=1", requests: 6)
        plan.drainNanoseconds = 20_000_000
        let script: FakeServer.Script = { request in
            let isSilent = request.kind == .ping || (request.kind == .stats && statsSeen.next() > 1)
            return isSilent ? [] : model.script(request)
        }
        let (report, duration) = try await withFakeServer(script) { server in
            let run = LoadRun(address: try server.address, plan: plan)
            return try await blocking {
                let began = ContinuousClock.now
                return (try run.run(), ContinuousClock.now - began)
            }
        }
        #expect(report.server.statsAfter == nil)
        #expect(report.exitStatus == .aborted)
        // It is a minute everywhere else.
        #expect(duration < .seconds(50))
    }

    @Test("a depth beyond what the server takes is wrong usage")
    func depthBeyondLimit() async throws {
        let model = ModelServer()
        let script: FakeServer.Script = { request in
            request.kind == .hello ? [.write(request.hello(inFlightLimit: 3))] : model.script(request)
        }
        await #expect(throws: LoadFailure.usage("the server takes a depth of at most 3")) {
            try await report(of: try .small("ping=1", requests: 1), script)
        }
    }

    @Test("without a server there is no run")
    func unreachable() async throws {
        let port = try ClosedPort()
        let address = try #require(ServerAddress(server: port.address))
        let run = LoadRun(address: address, plan: try .small("ping=1", requests: 1))
        let failure = await #expect(throws: LoadFailure.self) { try await blocking { try run.run() } }
        #expect(failure?.exitStatus == .unreachable)
        #expect(failure?.message.hasPrefix("connect_refused: ") == true)
        withExtendedLifetime(port) {}
    }
}

/// Bodies that came. Safe to use from any thread.
private final class Bodies: @unchecked Sendable {
    // Unchecked: the lock guards the bodies.
    private let lock = NSLock()
    private var bodies: [[UInt8]] = []

    var all: [[UInt8]] { lock.withLock { bodies } }

    func add(_ body: [UInt8]) {
        lock.withLock { bodies.append(body) }
    }
}
