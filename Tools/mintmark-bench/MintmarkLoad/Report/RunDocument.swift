/// A report as it was saved: what is shown, compared and judged without a server.
struct RunDocument: Sendable {
    let json: JSONValue
    /// The percentiles that are shown.
    var percentiles = PercentileList.default

    /// - Throws: `LoadFailure.usage` if this is no report of this tool that can be understood.
    init(_ json: JSONValue) throws(LoadFailure) {
        guard let version = json["schema_version"].integer else { throw .usage("no report: it has no schema_version") }
        guard version == LoadReport.schemaVersion else {
            throw .usage("a report of schema_version \(version), and this tool reads \(LoadReport.schemaVersion)")
        }
        guard !json["operations"].members.isEmpty, json["mode"].string != nil else {
            throw .usage("a report without operations")
        }
        self.json = json
    }

    /// Reads a report from a file.
    static func read(_ path: String) throws(LoadFailure) -> RunDocument {
        let bytes: [UInt8]
        do throws(SystemFault) {
            bytes = try FileBytes.read(path)
        } catch {
            throw .usage("\(path) cannot be read: \(error)")
        }
        let json: JSONValue
        do throws(JSONParser.Fault) {
            json = try JSONParser.parse(bytes)
        } catch {
            throw .usage("\(path): \(error)")
        }
        do throws(LoadFailure) {
            return try RunDocument(json)
        } catch {
            throw .usage("\(path): \(error.message)")
        }
    }

    var operationNames: [String] { json["operations"].members.map(\.name) }
    var mode: String { json["mode"].string ?? "" }
    var isValid: Bool { json["verdict"]["result"].string == "valid" }

    /// What the saved run is worth, whatever it is held against now: had wrong answers, was not whole, was invalid, or
    /// passed.
    var status: CommandStatus {
        let saved = json["exit_status"].integer.flatMap(Int32.init(exactly:)).flatMap(CommandStatus.init(rawValue:))
        if let saved, [.wrongAnswer, .aborted, .invalid].contains(saved) { return saved }
        return isValid ? .passed : .invalid
    }

    var measuredSeconds: Double { json["measured_seconds"].number ?? 0 }
    var isOpenLoop: Bool { !json["settings"]["rate_per_second"].isNull }

    /// The seconds that were measured, in order.
    var measuredIntervals: [JSONValue] {
        json["intervals"].values.filter { $0["measured"].bool == true }
    }

    /// A histogram of the whole run; nil if there is none.
    func histogram(_ times: Metric.Times, of operation: String) throws(LoadFailure) -> HistogramSnapshot? {
        try Self.decode(json["operations"][operation]["histograms"][times.rawValue])
    }

    static func decode(_ value: JSONValue) throws(LoadFailure) -> HistogramSnapshot? {
        guard let text = value.string else { return nil }
        do throws(HistogramEncoding.Fault) {
            return try HistogramEncoding.decode(text)
        } catch {
            throw .usage("a histogram of the report cannot be read: \(error)")
        }
    }
}

extension RunDocument {
    /// Of several runs those that did not pass, a line each: which, how it ended, and why.
    var badRuns: [String] { Self.badRuns(json["runs"].values) }

    /// - Parameter runs: The member `runs` of a report.
    static func badRuns(_ runs: [JSONValue]) -> [String] {
        runs.enumerated().compactMap { index, run in
            guard let status = run["exit_status"].integer, status != 0 else { return nil }
            return "run \(index + 1): exit status \(status): \(faults(ofRun: run).joined(separator: "; "))"
        }
    }

    /// Why the saved run is worth less than one that passed, in words; empty where the report does not tell.
    var shortcomings: [String] {
        if !badRuns.isEmpty { return badRuns }
        let faults = Self.faults(ofRun: json)
        guard faults.isEmpty else { return faults }
        return json["points"].values.filter { $0["passed"].bool == false }.compactMap { $0["finding"].string }
    }

    private static func faults(ofRun run: JSONValue) -> [String] {
        var faults = run["verdict"]["reasons"].values.compactMap(\.string).map { "INVALID: \($0)" }
        if let expression = run["aborted_by"].string {
            faults.append("aborted by \(expression)")
        } else if run["interrupted"].bool == true {
            faults.append("interrupted")
        }
        return faults
            + run["errors"].members.map { name, count in
                let example = run["error_details"][name]["first_example"].string
                return "\(name) × \(count.text)" + (example.map { ": \($0)" } ?? "")
            }
    }

    /// What a row of the spread is called: the metric, and where runs are missing, of how many it is.
    func spreadTitle(_ name: String, _ figures: JSONValue) -> String {
        RepeatedReport.Spread.title(
            name,
            valueCount: figures["values"].values.count,
            runCount: json["runs"].values.count
        )
    }

    /// What a metric came to.
    ///
    /// - Throws: `LoadFailure.usage` where nothing, or too little, was measured: that is no pass.
    func value(of metric: Metric) throws(LoadFailure) -> Double {
        guard let value = try knownValue(of: metric) else {
            throw .usage("\(metric.text): there are not samples enough for it in this run\(try lack(of: metric))")
        }
        return value
    }

