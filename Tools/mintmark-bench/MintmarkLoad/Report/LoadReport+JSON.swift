import MintmarkWire

/// The report for programs. `Protocol/bench.schema.json` says what its members mean.
extension LoadReport {
    /// Grows when a member changes its meaning or goes away. New members may come at any time.
    static let schemaVersion = 2

    var json: JSONValue { .object(endJSON + figuresJSON + circumstancesJSON) }

    private typealias Members = [(name: String, value: JSONValue)]

    /// How it ended, and what the figures are worth.
    private var endJSON: Members {
        [
            ("schema_version", .integer(Self.schemaVersion)),
            ("mode", .string(plan.modeName)),
            ("exit_status", .integer(Int(exitStatus.rawValue))),
            ("interrupted", .bool(isInterrupted)),
            ("aborted_by", .string(abortedBy?.text)),
            ("thresholds", .array([])),
            ("verdict", verdict.json),
            ("run", context.json),
            ("settings", settingsJSON),
        ]
    }

    private var figuresJSON: Members {
        [
            ("measured_seconds", .number(measuredSeconds) as JSONValue),
            ("offered", .integer(plan.isOpenLoop ? tally.offered : nil)),
            ("offered_per_second", .number(plan.isOpenLoop ? Double(tally.offered) / measuredSeconds : nil)),
            ("completed", .integer(tally.completed)),
            ("completed_per_second", .number(measuredSeconds > 0 ? Double(tally.completed) / measuredSeconds : nil)),
            ("not_sent", .integer(tally.notSent)),
            ("failed", .integer(tally.failed)),
            ("in_flight_mean", .number(inFlightMean) as JSONValue),
            ("operations", .object(plan.mix.operations.map { ($0.name, operationJSON($0)) })),
            ("errors", .object(tally.errors.sorted.map { ($0.error.name, .integer($0.entry.count)) })),
            ("error_details", .object(tally.errors.sorted.map { ($0.error.name, errorJSON($0.entry)) })),
        ]
    }

    private var circumstancesJSON: Members {
        let reconnects: Members = [
            ("count", .integer(tally.reconnects.count)), ("latency_us", tally.reconnects.json),
        ]
        return [
            ("sessions_needed", .integer(sessionsNeeded)),
            ("answers_sampled", .integer(tally.sampled)),
            ("key_skew", tally.skew?.json ?? .null),
            ("token_bytes", server.tokenSizes?.json ?? .null),
            ("reconnects", .object(reconnects)),
            ("generator", generatorJSON),
            ("machine", machineJSON),
            ("server", serverJSON),
            ("intervals", .array(intervals.map(intervalJSON))),
        ]
    }

    private func errorJSON(_ entry: ErrorTally.Entry) -> JSONValue {
        .object([
            ("count", .integer(entry.count)),
            ("per_second", .number(measuredSeconds > 0 ? Double(entry.count) / measuredSeconds : nil)),
            ("first_example", .string(entry.firstExample)),
            ("first_seconds", .number(Double(entry.firstAt) / 1e9)),
            ("last_seconds", .number(Double(entry.lastAt) / 1e9)),
        ])
    }

