import Foundation
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkLoad

/// The race against a model of the server over real sockets: in order, and with one fault for each scenario.
@Suite("The race")
struct RaceTests {
    /// Windows that no machine is too slow for, where a round need not wait for their end.
    private static let patientMilliseconds: Int64 = 60_000

    private func race(
        _ scenarios: [RaceScenario],
        rounds: Int,
        _ model: ModelServer,
        connections: Int = 4,
        script: FakeServer.Script? = nil
    ) async throws -> RaceReport {
        // Where connections shared a thread, their requests would never meet.
        try await withFakeServer(script ?? model.script, threadCount: connections) { server in
            let plan = RacePlan(
                rounds: rounds,
                scenarios: scenarios,
                connections: connections,
                threads: 2,
                seed: 5,
                graceNanoseconds: model.graceMilliseconds * 1_000_000,
                graceUses: model.graceUses
            )
            let run = RaceRun(address: try server.address, plan: plan)
            return try await blocking { try run.run() }
        }
    }

    private static let waiting: [RaceScenario] = [.retryAfterWindow, .retriesDoNotExtendWindow, .graceKeepsExpiry]

    @Test("a server in order passes every scenario", arguments: RaceScenario.allCases)
    func passes(scenario: RaceScenario) async throws {
        let waits = Self.waiting.contains(scenario)
        let model = ModelServer(graceMilliseconds: waits ? 300 : Self.patientMilliseconds, graceUses: 5)
        let report = try await race([scenario], rounds: 12, model)
        let count = try #require(report.counts[scenario])
        #expect(count.decided + count.undecided == 12)
        // On a busy machine it may be that no round that waits is decided.
        #expect(waits || count.decided == 12)
        #expect(report.exitStatus == (count.decided > 0 ? .passed : .invalid), "\(report.text)")
        #expect(report.text.contains(count.decided > 0 ? "every invariant held" : "what was judged held"))
    }

    @Test("a race that judged no round of a scenario says so, and counts for nothing")
    func undecided() throws {
        let plan = RacePlan(
            rounds: 8,
            scenarios: [.forgedTag, .retryAfterWindow],
            connections: 2,
            threads: 1,
            seed: 1,
            graceNanoseconds: 300_000_000,
            graceUses: 1
        )
        let address = try #require(ServerAddress(server: "localhost:1"))
        var report = RaceReport(plan: plan, address: address)
        report.counts = [.forgedTag: .init(decided: 4), .retryAfterWindow: .init(decided: 1, undecided: 3)]
        #expect(report.exitStatus == .passed)
        #expect(report.text.hasSuffix("every invariant held"))
        #expect(report.json.text.contains(#""result": "valid""#))
        report.counts[.retryAfterWindow] = .init(undecided: 4)
        #expect(report.exitStatus == .invalid)
        #expect(report.text.contains("INVALID     no round of retry_after_window was judged; 4 were undecided"))
        #expect(!report.text.contains("every invariant held"))
        #expect(report.json.text.contains(#""result": "invalid""#))
        report.isInterrupted = true
        #expect(report.exitStatus == .aborted)
    }

    /// A fault, and the scenario that is there to find it.
    static let faults: [(ModelServer.Fault, RaceScenario)] = [
        (.retryForks, .parallelRefresh),
        (.checksThenWrites, .parallelRefresh),
        (.noGrace, .droppedAnswer),
        (.olderGenerationIsGrace, .olderGeneration),
        (.graceNeverEnds, .retryAfterWindow),
        (.retryExtendsWindow, .retriesDoNotExtendWindow),
        (.graceIsNotCapped, .graceCap),
        (.graceExtendsExpiry, .graceKeepsExpiry),
        (.reuseEndsSubject, .reuseElsewhere),
        (.refreshIgnoresRevocation, .revocation),
        (.forgedTagRevokes, .forgedTag),
        (.cutOffReachesNewTokens, .cutOff),
        (.successorIsNotUnique, .uniqueTokens),
    ]

