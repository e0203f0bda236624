import MintmarkWire

/// The server before the run, in it, and behind it.
struct ServerView: Sendable {
    var software: ServerSoftware
    var frameLengthLimit: Int
    var inFlightLimit: Int
    var statsBefore: [Counter]
    /// Nil if the server could not be asked any more.
    var statsAfter: [Counter]?
    var process: ServerProcess?
    var usageBefore: ServerProcess.Usage?
    var usageAfter: ServerProcess.Usage?
    var samples: [ServerSample] = []
    var processorsAllowed: Int?
    /// Version and cipher of TLS; nil in clear.
    var tlsSession: String?
    /// How long the tokens are that are verified.
    var tokenSizes: TokenSizes?
}

/// What the generator's threads have measured, all together.
struct Measured: Sendable {
    var tally = Tally()
    /// How long was measured; less than planned if the run ended before its time.
    var seconds: Double
    /// For each thread of the generator, the share of a core that it had.
    var threadShares: [Double]
    /// The same without what a thread that never sleeps spent on asking in vain whether there is something to do.
    var workShares: [Double]
    /// From the first request to the end of sending, or to the last answer if that came later.
    var servingSeconds: Double

    init(_ results: [WorkerResult], _ times: RunTimes) {
        for result in results { tally.add(result.tally) }
        let wallNanoseconds = results.map(\.wallNanoseconds).max() ?? 0
        // How long was measured: as planned, or less where there was nothing more to send. A server that says nothing
        // any more does not make it less: it has answered so few requests in all that time.
        let isShort = (results.map(\.endedAt).max() ?? 0) < times.end
        let end = isShort ? min(times.end, max(tally.lastAnswerAt, times.measuredFrom)) : times.end
        seconds = Double(end - times.measuredFrom) / 1e9
        threadShares = results.map { Double($0.processorNanoseconds) / Double(max(1, $0.wallNanoseconds)) }
        workShares = results.map { result in
            Double(max(0, result.processorNanoseconds - result.idleNanoseconds))
                / Double(max(1, result.wallNanoseconds))
        }
        servingSeconds = Double(max(wallNanoseconds, tally.lastAnswerAt - times.start)) / 1e9
    }
}

/// What came out of a run.
struct LoadReport: Sendable {
    var plan: LoadPlan
    var address: ServerAddress
    var measured: Measured
    /// Second by second, warm-up included.
    var intervals: [IntervalSlice]
    var server: ServerView
    var isInterrupted: Bool
    var context = RunContext.current()
    /// What ended the run before its time, if a threshold did.
    var abortedBy: Threshold?
    /// The percentiles that are shown.
    var percentiles = PercentileList.default
    /// Whether what speaks against the figures does not matter for the question that was asked.
    var isAccepted = false

    var tally: Tally { measured.tally }
    var measuredSeconds: Double { measured.seconds }
    var threadShares: [Double] { measured.threadShares }
    var workShares: [Double] { measured.workShares }

    /// What became of the server's cores, from the first request to the last answer.
    var serverCores: CoreShares? {
        guard let before = server.usageBefore, let after = server.usageAfter else { return nil }
        return CoreShares(from: before, to: after, seconds: measured.servingSeconds)
    }

    /// How many cores the server used in that time.
    var serverCoresUsed: Double? { serverCores?.used }

    /// Which share of the cores it may run on.
    var serverShare: Double? {
        guard let serverCoresUsed, let allowed = server.processorsAllowed, allowed > 0 else { return nil }
        return serverCoresUsed / Double(allowed)
    }

    var verdict: Verdict {
        var verdict = Verdict(
            threadShares: workShares,
            coresAllowed: context.machine.coresAllowed,
            serverShare: serverShare,
            lag: Verdict.Tail(tally.ownLag),
            response: Verdict.Tail(tally.response),
            couldSpin: !plan.spins && !plan.mix.contains(.handshake)
        )
        if isAccepted { verdict.accept() }
        return verdict
    }

    var exitStatus: CommandStatus {
        if tally.errors.wrongAnswer != nil { return .wrongAnswer }
        if isInterrupted || abortedBy != nil || tally.errors.hasLoss { return .aborted }
        return verdict.isValid ? .passed : .invalid
    }

    func completedPerSecond(_ operation: LoadOperation) -> Double {
        measuredSeconds > 0 ? Double(tally.operations[operation.rawValue].completed) / measuredSeconds : 0
    }

    /// The requests underway on average.
    var inFlightMean: Double {
        measuredSeconds > 0 ? tally.inFlightNanoseconds / 1e9 / measuredSeconds : 0
    }

    /// How much processor time the server spent on a request, in microseconds; nil if its process is not known.
    ///
    /// Over the whole of the run, warm-up included: processors are not asked in the middle.
    var serverMicrosecondsPerOperation: Double? {
        guard let before = server.usageBefore, let after = server.usageAfter else { return nil }
        let answered = intervals.reduce(0) { $0 + $1.completedCount }
        guard answered > 0 else { return nil }
        return Double(after.processorNanoseconds - before.processorNanoseconds) / 1_000 / Double(answered)
    }

    /// How many sessions a load like this needs, by Little's law and with as many again; nil unless they ran out.
    var sessionsNeeded: Int? {
        guard tally.errors.entries[.sessionStarved] != nil, case .openLoop(_, let ratePerSecond) = plan.pace else {
            return nil
        }
        let refresh = tally.operations[LoadOperation.refresh.rawValue].response
        // Without answers: as long as one is waited for.
        let waited = refresh.microseconds(atPercentile: 99).map { $0 / 1e6 } ?? Double(plan.timeoutNanoseconds) / 1e9
        let seconds = max(waited, 0.001)
        let refreshesPerSecond = ratePerSecond * plan.mix.share(of: .refresh)
        return max(plan.sessions + 1, Int((2 * refreshesPerSecond * seconds).rounded(.up)))
    }

    /// How much a counter of the server grew.
    func growth(of counter: String) -> Int? {
        guard
            let before = server.statsBefore.first(where: { $0.name == counter }),
            let after = server.statsAfter?.first(where: { $0.name == counter })
        else { return nil }
        return Int(after.value) - Int(before.value)
    }
}

extension LoadPlan {
    /// The mode's name: of the command, and in the report.
    var modeName: String {
        if mix.contains(.handshake) { return "handshake" }
        guard isOpenLoop else { return "peak" }
        if rampToPerSecond != nil { return "ramp" }
        return spike == nil ? "run" : "spike"
    }

    var isOpenLoop: Bool {
        if case .openLoop = pace { return true }
        return false
    }
}
