import Foundation
import MintmarkWire
import Testing

@testable import MintmarkLoad

/// The crash test against a model that forgets what a test wants forgotten.
@Suite("The crash test")
struct CrashRunTests {
    private static func plan(rounds: Int, durability: String = "always") throws -> CrashPlan {
        CrashPlan(
            rounds: rounds,
            roundsMax: rounds,
            threads: 2,
            connections: 2,
            seed: 3,
            durability: try #require(CrashPlan.Durability(durability)),
            snapshotInterval: try #require(DurationText("1ms")),
            // The model's window is long, and goes on while it is down.
            grace: CrashGrace(windowNanoseconds: 60_000_000_000),
            acknowledgementsMin: 500,
            longStopEvery: 1_000_000
        )
    }

    private func run(_ plan: CrashPlan, _ makeTarget: @escaping @Sendable () -> ModelTarget) async throws -> CrashReport
    {
        let directory = NSTemporaryDirectory() + "mintmark-crash-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await blocking {
            var run = try CrashRun(plan: plan, target: makeTarget(), ledgerPath: "\(directory)/ledger")
            return try run.run()
        }
    }

    @Test("a server that forgets nothing passes", arguments: ["always", "snapshot"])
    func passes(durability: String) async throws {
        let report = try await run(try Self.plan(rounds: 4, durability: durability)) { ModelTarget() }
        #expect(report.exitStatus == .passed, "\(report.text)")
        #expect(report.kills.count == 4)
        #expect(report.kills.allSatisfy { $0.acknowledged >= 500 && $0.step == .idle })
        #expect(report.tally.acknowledged >= 2_000)
        #expect(report.tally.checked > 500)
        #expect(report.tally.revoked > 0)
        #expect(report.text.contains("was lost"))
        #expect(report.json.text.contains(#""mode": "crash""#))
    }

    /// What a model forgets at each kill, and the rules that may be the first to tell.
    struct Loss: Sendable {
        var apply: @Sendable (inout ModelState) -> Void = { _ in }
        var fault: ModelServer.Fault?
        var durability = "always"
    }

    static let losses: [Row<Loss, Set<CrashRule>>] = [
        Row("the last session", Loss(apply: { _ = $0.sessions.removeLast() }), [.lostOpen, .doubleMint]),
        Row("everything", Loss(apply: { $0.sessions = [] }), [.lostOpen]),
        Row("the last rotation of each session", Loss(apply: rotateBack), [.lostRotation, .resurrectedToken]),
        Row("revocations", Loss(apply: reviveAll), [.lostRevocation, .acceptedAccessToken]),
        Row("revocations, in the mode snapshot", Loss(apply: reviveAll, durability: "snapshot"), [.lostRevocation]),
        Row("cut-offs", Loss(apply: { $0.cutOffs = [:] }), [.acceptedAccessToken]),
        Row("that sessions live", Loss(apply: killAll), [.deadSession, .refusedRetry]),
        Row("when grace began", Loss(apply: endWindows), [.refusedRetry]),
        Row("that older tokens are reuse", Loss(fault: .olderGenerationIsGrace), [.resurrectedToken]),
        Row("that it gave a token to somebody", Loss(fault: .successorIsNotUnique), [.doubleMint]),
        Row("the successor it gave", Loss(fault: .retryForks), [.resurrectedToken, .forkedSuccessor]),
    ]

    @Sendable private static func rotateBack(_ state: inout ModelState) {
        for index in state.sessions.indices where state.sessions[index].generation > 0 {
            state.sessions[index].generation -= 1
        }
    }

    @Sendable private static func reviveAll(_ state: inout ModelState) {
        for index in state.sessions.indices { state.sessions[index].isRevoked = false }
    }

    @Sendable private static func killAll(_ state: inout ModelState) {
        for index in state.sessions.indices { state.sessions[index].isRevoked = true }
    }

    @Sendable private static func endWindows(_ state: inout ModelState) {
        for index in state.sessions.indices { state.sessions[index].rotatedAt = -1_000_000_000 }
    }

    @Test("each loss is found, with the history of the session", arguments: losses)
    func findsLoss(row: Row<Loss, Set<CrashRule>>) async throws {
        let plan = try Self.plan(rounds: 20, durability: row.given.durability)
        let report = try await run(plan) {
            let model = ModelServer(fault: row.given.fault, graceMilliseconds: 60_000, graceUses: 65_535)
            return ModelTarget(model, loss: row.given.apply)
        }
        #expect(report.exitStatus == .wrongAnswer, "\(report.text)")
        let finding = try #require(report.finding)
        #expect(row.expected.contains(finding.rule), "\(report.text)")
        #expect(report.history.contains { $0.contains(" -> ") })
        #expect(report.text.contains("WRONG: "))
        #expect(report.text.contains("the ledger, with tokens: "))
        #expect(!report.text.contains("mmrt_"))
        #expect(report.json.text.contains("\"rule\": \"\(finding.rule.rawValue)\""))
    }

    @Test("what the mode snapshot may lose is no finding")
    func snapshotMode() async throws {
        let report = try await run(try Self.plan(rounds: 4, durability: "snapshot")) {
            ModelTarget(loss: { Self.rotateBack(&$0) })
        }
        #expect(report.exitStatus == .passed, "\(report.text)")
    }

    @Test("a daemon that does not come back is a finding; one that never started is none")
    func starts() async throws {
        let report = try await run(try Self.plan(rounds: 3)) { ModelTarget(failingStart: 3) }
        #expect(report.finding?.rule == .refusedStart)
        #expect(report.kills.count == 2)
        #expect(report.text.contains("the model says nothing"))
        await #expect(throws: LoadFailure.unreachable("so the test says")) {
            try await run(try Self.plan(rounds: 3)) { ModelTarget(failingStart: 1) }
        }
    }

    @Test("steps that are never hit are missed")
    func missedSteps() async throws {
        var plan = try Self.plan(rounds: 1)
        plan.stepHitsRequired = 1
        plan.roundsMax = 2
        let report = try await run(plan) { ModelTarget() }
        #expect(report.kills.count == 2)
        #expect(report.exitStatus == .failed)
        #expect(report.missedSteps.count == 5)
        #expect(report.text.contains("not hit 1 times: segment begun"))
    }

    @Test(
        "wrong usage",
        arguments: [
            ["--rounds", "0"], ["--rounds", "5", "--rounds-max", "4"], ["--require-steps", "-1"],
            ["--connections", "0"], ["--connections", "65"], ["--threads", "0"], ["--threads", "17"],
            ["--durability", "never"], ["--durability", "interval:"], ["--snapshot-interval", "0s"],
            ["--snapshot-interval", "25h"], ["--daemon", "/nonexistent"],
            ["--daemon", "/bin/true", "--data-dir", "/usr"],
        ]
    )
    func usage(arguments: [String]) {
        let completion = LoadTool.run(["crash"] + arguments)
        #expect(completion.exitStatus == .usage)
        #expect(completion.output.isEmpty)
    }

    @Test("a program that is no daemon cannot be tested")
    func noDaemon() {
        let completion = LoadTool.run(["crash", "--daemon", "/bin/true"])
        #expect(completion.exitStatus == .unreachable)
        #expect(completion.errorOutput.contains("exit code 0"))
    }

    static let durations: [Row<String, Int64?>] = [
        Row("milliseconds", "200ms", 200_000_000), Row("seconds", "5s", 5_000_000_000),
        Row("a day", "24h", 86_400_000_000_000), Row("more", "25h", nil), Row("no unit", "5", nil),
        Row("no number", "ms", nil), Row("none", "0s", nil), Row("many digits", "1000000000ms", nil),
        Row("another unit", "5d", nil), Row("a sign", "-5s", nil),
    ]

    @Test("durations are read as the daemon reads them", arguments: durations)
    func readsDuration(row: Row<String, Int64?>) {
        #expect(DurationText(row.given)?.nanoseconds == row.expected)
    }

    static let modes: [Row<String, CrashPromise?>] = [
        Row("always", "always", .everything), Row("interval", "interval:1s", .everything),
        Row("snapshot", "snapshot", .revocations), Row("another", "Always", nil),
        Row("interval without a time", "interval:x", nil),
    ]

    @Test("what the modes promise", arguments: modes)
    func readsMode(row: Row<String, CrashPromise?>) {
        #expect(CrashPlan.Durability(row.given)?.promise == row.expected)
    }
}
