/// A figure of a run that can be named: in thresholds, and in comparisons.
///
/// ```
/// p99(verify)   p99.9   max(sign)   min   mean        response times in µs: of an operation, or of all together
/// service_p99(verify)   lag_p99                       the same of service times and of lag
/// rate   rate(verify)   failed(verify)                right answers in a second; requests that failed
/// achieved   error_rate                               shares: answered of offered; failed of sent
/// errors   errors(shed_busy)                          how often something went wrong
/// in_flight   server_cpu_us_per_op   server_cores   rss_peak   cpu   own_lag_p99
/// ```
struct Metric: Hashable, Sendable {
    /// What a figure is counted in, which says what a threshold may be written as.
    enum Unit: Sendable {
        case microseconds
        case bytes
        case share
        case number
    }

    enum Figure: Hashable, Sendable {
        case percentile(Times, Double)
        case minimum(Times)
        case mean(Times)
        case maximum(Times)
        case rate
        case failed
        case achieved
        case errorRate
        case errors
        case inFlight
        case serverMicrosecondsPerOperation
        case serverCores
        case residentPeak
        case generatorShare
        case ownLag(Double)
    }

    /// Which of the three times.
    enum Times: String, CaseIterable, Sendable {
        case response
        case service
        case lag
    }

    let figure: Figure
    /// An operation, or a class of errors; nil for all together.
    let subject: String?
    /// As it was written.
    let text: String

    /// Nil if there is no such metric.
    init?(_ text: String) {
        var name = Substring(text)
        var subject: String?
        if let open = text.firstIndex(of: "(") {
            guard text.last == ")" else { return nil }
            name = text[..<open]
            subject = String(text[text.index(after: open)...].dropLast())
        }
        guard let figure = Self.figure(String(name)) else { return nil }
        guard Self.takes(subject, figure) else { return nil }
        self.figure = figure
        self.subject = subject
        self.text = text
    }

    var unit: Unit {
        switch figure {
        case .percentile, .minimum, .mean, .maximum, .serverMicrosecondsPerOperation, .ownLag: .microseconds
        case .residentPeak: .bytes
        case .achieved, .errorRate, .generatorShare: .share
        case .rate, .failed, .errors, .inFlight, .serverCores: .number
        }
    }

    /// Whether less of it is better; nil where that cannot be said.
    var lessIsBetter: Bool? {
        switch figure {
        case .rate, .achieved: false
        case .inFlight, .serverCores, .generatorShare, .ownLag: nil
        case .percentile, .minimum, .mean, .maximum, .failed, .errorRate, .errors: true
        case .serverMicrosecondsPerOperation, .residentPeak: true
        }
    }

    private static let names: [String: Figure] = [
        "rate": .rate, "failed": .failed, "achieved": .achieved, "error_rate": .errorRate, "errors": .errors,
        "in_flight": .inFlight, "server_cpu_us_per_op": .serverMicrosecondsPerOperation,
        "server_cores": .serverCores, "rss_peak": .residentPeak, "cpu": .generatorShare,
    ]

    private static func figure(_ name: String) -> Figure? {
        if let figure = names[name] { return figure }
        if name.hasPrefix("own_lag_p") { return percentile(name.dropFirst("own_lag_p".count)).map(Figure.ownLag) }
        var rest = Substring(name)
        var times = Times.response
        for prefix in Times.allCases where rest.hasPrefix("\(prefix.rawValue)_") {
            times = prefix
            rest = rest.dropFirst(prefix.rawValue.count + 1)
            break
        }
        switch rest {
        case "min": return .minimum(times)
        case "mean": return .mean(times)
        case "max": return .maximum(times)
        default:
            guard rest.hasPrefix("p") else { return nil }
            return percentile(rest.dropFirst()).map { .percentile(times, $0) }
        }
    }

    /// Reads `99`, `99.9` and `999`, which is the same as `99.9`.
    private static func percentile(_ text: Substring) -> Double? {
        guard !text.isEmpty, text.allSatisfy({ ("0"..."9").contains($0) || $0 == "." }) else { return nil }
        let isShort = text.hasPrefix("99") && text.count > 2 && !text.contains(".")
        let pointed = isShort ? "\(text.prefix(2)).\(text.dropFirst(2))" : String(text)
        guard let value = Double(pointed), value > 0, value < 100 else { return nil }
        return value
    }

    private static func takes(_ subject: String?, _ figure: Figure) -> Bool {
        guard let subject else { return true }
        switch figure {
        case .percentile, .minimum, .mean, .maximum, .rate, .failed:
            return LoadOperation.allCases.contains { $0.name == subject }
        case .errors:
            return !subject.isEmpty
        case .achieved, .errorRate, .inFlight, .serverMicrosecondsPerOperation, .serverCores, .residentPeak,
            .generatorShare, .ownLag:
            return false
        }
    }
}
