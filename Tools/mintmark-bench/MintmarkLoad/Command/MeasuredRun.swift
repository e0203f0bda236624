/// A plan that a command measures, once or several times: watched, judged and reported.
struct MeasuredRun {
    let plan: LoadPlan
    var preparation = Preparation()
    let options: MeasureOptions

    /// What is done before and behind the load.
    struct Preparation {
        /// What the options stand for, in words, if that needs saying.
        var expansion: String?
        var profile: String?
        var isAll = false
        /// Where the newest refresh tokens are written in the end.
        var sessionsFile: String?

        init() {}

        init(_ options: LoadOptions) {
            expansion = options.expansion
            profile = options.profile?.rawValue
            isAll = options.loadOnly
            sessionsFile = options.saveSessions
        }
    }

    private static let pauseNanosecondsMax: Int64 = 100_000_000

    func complete() throws(LoadFailure) -> Completion {
        let gate = try options.gates.gate(plan)
        let abortWatch = try options.gates.abortWatch(plan)
        let percentiles = try options.figures.list()
        try options.repeats.check(plan)
        try options.report.check()
        try options.placement.placeClient()
        let server = options.server
        var prepared = try PreparedLoad(address: try server.address(), plan: plan, processID: server.serverPid)
        try options.placement.placeServer(of: prepared)
        guard !preparation.isAll else {
            try saveSessions(prepared)
            return Completion(.passed, output: prepared.inventory + "\n")
        }
        var runs: [LoadReport] = []
        var line = ProgressLine()
        var failure: LoadFailure?
        for number in 1...options.repeats.runs {
            if number > 1 { pause() }
            guard runs.isEmpty || !Interruption.isRequested else { break }
            var result: LoadReport
            do throws(LoadFailure) {
                result = try prepared.measure(plan, abortWatch) { line.showRun($0) }
            } catch {
                line.clear()
                // What was measured until then must not be lost.
                guard !runs.isEmpty else { throw error }
                failure = error
                break
            }
            line.clear()
            result.context.profile = preparation.profile
            result.percentiles = percentiles
            runs.append(result)
            if options.repeats.runs > 1 { line.note("run \(number) of \(options.repeats.runs): \(result.summary)") }
            guard ![.wrongAnswer, .aborted].contains(result.exitStatus) else { break }
        }
        try saveSessions(prepared)
        var result = try RepeatedReport(runs)
        do throws(LoadFailure) {
            try result.judge(gate)
        } catch {
            // What was not measured is no pass; but a run that is not whole has said so already.
            if failure == nil, ![.wrongAnswer, .aborted].contains(result.exitStatus) { failure = error }
        }
        let text = [preparation.expansion, plan.sessionEstimate, result.text].compactMap(\.self).joined(separator: "\n")
        return Completion(result.exitStatus, text: text, json: result.json, jsonPath: options.report.json)
            .adding(failure)
    }

    private func saveSessions(_ prepared: PreparedLoad) throws(LoadFailure) {
        if let path = preparation.sessionsFile { try TokenFile.write(prepared.refreshTokens, to: path) }
    }

    private func pause() {
        let end = MonotonicClock.now() + Int64(options.repeats.pause * 1e9)
        while MonotonicClock.now() < end, !Interruption.isRequested {
            MonotonicClock.sleep(until: min(end, MonotonicClock.now() + Self.pauseNanosecondsMax))
        }
    }
}

extension PreparedLoad {
    /// Puts one load on the server, and ends it when it must be.
    mutating func measure(
        _ plan: LoadPlan,
        _ abortWatch: AbortWatch,
        onTick: (RunWatch) -> Void
    ) throws(LoadFailure) -> LoadReport {
        let progress = LoadProgress()
        var abortWatch = abortWatch
        var abortedBy: Threshold?
        var result = try measure(plan, progress: progress) { watch in
            onTick(watch)
            guard abortedBy == nil, let found = abortWatch.look(progress.intervals, watch.samples) else { return }
            abortedBy = found
            progress.requestStop()
        }
        result.abortedBy = abortedBy
        return result
    }
}

extension LoadPlan {
    /// How long a refresh may take before sessions run out, by Little's law; nil where that cannot happen.
    var sessionEstimate: String? {
        guard case .openLoop(_, let ratePerSecond) = pace, mix.contains(.refresh) else { return nil }
        let greatest = max(ratePerSecond, rampToPerSecond ?? 0, spike?.perSecond ?? 0) * mix.share(of: .refresh)
        let milliseconds = Text.number(Double(sessions) / greatest * 1_000, decimals: 1)
        return "sessions    \(sessions): enough while a refresh takes less than \(milliseconds) ms"
    }
}

extension LoadReport {
    /// In a line: how many, how long.
    fileprivate var summary: String {
        let rate = Text.number(Double(tally.completed) / max(measuredSeconds, 1e-9), decimals: 0)
        let times = [50.0, 99].map { percentile in
            tally.response.soundMicroseconds(atPercentile: percentile).map { Text.number($0, decimals: 0) } ?? "n/a"
        }
        return "\(rate)/s  p50 \(times[0]) µs  p99 \(times[1]) µs\(verdict.isValid ? "" : "  INVALID")"
    }
}

extension Completion {
    /// The same end, and why it is no good one, if there is a reason.
    func adding(_ failure: LoadFailure?) -> Completion {
        guard let failure else { return self }
        var result = self
        result.exitStatus = failure.exitStatus
        result.errorOutput += "mintmark-bench: \(failure.message)\n"
        return result
    }
}
