/// Two runs held against each other.
struct Comparison: Sendable {
    enum Finding: String, Sendable {
        case better
        case worse
        /// No difference that could be told from chance, or none that matters.
        case same = "no change"
        /// It varies too much to say.
        case inconclusive
    }

    struct Row: Sendable {
        var metric: Metric
        var base: Double
        var new: Double
        /// The change in relation to the base.
        var change: Double
        /// Of a difference as great by chance; nil where there were too few seconds.
        var probability: Double?
        var finding: Finding
    }

    /// What is taken for a difference.
    struct Limits: Hashable, Sendable {
        /// Smaller changes do not matter.
        var tolerance = 0.05
        /// Less probable ones are no chance.
        var significance = 0.05
        /// A figure whose seconds, or runs, vary more than this, in relation to their mean, says nothing.
        var variationMax = 0.5
    }

    var rows: [Row]
    /// Which builds were measured, and what was different in the servers' settings, in words.
    var notes: [String]

    /// How long each of the two was measured.
    var seconds: (base: Double, new: Double)
    /// Whether one of them has too few whole seconds to be compared by.
    var isTooShort: Bool

    /// The shortest run that can be compared by its seconds: the last one is not whole.
    static let secondsMin = MannWhitney.samplesMin + 1

    var hasRegression: Bool { rows.contains { $0.finding == .worse } }
    var isInconclusive: Bool { rows.contains { $0.finding == .inconclusive } }

    /// - Parameter acrossSettings: Whether the servers' settings may differ, because they are what is compared.
    /// - Throws: `LoadFailure.usage` if the two were not measured in the same way, or too little was measured.
    init(
        _ base: RunDocument,
        _ new: RunDocument,
        metrics: [Metric],
        _ limits: Limits,
        acrossSettings: Bool = false
    ) throws(LoadFailure) {
        let differences = Self.differences(base, new)
        guard differences.isEmpty else {
            throw .usage("the runs were not measured in the same way: \(differences.joined(separator: "; "))")
        }
        let serverDifferences = Self.serverDifferences(base, new)
        guard acrossSettings || serverDifferences.isEmpty else {
            throw .usage(
                "the servers had different settings: \(serverDifferences.joined(separator: "; ")). If that is what is to "
                    + "be compared, say --across-settings"
            )
        }
        notes = Self.builds(base, new) + serverDifferences
        seconds = (base.measuredSeconds, new.measuredSeconds)
        isTooShort = [base, new].contains { $0.measuredIntervals.count < Self.secondsMin }
        rows = []
        if let metric = metrics.first(where: { !$0.isToldBySecond && !$0.isToldByRun }) {
            throw .usage(
                "\(metric.text) is told once of each file: there is nothing by which to tell a change from chance"
            )
        }
        for metric in metrics.isEmpty ? Self.defaultMetrics(base) : metrics {
            rows.append(try Self.row(base, new, metric, limits))
        }
    }

    /// Throughput and times of each operation.
    private static func defaultMetrics(_ document: RunDocument) -> [Metric] {
        document.operationNames.flatMap { name in
            ["rate", "p50", "p99"].compactMap { Metric("\($0)(\(name))") }
        }
    }

    private static func row(
        _ base: RunDocument,
        _ new: RunDocument,
        _ metric: Metric,
        _ limits: Limits
    ) throws(LoadFailure) -> Row {
        var (before, after) = (try base.value(of: metric), try new.value(of: metric))
        var (left, right) = (base.runValues(of: metric), new.runValues(of: metric))
        if min(left.count, right.count) >= MannWhitney.samplesMin {
            // Whole runs are independent of each other, which seconds of one run are not.
            (before, after) = (RepeatedReport.Spread.median(left), RepeatedReport.Spread.median(right))
        } else {
            (left, right) = (try base.series(of: metric), try new.series(of: metric))
        }
        let change = before == 0 ? (after == 0 ? 0 : .infinity) : after / before - 1
        let probability = MannWhitney.probability(left, right)
        return Row(
            metric: metric,
            base: before,
            new: after,
            change: change,
            probability: probability,
            finding: finding(metric, change, probability, variation: max(variation(left), variation(right)), limits)
        )
    }

