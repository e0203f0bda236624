import ArgumentParser

/// What the load consists of: common to peak and run.
struct LoadOptions: ParsableArguments {
    static let mixDefault = "sign=1,verify=8,refresh=1"
    static let distinctTokensDefault = 10_000
    static let audienceDefault = "mintmark-bench"
    /// How long unanswered requests are waited for in the end.
    static let drainNanoseconds: Int64 = 5_000_000_000

    @Option(help: "Connections.")
    var connections = 16

    @Option(help: "Requests underway on each connection at most.")
    var depth = 16

    @Option(help: "Threads that generate load, each with its share of the connections.")
    var threads = 1

    @Option(help: ArgumentHelp("How long is measured.", valueName: "seconds"))
    var duration = 10.0

    @Option(help: ArgumentHelp("End behind this many requests, if the time is not over before.", valueName: "count"))
    var requests: Int?

    @Option(help: ArgumentHelp("How long there is load before it is measured.", valueName: "seconds"))
    var warmup = 0.0

    @Option(
        help: ArgumentHelp(
            "Operations and their weights: sign, verify, refresh, ping.",
            valueName: "name=weight,…"
        )
    )
    var mix = mixDefault

    @Option(help: "What random choices and pauses begin with: the same seed, the same load.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Access tokens to sign beforehand, and to verify at random. (default: 10000)",
            valueName: "count"
        )
    )
    var distinctTokens: Int?

    @Option(
        help: ArgumentHelp("Verify the tokens in this file, one on a line, in place of new ones.", valueName: "file")
    )
    var tokens: String?

    @Flag(help: "Verify each token once, in order, and end the run when there are no more.")
    var once = false

    @Option(
        help: ArgumentHelp(
            "Sessions to open beforehand and to refresh. (default: twice as many as requests can be underway)",
            valueName: "count"
        )
    )
    var sessions: Int?

    @Option(help: "The audience of the tokens, and the one that is expected of them.")
    var audience = audienceDefault

    @Flag(help: "Ask for answers to VERIFY without the token's claims.")
    var withoutClaims = false

    @Flag(
        help: """
            Never sleep, so that the server need not wake the generator. Takes a whole processor for each thread; the \
            figures count only if the server is saturated.
            """
    )
    var spin = false

    /// Checks the options, each and together.
    func plan(_ pace: LoadPlan.Pace) throws(LoadFailure) -> LoadPlan {
        guard let mix = OperationMix(mix) else {
            throw .usage("a mix is given as \(Self.mixDefault), with weights up to \(OperationMix.weightMax)")
        }
        try check("connections", connections, 1...LoadLimits.connectionsMax)
        try check("depth", depth, 1...LoadLimits.depthMax)
        try check("threads", threads, 1...min(LoadLimits.threadsMax, connections))
        if let requests { try check("requests", requests, 1...Int(Int32.max)) }
        guard duration > 0, duration <= LoadLimits.secondsMax, warmup >= 0, warmup <= LoadLimits.secondsMax else {
            throw .usage(
                "a duration is above 0, a warm-up at least 0, both at most \(Int(LoadLimits.secondsMax)) seconds"
            )
        }
        return LoadPlan(
            pace: pace,
            mix: mix,
            connections: connections,
            depth: depth,
            threads: threads,
            warmupNanoseconds: Int64(warmup * 1e9),
            durationNanoseconds: Int64(duration * 1e9),
            requestsMax: requests,
            drainNanoseconds: Self.drainNanoseconds,
            seed: seed,
            tokenSource: try tokenSource(),
            verifiesOnce: once,
            sessions: try sessionCount(pace),
            audience: audience,
            omitsClaims: withoutClaims,
            spins: spin
        )
    }

    private func tokenSource() throws(LoadFailure) -> LoadPlan.TokenSource {
        guard let tokens else {
            let count = distinctTokens ?? Self.distinctTokensDefault
            try check("distinct-tokens", count, 1...LoadLimits.countMax)
            return .sign(count)
        }
        guard distinctTokens == nil else { throw .usage("give --tokens or --distinct-tokens, not both") }
        return .file(tokens)
    }

    private func sessionCount(_ pace: LoadPlan.Pace) throws(LoadFailure) -> Int {
        let underwayMax = connections * depth
        let count = sessions ?? 2 * underwayMax
        try check("sessions", count, 1...LoadLimits.countMax)
        if case .closedLoop = pace, count < underwayMax {
            throw .usage("a closed loop needs a session for each request underway: \(underwayMax) at least")
        }
        return count
    }

    private func check(_ name: String, _ value: Int, _ allowed: ClosedRange<Int>) throws(LoadFailure) {
        guard allowed.contains(value) else {
            throw .usage("--\(name) is \(allowed.lowerBound) to \(allowed.upperBound) here")
        }
    }
}