    /// How many samples there are of a percentile, and how many it takes; empty for other metrics.
    private func lack(of metric: Metric) throws(LoadFailure) -> String {
        guard case .percentile(let times, let percentile) = metric.figure else { return "" }
        let count = try samples(times, metric.subject).count
        let needed = LatencyHistogram.samplesNeeded(forPercentile: percentile)
        return ": \(count) in \(Text.number(measuredSeconds, decimals: 1)) s, and it takes \(needed)"
    }

    private func knownValue(of metric: Metric) throws(LoadFailure) -> Double? {
        switch metric.figure {
        case .percentile(let times, let percentile): return try self.percentile(percentile, times, metric.subject)
        case .minimum(let times): return extreme("min", times, metric.subject, min)
        case .maximum(let times): return extreme("max", times, metric.subject, max)
        case .mean(let times): return mean(times, metric.subject)
        case .rate:
            let answered = metric.subject.map { json["operations"][$0] } ?? json
            return (answered["completed"].integer ?? 0) > 0 ? answered["completed_per_second"].number : nil
        case .failed:
            return metric.subject.map { json["operations"][$0]["failed"].number } ?? json["failed"].number
        case .achieved: return achieved
        case .errorRate: return errorRate
        case .errors:
            guard let subject = metric.subject else {
                return json["errors"].members.reduce(0) { $0 + ($1.value.number ?? 0) }
            }
            // What never happened is not in the report.
            return json["errors"][subject].number ?? 0
        case .inFlight: return json["in_flight_mean"].number
        case .serverMicrosecondsPerOperation: return json["server"]["cpu_us_per_operation"].number
        case .serverCores: return json["server"]["cores_used"].number
        case .residentPeak: return json["server"]["resident_bytes_peak"].number
        case .generatorShare: return json["generator"]["core_share_max"].number
        case .ownLag(let percentile): return ownLag(percentile)
        }
    }

    /// The percentiles of an operation's times that are shown, and the greatest, in microseconds; nil where there were
    /// not samples enough.
    func shownFigures(_ times: Metric.Times, of operation: String) -> [Double?] {
        let figures = figures(times, operation)
        let shown = percentiles.values.map { percentile in
            guard let name = Self.memberNames[percentile] else {
                return try? self.percentile(percentile, times, operation)
            }
            return figures[name].number
        }
        return shown + [figures["max"].number]
    }

    /// The same of times that have no histogram.
    func shownFigures(_ times: JSONValue) -> [Double?] {
        percentiles.values.map { Self.memberNames[$0].flatMap { times[$0].number } } + [times["max"].number]
    }

    /// The percentiles that every report has, by what they are called there.
    static let memberNames = [50.0: "p50", 90: "p90", 99: "p99", 99.9: "p999", 99.99: "p9999"]

    private func names(_ subject: String?) -> [String] {
        subject.map { [$0] } ?? operationNames
    }

    private func percentile(
        _ percentile: Double,
        _ times: Metric.Times,
        _ subject: String?
    ) throws(LoadFailure) -> Double? {
        let sum = try samples(times, subject)
        guard sum.count >= LatencyHistogram.samplesNeeded(forPercentile: percentile) else { return nil }
        let greatest = extreme("max", times, subject, max) ?? .infinity
        return sum.value(atPercentile: percentile).map { min(Double($0) / 1_000, greatest) }
    }

    private func samples(_ times: Metric.Times, _ subject: String?) throws(LoadFailure) -> HistogramSnapshot {
        var sum = HistogramSnapshot(.runs)
        for name in names(subject) {
            if let histogram = try histogram(times, of: name) { sum.add(histogram) }
        }
        return sum
    }

    private func figures(_ times: Metric.Times, _ name: String) -> JSONValue {
        json["operations"][name][times == .response ? "latency_us" : "\(times.rawValue)_us"]
    }

    private func extreme(
        _ member: String,
        _ times: Metric.Times,
        _ subject: String?,
        _ choose: (Double, Double) -> Double
    ) -> Double? {
        let values = names(subject).compactMap { figures(times, $0)[member].number }
        return values.dropFirst().reduce(values.first) { chosen, value in chosen.map { choose($0, value) } }
    }

    private func mean(_ times: Metric.Times, _ subject: String?) -> Double? {
        var (sum, count) = (0.0, 0.0)
        for name in names(subject) {
            guard let mean = figures(times, name)["mean"].number, let samples = figures(times, name)["samples"].number
            else { continue }
            sum += mean * samples
            count += samples
        }
        return count > 0 ? sum / count : nil
    }

    private var achieved: Double? {
        guard let offered = json["offered"].number, offered > 0 else { return nil }
        let answered = operationNames.reduce(0.0) { sum, name in
            sum + (figures(.response, name)["samples"].number ?? 0)
                - (json["operations"][name]["timed_out"].number ?? 0)
        }
        return answered / offered
    }

    private var errorRate: Double? {
        let failed = json["failed"].number ?? 0
        let answered = operationNames.reduce(0.0) { sum, name in
            sum + (figures(.response, name)["samples"].number ?? 0)
                - (json["operations"][name]["timed_out"].number ?? 0)
        }
        return failed + answered > 0 ? failed / (failed + answered) : nil
    }

    private func ownLag(_ percentile: Double) -> Double? {
        Self.memberNames[percentile].flatMap { json["generator"]["own_lag_us"][$0].number }
    }
}
