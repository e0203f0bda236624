/// What came out of a crash test.
struct CrashReport: Sendable {
    /// A kill, and what it hit.
    struct Kill: Hashable, Sendable {
        var round: Int
        var step: SnapshotStep
        /// The step that the kill was meant for; nil: it came at a moment drawn by lot.
        var aimedAt: SnapshotStep?
        /// Answers under load since the start before.
        var acknowledged: Int
        /// How much there was of a snapshot that was being written.
        var snapshotBytes: Int?
    }

    var plan: CrashPlan
    /// Where the ledger lies, if it is kept.
    var ledgerPath: String
    var kills: [Kill] = []
    var hits: [SnapshotStep: Int] = [:]
    var tally = CrashTally()
    var seconds = 0.0
    var failure: CrashFailure?
    /// The ledger's lines about what was found.
    var history: [String] = []
    var daemonLog: [String] = []
    var isInterrupted = false
    /// Just before the last kill, and when the daemon was gone for sure.
    var killedAt: (before: Int64, after: Int64) = (0, 0)

    init(plan: CrashPlan, ledgerPath: String) {
        self.plan = plan
        self.ledgerPath = ledgerPath
    }

    var finding: CrashFinding? {
        if case .finding(let finding) = failure { return finding }
        return nil
    }

    /// The steps that were not hit as often as wanted.
    var missedSteps: [SnapshotStep] {
        SnapshotStep.allCases.filter { hits[$0, default: 0] < plan.stepHitsRequired }
    }

    var exitStatus: CommandStatus {
        switch failure {
        case .finding: .wrongAnswer
        case .stopped(let failure): failure.exitStatus
        case nil: isInterrupted ? .aborted : missedSteps.isEmpty ? .passed : .failed
        }
    }
}

/// For people and for programs.
extension CrashReport {
    var text: String {
        var lines = [
            "crash: \(kills.count) kills, \(plan.durability.text), \(plan.threads) threads × \(plan.connections) "
                + "connections, seed \(plan.seed), \(Text.number(seconds, decimals: 1)) s",
            "",
            "acknowledged under load   \(number(tally.acknowledged)) (between two kills at least "
                + "\(number(kills.map(\.acknowledged).min() ?? 0)))",
            "answers checked           \(number(tally.checked))",
            "sessions                  \(number(tally.opened)) opened, \(number(tally.rotated)) rotations, "
                + "\(number(tally.revoked)) revoked",
            "underway at a kill        \(number(tally.unanswered)); of those that mattered "
                + "\(number(tally.unansweredHappened)) happened, \(number(tally.unansweredNotHappened)) did not",
            "",
            "the kill hit                      times    aimed at",
        ]
        for step in SnapshotStep.allCases {
            let aimed = kills.count { $0.aimedAt == step }
            lines.append(
                step.title + String(repeating: " ", count: max(0, 28 - step.title.count))
                    + Text.padded("\(hits[step, default: 0])", to: 11) + Text.padded("\(aimed)", to: 12)
            )
        }
        return (lines + [""] + resultLines).joined(separator: "\n")
    }

    private func number(_ count: Int) -> String { Text.number(Double(count), decimals: 0) }

    private var resultLines: [String] {
        switch failure {
        case .finding(let finding):
            let holder =
                finding.session.map { "session s\($0)" } ?? finding.subject.map { "subject \($0)" } ?? "the daemon"
            return [
                "WRONG: behind kill \(kills.count), \(holder): expected \(finding.expected); "
                    + "answered \(finding.answered)",
                "must hold: \(finding.rule.invariant)",
                "what happened (milliseconds, round, whom it is about, request or answer):",
            ] + history.map { "  " + $0 } + logLines + ["", "the ledger, with tokens: \(ledgerPath)"]
        case .stopped(let failure): return ["stopped: \(failure.message)"] + logLines
        case nil where isInterrupted: return ["interrupted: nothing was lost until then"]
        case nil where !missedSteps.isEmpty:
            let steps = missedSteps.map(\.title).joined(separator: ", ")
            return ["nothing was lost; not hit \(plan.stepHitsRequired) times: \(steps)"]
        case nil:
            return [
                plan.durability.promise == .everything
                    ? "nothing that was acknowledged was lost" : "no revocation that was acknowledged was lost"
            ]
        }
    }

    private var logLines: [String] {
        daemonLog.isEmpty ? [] : ["the daemon's last words:"] + daemonLog.map { "  " + $0 }
    }

    var json: JSONValue {
        .object([
            ("schema_version", .integer(LoadReport.schemaVersion)),
            ("mode", .string("crash")),
            ("exit_status", .integer(Int(exitStatus.rawValue))),
            ("interrupted", .bool(isInterrupted)),
            ("settings", settingsJSON),
            ("seconds", .number(seconds)),
            ("rounds", .integer(kills.count)),
            ("acknowledged", .integer(tally.acknowledged)),
            ("acknowledged_between_kills_min", .integer(kills.map(\.acknowledged).min())),
            ("checked", .integer(tally.checked)),
            ("sessions_opened", .integer(tally.opened)),
            ("rotations", .integer(tally.rotated)),
            ("sessions_revoked", .integer(tally.revoked)),
            ("unanswered", .integer(tally.unanswered)),
            ("unanswered_happened", .integer(tally.unansweredHappened)),
            ("unanswered_not_happened", .integer(tally.unansweredNotHappened)),
            ("steps", .object(SnapshotStep.allCases.map { ($0.rawValue, .integer(hits[$0, default: 0])) })),
            ("steps_missed", .array(missedSteps.map { .string($0.rawValue) })),
            ("kills", .array(kills.map(killJSON))),
            ("finding", finding.map(findingJSON) ?? .null),
            ("errors", .object(stoppedMessage.map { [("stopped", .string($0))] } ?? [])),
            ("daemon_log", .array(daemonLog.map(JSONValue.string))),
        ])
    }

    private var stoppedMessage: String? {
        if case .stopped(let failure) = failure { return failure.message }
        return nil
    }

    private var settingsJSON: JSONValue {
        .object([
            ("durability", .string(plan.durability.text)),
            ("snapshot_interval", .string(plan.snapshotInterval.text)),
            ("rounds", .integer(plan.rounds)),
            ("rounds_max", .integer(plan.roundsMax)),
            ("require_steps", .integer(plan.stepHitsRequired)),
            ("connections", .integer(plan.connections)),
            ("threads", .integer(plan.threads)),
            ("seed", .string(String(plan.seed))),
        ])
    }

    private func killJSON(_ kill: Kill) -> JSONValue {
        .object([
            ("round", .integer(kill.round)),
            ("step", .string(kill.step.rawValue)),
            ("aimed_at", kill.aimedAt.map { .string($0.rawValue) } ?? .null),
            ("acknowledged", .integer(kill.acknowledged)),
            ("snapshot_bytes", .integer(kill.snapshotBytes)),
        ])
    }

    private func findingJSON(_ finding: CrashFinding) -> JSONValue {
        .object([
            ("rule", .string(finding.rule.rawValue)),
            ("invariant", .string(finding.rule.invariant)),
            ("session", .integer(finding.session)),
            ("subject", finding.subject.map(JSONValue.string) ?? .null),
            ("expected", .string(finding.expected)),
            ("answered", .string(finding.answered)),
            ("history", .array(history.map(JSONValue.string))),
            ("ledger", .string(ledgerPath)),
        ])
    }
}
