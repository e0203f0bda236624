/// The report of a race, for people and for programs.
extension RaceReport {
    var text: String {
        let rate = seconds > 0 ? Double(counts.values.reduce(0) { $0 + $1.decided + $1.undecided }) / seconds : 0
        var lines = [
            "race: \(plan.rounds) rounds, \(plan.threads) threads × \(plan.connections) connections, "
                + "\(Text.number(seconds, decimals: 1)) s, \(Text.number(rate, decimals: 0)) rounds/s",
            "",
            "scenario                          rounds   undecided",
        ]
        for scenario in plan.scenarios {
            let count = counts[scenario] ?? Count()
            let name = scenario.rawValue + String(repeating: " ", count: max(0, 29 - scenario.rawValue.count))
            lines.append(name + Text.padded("\(count.decided)", to: 11) + Text.padded("\(count.undecided)", to: 12))
        }
        lines.append("")
        lines += resultLines
        return lines.joined(separator: "\n")
    }

    private var resultLines: [String] {
        if let violation {
            return [
                "WRONG: round \(violation.round), \(violation.scenario.rawValue): \(violation.finding)",
                "must hold: \(violation.scenario.invariant)",
                "what happened:",
            ] + violation.sequence.map { "  " + $0 } + [
                "", "the server's configuration for this race, without which a finding means nothing:",
                plan.serverConfiguration,
            ]
        }
        if case .stopped(let failure) = failure { return ["stopped: \(failure.message)"] }
        if isInterrupted { return ["interrupted: every invariant held until then"] }
        let reasons = verdict.reasons.map { "INVALID     \($0)" }
        return reasons.isEmpty ? ["every invariant held"] : ["what was judged held"] + reasons
    }

    var json: JSONValue {
        .object([
            ("schema_version", .integer(LoadReport.schemaVersion)),
            ("mode", .string("race")),
            ("exit_status", .integer(Int(exitStatus.rawValue))),
            ("interrupted", .bool(isInterrupted)),
            ("verdict", verdict.json),
            ("settings", settingsJSON),
            ("seconds", .number(seconds)),
            ("rounds", .integer(counts.values.reduce(0) { $0 + $1.decided })),
            ("undecided", .integer(counts.values.reduce(0) { $0 + $1.undecided })),
            ("scenarios", .object(plan.scenarios.map { ($0.rawValue, scenarioJSON($0)) })),
            ("violation", violation.map(violationJSON) ?? .null),
            ("errors", .object(stop.map { [($0.errorName, .integer(1))] } ?? [])),
            ("first_examples", .object(stop.map { [($0.errorName, .string($0.message))] } ?? [])),
        ])
    }

    /// What ended the race, if it was no broken invariant.
    private var stop: LoadFailure? {
        if case .stopped(let failure) = failure { return failure }
        return nil
    }

    private var settingsJSON: JSONValue {
        .object([
            ("server", .string(address.description)),
            ("rounds", .integer(plan.rounds)),
            ("connections", .integer(plan.connections)),
            ("threads", .integer(plan.threads)),
            ("seed", .string(String(plan.seed))),
            ("grace_window_milliseconds", .integer(Int(plan.graceNanoseconds / 1_000_000))),
            ("grace_uses", .integer(plan.graceUses)),
        ])
    }

    private func scenarioJSON(_ scenario: RaceScenario) -> JSONValue {
        let count = counts[scenario] ?? Count()
        return .object([
            ("rounds", .integer(count.decided)),
            ("undecided", .integer(count.undecided)),
            ("invariant", .string(scenario.invariant)),
        ])
    }

    private func violationJSON(_ violation: RaceViolation) -> JSONValue {
        .object([
            ("scenario", .string(violation.scenario.rawValue)),
            ("round", .integer(violation.round)),
            ("finding", .string(violation.finding)),
            ("invariant", .string(violation.scenario.invariant)),
            ("sequence", .array(violation.sequence.map(JSONValue.string))),
        ])
    }
}