    @Test("each fault is found by the scenario that is there for it", arguments: faults)
    func findsFault(fault: ModelServer.Fault, scenario: RaceScenario) async throws {
        let waits = Self.waiting.contains(scenario)
        let model = ModelServer(
            fault: fault,
            graceMilliseconds: waits ? 300 : Self.patientMilliseconds,
            graceUses: 5
        )
        // On a busy machine many a round that waits is undecided. The first that finds the fault ends the race.
        let report = try await race([scenario], rounds: waits ? 400 : 4_000, model)
        #expect(report.exitStatus == .wrongAnswer, "\(report.text)")
        let violation = try #require(report.violation)
        #expect(violation.scenario == scenario)
        #expect(violation.sequence.contains { $0.contains("OPEN race-") })
        #expect(violation.sequence.contains { $0.contains("REFRESH R0") })
        // The sequence names tokens, and does not give them away.
        #expect(!report.text.contains("mmrt_"))
        #expect(report.json.text.contains("\"finding\": "))
    }

    @Test("every scenario has a fault, and every fault a scenario")
    func faultsAreComplete() {
        #expect(Set(Self.faults.map(\.1)) == Set(RaceScenario.allCases))
        #expect(Set(Self.faults.map(\.0)) == Set(ModelServer.Fault.allCases))
    }

    @Test("rounds are shared out, and scenarios take turns")
    func turns() async throws {
        let model = ModelServer(graceMilliseconds: Self.patientMilliseconds)
        let scenarios: [RaceScenario] = [.forgedTag, .uniqueTokens, .parallelRefresh]
        let report = try await race(scenarios, rounds: 31, model)
        #expect(report.exitStatus == .passed, "\(report.text)")
        #expect(scenarios.map { report.counts[$0]?.decided } == [11, 10, 10])
    }

    @Test("a server that goes away ends the race")
    func serverGoesAway() async throws {
        let model = ModelServer()
        let seen = Counting()
        let script: FakeServer.Script = { request in
            seen.next() > 60 ? [.close] : model.script(request)
        }
        let report = try await withFakeServer(script) { server in
            let plan = RacePlan(
                rounds: 1_000,
                scenarios: [.parallelRefresh],
                connections: 4,
                threads: 1,
                seed: 1,
                graceNanoseconds: 300_000_000,
                graceUses: 16
            )
            let run = RaceRun(address: try server.address, plan: plan)
            return try await blocking { try run.run() }
        }
        #expect(report.exitStatus == .aborted, "\(report.text)")
        #expect(report.text.contains("stopped: "))
        let json = try JSONSerialization.jsonObject(with: Data(report.json.text.utf8)) as? [String: Any]
        #expect(json?["errors"] as? [String: Int] == ["aborted": 1])
        #expect((json?["first_examples"] as? [String: String])?["aborted"]?.isEmpty == false)
    }

    @Test("one answer for two requests is found")
    func answeredTwice() async throws {
        let model = ModelServer(graceMilliseconds: Self.patientMilliseconds)
        let script: FakeServer.Script = { request in
            var answer = model.answer(request)
            // Of several refreshes, all are answered as if they were the first.
            if request.kind == .refresh { answer.replaceSubrange(6..<10, with: [0, 0, 0, 1]) }
            return request.kind == .hello ? model.script(request) : [.write(answer)]
        }
        let report = try await race([.parallelRefresh], rounds: 1, model, script: script)
        #expect(report.exitStatus == .wrongAnswer, "\(report.text)")
        #expect(report.text.contains("stopped: request 1 was answered twice"))
    }

    @Test("the configuration for the server is shown")
    func configuration() {
        let completion = LoadTool.run(["race", "--print-config", "--grace-uses", "7"])
        #expect(completion.exitStatus == .passed)
        #expect(completion.output.contains("grace: {window: 300ms, uses: 7}"))
    }

    @Test(
        "wrong usage",
        arguments: [
            ["--rounds", "0"], ["--connections", "1"], ["--threads", "0"], ["--grace-window", "49"],
            ["--grace-uses", "0"], ["--scenarios", "nothing"], ["--scenarios", ""], ["--json", "/nonexistent/report"],
        ]
    )
    func usage(arguments: [String]) {
        #expect(LoadTool.run(["race"] + arguments).exitStatus == .usage)
    }

    @Test("what is near the window's end decides nothing")
    func margins() {
        let plan = RacePlan(
            rounds: 1,
            scenarios: [],
            connections: 2,
            threads: 1,
            seed: 1,
            graceNanoseconds: 300_000_000,
            graceUses: 1
        )
        #expect(plan.isSurelyInside(from: 0, to: 279_999_999))
        #expect(!plan.isSurelyInside(from: 0, to: 280_000_000))
        #expect(plan.windowIsOver(after: 5) == 320_000_005)
    }
}