    private var settingsJSON: JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("server", .string(address.description)),
            ("transport", .string(address.transport)),
            ("connections", .integer(plan.connections)),
            ("idle_connections", .integer(plan.idleConnections)),
            ("depth", .integer(plan.depth)),
            ("threads", .integer(plan.threads)),
            ("warmup_seconds", .number(Double(plan.warmupNanoseconds) / 1e9)),
            ("duration_seconds", .number(Double(plan.durationNanoseconds) / 1e9)),
            ("timeout_seconds", .number(Double(plan.timeoutNanoseconds) / 1e9)),
            ("drain_seconds", .number(Double(plan.drainNanoseconds) / 1e9)),
            ("max_inflight", .integer(plan.underwayMax)),
            ("mix", .string(plan.mix.description)),
            ("keys", .string(plan.keyChoice.description)),
            ("seed", .string(String(plan.seed))),
            ("audience", .string(plan.audience)),
            ("without_claims", .bool(plan.omitsClaims)),
            ("once", .bool(plan.verifiesOnce)),
            ("spin", .bool(plan.spins)),
            ("sample_period", .integer(plan.samplePeriod)),
        ]
        if let claimSizes = plan.claimSizes { members.append(("claims_bytes", .string(claimSizes.description))) }
        if let tlsSession = server.tlsSession { members.append(("tls_session", .string(tlsSession))) }
        if let reconnectEvery = plan.reconnectEvery { members.append(("reconnect_every", .integer(reconnectEvery))) }
        if let requestsMax = plan.requestsMax { members.append(("requests", .integer(requestsMax))) }
        switch plan.tokenSource {
        case .sign(let count): members.append(("distinct_tokens", .integer(count)))
        case .file(let path): members.append(("tokens", .string(path)))
        }
        if plan.mix.contains(.refresh) { members.append(("sessions", .integer(plan.sessions))) }
        if plan.mix.contains(.revoke) { members.append(("revocations", .integer(plan.revocations))) }
        if plan.mix.contains(.hostile) {
            members.append(("hostile", .array(plan.hostile.map { .string($0.rawValue) as JSONValue })))
        }
        if case .openLoop(let arrival, let ratePerSecond) = plan.pace {
            members.append(("arrival", .string(arrival.rawValue)))
            members.append(("rate_per_second", .number(ratePerSecond)))
            if let end = plan.rampToPerSecond { members.append(("ramp_to_per_second", .number(end) as JSONValue)) }
            if let spike = plan.spike {
                members.append(("spike_per_second", .number(spike.perSecond) as JSONValue))
                members.append(("spike_at_seconds", .number(Double(spike.startNanoseconds) / 1e9) as JSONValue))
                members.append(("spike_seconds", .number(Double(spike.nanoseconds) / 1e9) as JSONValue))
            }
            members.append(("on_full", .string(plan.onFull.rawValue)))
        }
        return .object(members)
    }

    private func operationJSON(_ operation: LoadOperation) -> JSONValue {
        let tally = tally.operations[operation.rawValue]
        // What had to be refused and was is what one of these requests is to come to.
        let timings = operation == .hostile ? tally.refused : tally.accepted
        var members: [(name: String, value: JSONValue)] = [
            ("completed", .integer(tally.completed)),
            ("completed_per_second", .number(completedPerSecond(operation))),
            ("failed", .integer(tally.failedCount)),
            ("timed_out", .integer(tally.timedOut)),
            ("answer_bytes_mean", .number(tally.answerBytesMean)),
        ]
        members += timings.json(isScheduled: plan.isOpenLoop, percentiles)
        if operation == .handshake { members.append(("steps", stepsJSON)) }
        if tally.failed.response.count > 0 {
            members.append(("failed_times", .object(tally.failed.json(isScheduled: plan.isOpenLoop, percentiles))))
        }
        return .object(members)
    }

    private var machineJSON: JSONValue {
        guard plan.mix.hasSignatures else { return context.machine.json }
        let ceiling = SignatureCeiling.ofThisMachine
        return .object(
            context.machine.json.members + [
                ("ed25519_signs_per_second", .number(ceiling.signsPerSecond) as JSONValue),
                ("ed25519_verifies_per_second", .number(ceiling.verifiesPerSecond) as JSONValue),
            ]
        )
    }

    private var stepsJSON: JSONValue {
        .object(
            HandshakeStep.allCases.filter { tally.handshakeSteps[$0.rawValue].count > 0 }.map { step in
                ("\(step.name)_us", tally.handshakeSteps[step.rawValue].json)
            }
        )
    }

    private var generatorJSON: JSONValue {
        .object([
            ("core_share_by_thread", .array(threadShares.map { .number($0) as JSONValue })),
            ("core_share_max", .number(threadShares.max())),
            ("work_share_by_thread", .array(workShares.map { .number($0) as JSONValue })),
            ("own_lag_us", tally.ownLag.json),
            ("loop_us_max", .number(Double(tally.loopNanosecondsMax) / 1_000)),
        ])
    }

    private var serverJSON: JSONValue {
        let counters = { (counters: [Counter]) in
            JSONValue.object(counters.map { ($0.name, .integer(Int(clamping: $0.value))) })
        }
        let figures: Members = [
            ("frame_length_limit", .integer(server.frameLengthLimit)),
            ("in_flight_limit", .integer(server.inFlightLimit)),
            ("process_id", .integer(server.process.map { Int($0.processID) })),
            ("cpu_us_per_operation", .number(serverMicrosecondsPerOperation)),
            ("cores_used", .number(serverCores?.used)),
            ("cores_idle", .number(serverCores?.idle)),
            ("cores_stolen", .number(serverCores?.stolen)),
            ("cores_allowed", .integer(server.processorsAllowed)),
            ("resident_bytes_before", .integer(server.usageBefore?.residentBytes)),
            ("resident_bytes_after", .integer(server.usageAfter?.residentBytes)),
            ("resident_bytes_peak", .integer(server.usageAfter?.residentBytesPeak)),
            ("voluntary_switches", .integer(usageGrowth(\.voluntarySwitches))),
            ("involuntary_switches", .integer(usageGrowth(\.involuntarySwitches))),
            ("written_bytes", .integer(writtenBytes)),
            ("stats_before", counters(server.statsBefore)),
            ("stats_after", server.statsAfter.map(counters) ?? .null),
        ]
        return .object(server.software.json + figures)
    }

    private func usageGrowth(_ figure: KeyPath<ServerProcess.Usage, Int>) -> Int? {
        guard let before = server.usageBefore, let after = server.usageAfter else { return nil }
        return after[keyPath: figure] - before[keyPath: figure]
    }

    private var writtenBytes: Int? {
        guard let before = server.usageBefore?.writtenBytes, let after = server.usageAfter?.writtenBytes else {
            return nil
        }
        return after - before
    }
}

