import MintmarkWire

/// The report for programs.
extension LoadReport {
    /// Grows when a member changes its meaning or goes away. New members may come at any time.
    static let schemaVersion = 1

    var json: JSONValue {
        .object([
            ("schema_version", .integer(Self.schemaVersion)),
            ("mode", .string(plan.modeName)),
            ("exit_status", .integer(Int(exitStatus.rawValue))),
            ("interrupted", .bool(isInterrupted)),
            ("verdict", verdict.json),
            ("settings", settingsJSON),
            ("measured_seconds", .number(measuredSeconds)),
            ("offered_per_second", plan.isOpenLoop ? .number(Double(tally.offered) / measuredSeconds) : .null),
            ("operations", .object(plan.mix.operations.map { ($0.name, operationJSON($0)) })),
            ("errors", .object(tally.errors.sorted.map { ($0.error.name, .integer($0.entry.count)) })),
            (
                "first_examples",
                .object(tally.errors.sorted.map { ($0.error.name, .string($0.entry.firstExample)) })
            ),
            ("answers_sampled", .integer(tally.sampled)),
            ("generator", generatorJSON),
            ("server", serverJSON),
        ])
    }

    private var settingsJSON: JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("server", .string(address.description)),
            ("connections", .integer(plan.connections)),
            ("depth", .integer(plan.depth)),
            ("threads", .integer(plan.threads)),
            ("warmup_seconds", .number(Double(plan.warmupNanoseconds) / 1e9)),
            ("duration_seconds", .number(Double(plan.durationNanoseconds) / 1e9)),
            ("mix", .string(plan.mix.description)),
            ("seed", .string(String(plan.seed))),
            ("audience", .string(plan.audience)),
            ("without_claims", .bool(plan.omitsClaims)),
            ("once", .bool(plan.verifiesOnce)),
            ("spin", .bool(plan.spins)),
        ]
        if let requestsMax = plan.requestsMax { members.append(("requests", .integer(requestsMax))) }
        switch plan.tokenSource {
        case .sign(let count): members.append(("distinct_tokens", .integer(count)))
        case .file(let path): members.append(("tokens", .string(path)))
        }
        if plan.mix.contains(.refresh) { members.append(("sessions", .integer(plan.sessions))) }
        if case .openLoop(let arrival, let ratePerSecond) = plan.pace {
            members.append(("arrival", .string(arrival.rawValue)))
            members.append(("rate_per_second", .number(ratePerSecond)))
        }
        return .object(members)
    }

    private func operationJSON(_ operation: LoadOperation) -> JSONValue {
        let tally = tally.operations[operation.rawValue]
        var members: [(name: String, value: JSONValue)] = [
            ("completed", .integer(tally.completed)),
            ("completed_per_second", .number(completedPerSecond(operation))),
            ("answer_bytes_mean", .number(tally.answerBytesMean)),
            ("latency_us", tally.response.json),
        ]
        if plan.isOpenLoop {
            members.append(("service_us", tally.service.json))
            members.append(("lag_us", tally.lag.json))
        }
        return .object(members)
    }

    private var generatorJSON: JSONValue {
        .object([
            ("core_share_by_thread", .array(threadShares.map { .number($0) as JSONValue })),
            ("core_share_max", .number(threadShares.max())),
            ("own_lag_us", tally.ownLag.json),
        ])
    }

    private var serverJSON: JSONValue {
        let counters = { (counters: [Counter]) in
            JSONValue.object(counters.map { ($0.name, .integer(Int(clamping: $0.value))) })
        }
        return .object([
            ("build", .string(server.build)),
            ("process_id", .integer(server.process.map { Int($0.processID) })),
            ("cores_used", .number(serverCores?.used)),
            ("cores_idle", .number(serverCores?.idle)),
            ("cores_stolen", .number(serverCores?.stolen)),
            ("cores_allowed", .integer(server.processorsAllowed)),
            ("resident_bytes_before", .integer(server.usageBefore?.residentBytes)),
            ("resident_bytes_after", .integer(server.usageAfter?.residentBytes)),
            ("stats_before", counters(server.statsBefore)),
            ("stats_after", server.statsAfter.map(counters) ?? .null),
        ])
    }
}

extension Verdict {
    var json: JSONValue {
        .object([
            ("result", .string(isValid ? "valid" : "invalid")),
            ("reasons", .array(reasons.map(JSONValue.string))),
        ])
    }
}

extension LatencyHistogram {
    /// Microseconds at the usual percentiles; null where nothing was recorded.
    var json: JSONValue {
        .object([
            ("samples", .integer(count)),
            ("p50", .number(microseconds(atPercentile: 50))),
            ("p90", .number(microseconds(atPercentile: 90))),
            ("p99", .number(microseconds(atPercentile: 99))),
            ("p999", .number(microseconds(atPercentile: 99.9))),
            ("max", .number(maxMicroseconds)),
            ("beyond_range", .integer(overflowCount)),
        ])
    }
}
