extension LoadOptions {
    /// Checks the options, each and together.
    ///
    /// - Parameter durationSeconds: How long is measured where the options do not say.
    func plan(
        _ pace: LoadPlan.Pace,
        onFull: LoadPlan.FullPolicy = .queue,
        durationSeconds: Double = durationSecondsDefault
    ) throws(LoadFailure) -> LoadPlan {
        let duration = duration ?? durationSeconds
        try checkNumbers(duration)
        return LoadPlan(
            pace: pace,
            mix: try chosenMix(),
            connections: connections,
            depth: depth,
            threads: threads,
            warmupNanoseconds: Int64(warmup * 1e9),
            durationNanoseconds: Int64(duration * 1e9),
            requestsMax: requests,
            drainNanoseconds: Int64(drainTimeout * 1e9),
            timeoutNanoseconds: Int64(timeout * 1e9),
            seed: seed,
            tokenSource: try tokenSource(),
            verifiesOnce: once,
            sessions: try sessionCount(pace),
            audience: audience,
            omitsClaims: withoutClaims,
            spins: spin,
            inFlightMax: maxInflight,
            onFull: onFull,
            idleConnections: idleConnections,
            reconnectEvery: reconnectEvery,
            keyChoice: try keyChoice(),
            hostile: try hostileRequests(),
            claimSizes: try claimSizes(),
            sessionsFile: useSessions,
            revocations: revocations,
            samplePeriod: validateEvery
        )
    }

    /// What a profile stands for, in words; nil without one.
    var expansion: String? {
        profile.map { "profile \($0.rawValue): \($0.expansion)" }
    }

    private func chosenMix() throws(LoadFailure) -> OperationMix {
        guard profile == nil || (mix == nil && keys == nil) else {
            throw .usage("give --profile, or --mix and --keys")
        }
        guard let chosen = OperationMix(mix ?? profile?.mix ?? Self.mixDefault) else {
            let names = LoadOperation.requests.map(\.name).joined(separator: ", ")
            throw .usage(
                "--mix names operations, each once, and how often each comes, as in \(Self.mixDefault): there are "
                    + "\(names), with weights from 0 to \(OperationMix.weightMax), not all of them 0"
            )
        }
        return chosen
    }

    private func claimSizes() throws(LoadFailure) -> ClaimSizes? {
        guard let claimsBytes else { return nil }
        guard let sizes = ClaimSizes(claimsBytes) else {
            throw .usage(
                "--claims-bytes is 64, 64-512 or 64=9,1024=1, with sizes from \(ClaimSizes.bytesMin) to "
                    + "\(ClaimSizes.bytesMax) and weights up to \(ClaimSizes.weightMax)"
            )
        }
        return sizes
    }

    private func keyChoice() throws(LoadFailure) -> KeyChoice {
        guard let choice = KeyChoice(keys ?? profile?.keys ?? "uniform") else {
            throw .usage("--keys is uniform, zipf, latest or sequential; an exponent above 0 follows as in zipf:0.8")
        }
        return choice
    }

    private func hostileRequests() throws(LoadFailure) -> [HostileRequest] {
        guard let hostile else { return HostileRequest.default }
        var chosen: [HostileRequest] = []
        for name in hostile.split(separator: ",", omittingEmptySubsequences: false) {
            guard let sort = HostileRequest(rawValue: String(name)), !chosen.contains(sort) else {
                let names = HostileRequest.allCases.map(\.rawValue).joined(separator: ", ")
                throw .usage("--hostile names sorts, each once: \(names)")
            }
            chosen.append(sort)
        }
        return chosen
    }

    private func checkNumbers(_ duration: Double) throws(LoadFailure) {
        try Self.check("connections", connections, 1...LoadLimits.connectionsMax)
        try Self.check("idle-connections", idleConnections, 0...LoadLimits.connectionsMax)
        try Self.check("depth", depth, 1...LoadLimits.depthMax)
        try Self.check("threads", threads, 1...min(LoadLimits.threadsMax, connections))
        if let requests { try Self.check("requests", requests, 1...LoadLimits.requestsMax) }
        if let reconnectEvery { try Self.check("reconnect-every", reconnectEvery, 1...LoadLimits.requestsMax) }
        if let maxInflight { try Self.check("max-inflight", maxInflight, threads...LoadLimits.inFlightMax) }
        try Self.check("revocations", revocations, threads...LoadLimits.countMax)
        try Self.check("validate-every", validateEvery, 1...LoadLimits.countMax)
        try Self.checkTimes(duration: duration, warmup: warmup)
        try Self.checkTimeout("timeout", timeout)
        try Self.checkTimeout("drain-timeout", drainTimeout)
    }

    static func checkTimes(duration: Double, warmup: Double) throws(LoadFailure) {
        guard duration > 0, duration <= LoadLimits.secondsMax, warmup >= 0, warmup <= LoadLimits.secondsMax else {
            throw .usage(
                "a duration is above 0, a warm-up at least 0, both at most \(Int(LoadLimits.secondsMax)) seconds"
            )
        }
    }

    static func checkTimeout(_ name: String, _ value: Double) throws(LoadFailure) {
        guard value >= 0.001, value <= LoadLimits.timeoutSecondsMax else {
            throw .usage("--\(name) is 0.001 to \(Int(LoadLimits.timeoutSecondsMax)) seconds")
        }
    }

    private func tokenSource() throws(LoadFailure) -> LoadPlan.TokenSource {
        guard let tokens else {
            let count = distinctTokens ?? Self.distinctTokensDefault
            try Self.check("distinct-tokens", count, 1...LoadLimits.countMax)
            return .sign(count)
        }
        guard distinctTokens == nil else { throw .usage("give --tokens or --distinct-tokens, not both") }
        return .file(tokens)
    }

    private func sessionCount(_ pace: LoadPlan.Pace) throws(LoadFailure) -> Int {
        let underwayMax = min(connections * depth, maxInflight ?? .max)
        guard sessions == nil || useSessions == nil else { throw .usage("give --sessions or --use-sessions, not both") }
        let count =
            try useSessions.map { (path) throws(LoadFailure) in try TokenFile.read(path).count }
            ?? sessions ?? 2 * underwayMax
        try Self.check("sessions", count, 1...LoadLimits.countMax)
        if case .closedLoop = pace, count < underwayMax {
            throw .usage("a closed loop needs a session for each request underway: \(underwayMax) at least")
        }
        return count
    }

    static func check(_ name: String, _ value: Int, _ allowed: ClosedRange<Int>) throws(LoadFailure) {
        guard allowed.contains(value) else {
            throw .usage("--\(name) is \(allowed.lowerBound) to \(allowed.upperBound) here")
        }
    }
}
