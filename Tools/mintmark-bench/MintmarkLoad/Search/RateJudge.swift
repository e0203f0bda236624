/// Whether a server stands a rate: the objective holds, nearly all requests were answered, what waits does not grow,
/// errors are few, and the generator was not the bottleneck, or held nobody up for longer than the objective allows.
struct RateJudge: Sendable {
    /// What must be, such as `p99(verify) < 2ms`.
    let objective: Threshold
    /// The share of requests that may fail.
    var errorShareMax = 0.001

    /// So much of what was due must be answered.
    static let achievedMin = 0.99
    /// Times in the last third of the run may be so much longer than in the first, and by so many µs, or by this share
    /// of an objective that is a time: near its limit a queue grows and shrinks by chance.
    static let growthMax = 1.5
    static let growthMicroseconds = 200.0
    static let growthShareOfObjective = 0.5

    /// Why a rate is not stood.
    struct Fault: Hashable, Sendable {
        var text: String
        /// Whether it is the server that does not stand it, and not who measured.
        var isServers: Bool
    }

    /// Why the server does not stand the rate of this run; nil if it does.
    ///
    /// - Throws: `LoadFailure.usage` if the objective says something of what was not measured, or too seldom; with what
    ///   helps.
    func fault(of report: LoadReport) throws(LoadFailure) -> Fault? {
        let verdict = report.verdict
        guard let reason = verdict.reasons.first else {
            return try shortfall(of: report).map { Fault(text: $0, isServers: true) }
        }
        // Response times count from when requests were due: what the generator was late by is in them.
        let mayBeKept = (verdict.isLateOnly || verdict.isServerSaturated) && objective.isBoundOfWait
        if mayBeKept, isKept(in: report) { return nil }
        return Fault(text: "invalid: \(reason)", isServers: verdict.isServerSaturated && isServersAlone(in: report))
    }

    /// Whether lateness does not explain what was not as it must be: requests failed, or the server alone took too long.
    private func isServersAlone(in report: LoadReport) -> Bool {
        if Self.failedShare(report) > errorShareMax { return true }
        guard let service = Metric("service_\(objective.metric.text)") else { return false }
        guard let value = try? RunDocument(report.json).value(of: service) else { return false }
        return !objective.holds(for: value)
    }

    private static func failedShare(_ report: LoadReport) -> Double {
        let ended = report.tally.failed + report.tally.completed
        return ended > 0 ? Double(report.tally.failed) / Double(ended) : 1
    }

    /// Whether all was as it must be, and enough was measured to say so.
    private func isKept(in report: LoadReport) -> Bool {
        do throws(LoadFailure) {
            return try shortfall(of: report) == nil
        } catch {
            return false
        }
    }

    /// The objective's figure, in words; nil where too little was measured.
    func figure(of report: LoadReport) -> String? {
        guard let document = try? RunDocument(report.json), let value = try? document.value(of: objective.metric) else {
            return nil
        }
        return "\(objective.metric.text) \(objective.metric.words(for: value))"
    }

    /// For how long a rate has to be measured until there are samples enough for the objective, with some to spare; nil
    /// where any time will do.
    func secondsNeeded(ratePerSecond: Double, mix: OperationMix) -> Double? {
        guard case .percentile(_, let percentile) = objective.metric.figure else { return nil }
        let operation = LoadOperation.allCases.first { $0.name == objective.metric.subject }
        let share = operation.map { mix.share(of: $0) } ?? 1
        return Self.samplesAimedAt(forPercentile: percentile) / max(share * ratePerSecond, 1e-9)
    }

    /// How many samples to expect so that there are enough: a fifth more than it takes, and where it takes few, more than
    /// chance leaves out.
    private static func samplesAimedAt(forPercentile percentile: Double) -> Double {
        let needed = Double(LatencyHistogram.samplesNeeded(forPercentile: percentile))
        return needed + max(needed / 5, 5 * needed.squareRoot())
    }

    /// What was not as it must be, whatever the generator did.
    private func shortfall(of report: LoadReport) throws(LoadFailure) -> String? {
        let document = try RunDocument(report.json)
        let answered = Metric("achieved")
        if let answered, let share = try? document.value(of: answered), share < Self.achievedMin {
            return "only \(Text.percent(share)) of the requests were answered"
        }
        let share = Self.failedShare(report)
        if share > errorShareMax { return "\(Text.percent(share)) of the requests failed" }
        let value: Double
        do throws(LoadFailure) {
            value = try document.value(of: objective.metric)
        } catch {
            throw .usage(error.message + help(report))
        }
        guard objective.holds(for: value) else {
            return "\(objective.metric.text) is \(objective.metric.words(for: value))"
        }
        return growth(of: report)
    }

    /// Which options give samples enough for the objective, with some to spare; empty where that cannot be said.
    private func help(_ report: LoadReport) -> String {
        let metric = objective.metric
        guard case .percentile(_, let percentile) = metric.figure, case .openLoop(_, let rate) = report.plan.pace else {
            return ""
        }
        let needed = LatencyHistogram.samplesNeeded(forPercentile: percentile)
        let operation = LoadOperation.allCases.first { $0.name == metric.subject }
        let operations = operation.map { [$0] } ?? LoadOperation.allCases
        let found = operations.reduce(0) { $0 + report.tally.operations[$1.rawValue].accepted.response.count }
        guard found > 0, found < needed else { return "" }
        let factor = Self.samplesAimedAt(forPercentile: percentile) / Double(found)
        let seconds = (factor * Double(report.plan.durationNanoseconds) / 1e9).rounded(.up)
        return
            ": \(found) of \(needed); enough come with --duration \(Int(seconds)), or from a rate "
            + "of \(Int((factor * rate).rounded(.up))) on (--start-rate)"
    }

    private func growth(of report: LoadReport) -> String? {
        let warmupSeconds = Int(report.plan.warmupNanoseconds / IntervalRecorder.nanoseconds)
        let seconds = report.intervals.filter { $0.second >= warmupSeconds }.dropLast().map(\.allResponse)
        let third = seconds.count / 3
        guard third > 0 else { return nil }
        func mean(_ part: some Sequence<HistogramSnapshot>) -> Double? {
            part.reduce(into: HistogramSnapshot(.seconds)) { $0.add($1) }.mean.map { $0 / 1_000 }
        }
        guard let first = mean(seconds.prefix(third)), let last = mean(seconds.suffix(third)) else { return nil }
        let bound = objective.metric.unit == .microseconds ? objective.bound : 0
        let allowed = max(Self.growthMicroseconds, Self.growthShareOfObjective * bound)
        guard last > Self.growthMax * first + allowed else { return nil }
        return "the wait grows: from \(Text.number(first, decimals: 0)) µs to \(Text.number(last, decimals: 0)) µs"
    }
}