    private static func finding(
        _ metric: Metric,
        _ change: Double,
        _ probability: Double?,
        variation: Double,
        _ limits: Limits
    ) -> Finding {
        // What varies too much says nothing, however improbable: a burst or a pause in one of the runs is no change.
        guard let probability, variation <= limits.variationMax else { return .inconclusive }
        guard abs(change) > limits.tolerance, probability < limits.significance else { return .same }
        guard let lessIsBetter = metric.lessIsBetter else { return .same }
        return (change < 0) == lessIsBetter ? .better : .worse
    }

    /// The standard deviation in relation to the mean.
    static func variation(_ values: [Double]) -> Double {
        guard values.count > 1 else { return 0 }
        let mean = values.reduce(0, +) / Double(values.count)
        guard mean != 0 else { return 0 }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1)).squareRoot() / abs(mean)
    }
}

extension Metric {
    /// Whether reports tell it second by second.
    var isToldBySecond: Bool {
        switch figure {
        case .rate, .percentile(.response, _), .mean(.response), .inFlight, .serverCores: true
        case .maximum(.response), .failed: subject == nil
        default: false
        }
    }

    /// Whether reports of several runs tell it run by run.
    var isToldByRun: Bool {
        switch figure {
        case .rate, .failed, .inFlight, .serverMicrosecondsPerOperation, .serverCores, .residentPeak: true
        // Of several operations together there are no times.
        case .percentile(.response, _), .mean(.response), .maximum(.response): subject != nil
        default: false
        }
    }
}

extension RunDocument {
    /// A metric run by run, where there were several; empty where it cannot be told for each.
    func runValues(of metric: Metric) -> [Double] {
        let values = json["runs"].values.map { Self.value(of: metric, inRun: $0) }
        return values.contains(nil) ? [] : values.compactMap(\.self)
    }

    private static func value(of metric: Metric, inRun run: JSONValue) -> Double? {
        let answered = metric.subject.map { run["operations"][$0] } ?? run
        // Of several operations together there are no times.
        let times = metric.subject.map { run["operations"][$0]["latency_us"] } ?? .null
        switch metric.figure {
        case .rate: return answered["completed_per_second"].number
        case .failed: return answered["failed"].number
        case .percentile(.response, let percentile): return memberNames[percentile].flatMap { times[$0].number }
        case .mean(.response): return times["mean"].number
        case .maximum(.response): return times["max"].number
        case .inFlight: return run["in_flight_mean"].number
        case .serverMicrosecondsPerOperation: return run["server"]["cpu_us_per_operation"].number
        case .serverCores: return run["server"]["cores_used"].number
        case .residentPeak: return run["server"]["resident_bytes_peak"].number
        default: return nil
        }
    }

    /// A metric second by second, of the whole seconds that were measured.
    func series(of metric: Metric) throws(LoadFailure) -> [Double] {
        var values: [Double] = []
        // The last second is not whole.
        for interval in measuredIntervals.dropLast() {
            if let value = try Self.value(of: metric, in: interval) { values.append(value) }
        }
        return values
    }

    private static func value(of metric: Metric, in interval: JSONValue) throws(LoadFailure) -> Double? {
        switch metric.figure {
        case .rate:
            guard let subject = metric.subject else { return interval["completed"].number }
            return interval["completed_by_operation"][subject].number
        case .percentile(.response, let percentile):
            let histogram = try histogram(interval, metric.subject)
            guard histogram.count >= LatencyHistogram.samplesNeeded(forPercentile: percentile) else { return nil }
            return histogram.interpolatedValue(atPercentile: percentile).map { $0 / 1_000 }
        case .mean(.response): return try histogram(interval, metric.subject).mean.map { $0 / 1_000 }
        case .maximum(.response) where metric.subject == nil: return interval["max_us"].number
        case .failed where metric.subject == nil: return interval["failed"].number
        case .inFlight: return interval["in_flight"].number
        case .serverCores: return interval["server_cores"].number
        default: return nil
        }
    }

    private static func histogram(_ interval: JSONValue, _ subject: String?) throws(LoadFailure) -> HistogramSnapshot {
        var sum = HistogramSnapshot(.seconds)
        for (name, value) in interval["histograms"].members where subject == nil || subject == name {
            if let histogram = try decode(value) { sum.add(histogram) }
        }
        return sum
    }
}