extension Verdict {
    var json: JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("result", .string(isValid ? "valid" : "invalid")),
            ("reasons", .array(reasons.map(JSONValue.string))),
        ]
        if !notes.isEmpty { members.append(("notes", .array(notes.map(JSONValue.string)))) }
        return .object(members)
    }
}

extension Tally.Timings {
    func json(isScheduled: Bool, _ percentiles: PercentileList) -> [(name: String, value: JSONValue)] {
        var members: [(name: String, value: JSONValue)] = [("latency_us", response.json(percentiles))]
        var histograms: [(name: String, value: JSONValue)] = [
            ("response", .string(HistogramEncoding.encode(response.snapshot)))
        ]
        if isScheduled {
            members += [("service_us", service.json(percentiles)), ("lag_us", lag.json(percentiles))]
            histograms.append(("service", .string(HistogramEncoding.encode(service.snapshot))))
            histograms.append(("lag", .string(HistogramEncoding.encode(lag.snapshot))))
        }
        return members + [("histograms", .object(histograms))]
    }
}

extension LatencyHistogram {
    /// The same as `json`, with percentiles that were asked for.
    func json(_ percentiles: PercentileList) -> JSONValue {
        guard percentiles != .default else { return json }
        let figures = percentiles.values.map { percentile in
            (PercentileList.name(percentile), JSONValue.number(soundMicroseconds(atPercentile: percentile)))
        }
        return .object(json.members + [("percentiles", .object(figures))])
    }

    /// Microseconds; null where there are not samples enough.
    var json: JSONValue {
        .object([
            ("samples", .integer(count)),
            ("min", .number(minMicroseconds)),
            ("mean", .number(meanMicroseconds)),
            ("p50", .number(soundMicroseconds(atPercentile: 50))),
            ("p90", .number(soundMicroseconds(atPercentile: 90))),
            ("p99", .number(soundMicroseconds(atPercentile: 99))),
            ("p999", .number(soundMicroseconds(atPercentile: 99.9))),
            ("p9999", .number(soundMicroseconds(atPercentile: 99.99))),
            ("max", .number(maxMicroseconds)),
            ("beyond_range", .integer(overflowCount)),
        ])
    }
}
