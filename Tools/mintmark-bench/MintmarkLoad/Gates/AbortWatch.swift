/// Watches single seconds of a run for what must end it.
///
/// A second that nothing can be said of, because too little came, interrupts a row of bad ones no more than it adds to it.
struct AbortWatch {
    private let thresholds: [Threshold]
    private let threads: Int
    private var rows: [Int]
    private var nextSecond = 0

    init(_ thresholds: [Threshold], threads: Int) {
        self.thresholds = thresholds
        self.threads = threads
        rows = thresholds.map { _ in 0 }
    }

    /// Looks at the seconds that have ended since the last look; returns what ends the run, if something does.
    ///
    /// - Parameters:
    ///   - slices: What threads have told so far.
    ///   - samples: What the server's process was seen to use, one for each second.
    mutating func look(_ slices: [IntervalSlice], _ samples: [ServerSample]) -> Threshold? {
        while true {
            let parts = slices.filter { $0.second == nextSecond }
            guard parts.count == threads else { return nil }
            let slice = parts.reduce(into: IntervalSlice(second: nextSecond)) { $0.add($1) }
            let found = judge(slice, samples.indices.contains(nextSecond) ? samples[nextSecond] : nil)
            nextSecond += 1
            if let found { return found }
        }
    }

    private mutating func judge(_ slice: IntervalSlice, _ sample: ServerSample?) -> Threshold? {
        for (index, threshold) in thresholds.enumerated() {
            guard let value = slice.value(of: threshold.metric, sample) else { continue }
            rows[index] = threshold.holds(for: value) ? rows[index] + 1 : 0
            if rows[index] >= threshold.seconds { return threshold }
        }
        return nil
    }

    /// Whether a metric can be told of single seconds.
    static func canWatch(_ metric: Metric) -> Bool {
        switch metric.figure {
        case .percentile(let times, _): times != .service && !(times == .lag && metric.subject != nil)
        case .maximum(let times): times == .response && metric.subject == nil
        case .rate: true
        case .failed, .errors: metric.subject == nil || metric.figure == .errors
        case .achieved, .errorRate, .inFlight, .residentPeak: true
        case .minimum, .mean, .serverMicrosecondsPerOperation, .serverCores, .generatorShare, .ownLag: false
        }
    }
}

extension IntervalSlice {
    /// What a metric came to in this second; nil where nothing can be said.
    func value(of metric: Metric, _ sample: ServerSample?) -> Double? {
        let operation = LoadOperation.allCases.first { $0.name == metric.subject }
        switch metric.figure {
        case .percentile(let times, let percentile):
            let all = times == .lag ? lag : operation.map { response[$0.rawValue] } ?? allResponse
            guard all.count >= LatencyHistogram.samplesNeeded(forPercentile: percentile) else { return nil }
            return all.value(atPercentile: percentile).map { Double($0) / 1_000 }
        case .maximum: return completedCount > 0 ? Double(responseNanosecondsMax) / 1_000 : nil
        case .rate: return Double(operation.map { completed[$0.rawValue] } ?? completedCount)
        case .failed: return Double(failed)
        case .errors:
            return Double(metric.subject.map { errors[$0] ?? 0 } ?? errors.values.reduce(0, +))
        case .achieved: return offered > 0 ? Double(completedCount) / Double(offered) : nil
        case .errorRate:
            let ended = failed + completedCount
            return ended > 0 ? Double(failed) / Double(ended) : nil
        case .inFlight: return Double(inFlight)
        case .residentPeak: return sample.map { Double($0.usage.residentBytesPeak) }
        case .minimum, .mean, .serverMicrosecondsPerOperation, .serverCores, .generatorShare, .ownLag: return nil
        }
    }
}
