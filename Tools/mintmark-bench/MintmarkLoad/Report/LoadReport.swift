import MintmarkWire

/// What came out of a run.
struct LoadReport: Sendable {
    /// The server before the run, and behind it.
    struct ServerView: Sendable {
        var build: String
        var statsBefore: [Counter]
        /// Nil if the server could not be asked any more.
        var statsAfter: [Counter]?
        var process: ServerProcess?
        var usageBefore: ServerProcess.Usage?
        var usageAfter: ServerProcess.Usage?
        var processorsAllowed: Int?
    }

    var plan: LoadPlan
    var address: ServerAddress
    var tally: Tally
    /// How long was measured; less than planned if the run ended before its time.
    var measuredSeconds: Double
    /// For each thread of the generator.
    var threadShares: [Double]
    /// From the first request to the end of sending, or to the last answer if that came later.
    var servingSeconds: Double
    var server: ServerView
    var isInterrupted: Bool

    /// What became of the server's cores, from the first request to the last answer.
    var serverCores: CoreShares? {
        guard let before = server.usageBefore, let after = server.usageAfter else { return nil }
        return CoreShares(from: before, to: after, seconds: servingSeconds)
    }

    /// How many cores the server used in that time.
    var serverCoresUsed: Double? { serverCores?.used }

    /// Which share of the cores it may run on.
    var serverShare: Double? {
        guard let serverCoresUsed, let allowed = server.processorsAllowed, allowed > 0 else { return nil }
        return serverCoresUsed / Double(allowed)
    }

    var verdict: Verdict {
        var response = LatencyHistogram()
        for operation in tally.operations {
            response.add(operation.response)
        }
        return Verdict(
            threadShares: threadShares,
            serverShare: serverShare,
            lagMicroseconds: tally.ownLag.microseconds(atPercentile: 99),
            responseMicroseconds: response.microseconds(atPercentile: 99)
        )
    }

    var exitStatus: CommandStatus {
        if tally.errors.wrongAnswer != nil { return .wrongAnswer }
        if isInterrupted || tally.errors.hasLoss { return .aborted }
        return verdict.isValid ? .passed : .invalid
    }

    func completedPerSecond(_ operation: LoadOperation) -> Double {
        measuredSeconds > 0 ? Double(tally.operations[operation.rawValue].completed) / measuredSeconds : 0
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
        switch pace {
        case .closedLoop: "peak"
        case .openLoop: "run"
        }
    }

    var isOpenLoop: Bool {
        if case .openLoop = pace { return true }
        return false
    }
}
