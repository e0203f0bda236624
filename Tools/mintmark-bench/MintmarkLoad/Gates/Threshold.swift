/// What must not be: `p99(verify) > 2ms`, `error_rate > 0.1%`, `achieved < 99%`, and for how long.
struct Threshold: Hashable, Sendable {
    enum Comparison: String, CaseIterable, Sendable {
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"
    }

    let metric: Metric
    let comparison: Comparison
    /// In the metric's unit: µs, bytes, a share of 1, or a number.
    let bound: Double
    /// How many seconds in a row it must hold; 1 where nothing is said.
    let seconds: Int
    /// As it was written.
    let text: String

    static let secondsMax = 86_400

    /// Reads an expression.
    ///
    /// - Throws: `LoadFailure.usage` if it is none, or names a metric that does not exist.
    init(_ text: String) throws(LoadFailure) {
        self.text = text
        var rest = text[...]
        var seconds = 1
        if let range = Self.lastRange(of: " for ", in: rest) {
            guard let duration = Self.seconds(rest[range.upperBound...]) else {
                throw .usage("'\(text)': behind 'for' stands a time such as 10s, at most a day")
            }
            seconds = duration
            rest = rest[..<range.lowerBound]
        }
        self.seconds = seconds
        guard let (name, comparison, value) = Self.split(rest) else {
            throw .usage("'\(text)': an expression is METRIC < VALUE, with <, <=, > or >=")
        }
        guard let metric = Metric(name) else { throw .usage("'\(text)': there is no metric \(name)") }
        guard let bound = Self.bound(value, metric.unit) else {
            throw .usage("'\(text)': \(value) is no value for \(name)")
        }
        self.metric = metric
        self.comparison = comparison
        self.bound = bound
    }

    /// Whether a value is as the expression says.
    func holds(for value: Double) -> Bool {
        switch comparison {
        case .less: value < bound
        case .lessOrEqual: value <= bound
        case .greater: value > bound
        case .greaterOrEqual: value >= bound
        }
    }

    /// Whether less is better.
    var isBoundFromAbove: Bool { [.less, .lessOrEqual].contains(comparison) }

    /// Whether it bounds response times from above: to be late makes it no easier to keep.
    var isBoundOfWait: Bool {
        guard isBoundFromAbove else { return false }
        switch metric.figure {
        case .percentile(.response, _), .mean(.response), .maximum(.response): return true
        default: return false
        }
    }

    private static func lastRange(of word: String, in text: Substring) -> Range<Substring.Index>? {
        text.indices.reversed().first { text[$0...].hasPrefix(word) }
            .map { $0..<text.index($0, offsetBy: word.count) }
    }

    private static func seconds(_ text: Substring) -> Int? {
        let digits = text.hasSuffix("s") ? text.dropLast() : text
        guard let value = Int(digits), (1...secondsMax).contains(value) else { return nil }
        return value
    }

    private static func split(_ text: Substring) -> (name: String, comparison: Comparison, value: String)? {
        guard let place = text.firstIndex(where: { "<>".contains($0) }) else { return nil }
        // The longer ones come first.
        guard let comparison = Comparison.allCases.first(where: { text[place...].hasPrefix($0.rawValue) }) else {
            return nil
        }
        let value = text[place...].dropFirst(comparison.rawValue.count)
        return (trimmed(text[..<place]), comparison, trimmed(value))
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// Reads a value with a suffix that fits the unit.
    private static func bound(_ text: String, _ unit: Metric.Unit) -> Double? {
        let suffixes: [(String, Double)] =
            switch unit {
            case .microseconds: [("ns", 0.001), ("us", 1), ("µs", 1), ("ms", 1_000), ("s", 1_000_000), ("", 1)]
            case .bytes: [("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("KiB", 1_024), ("MiB", 1_048_576), ("", 1)]
            case .share: [("%", 0.01), ("", 1)]
            case .number: [("k", 1e3), ("M", 1e6), ("", 1)]
            }
        guard let (suffix, scale) = suffixes.first(where: { text.hasSuffix($0.0) }) else { return nil }
        guard let value = Double(trimmed(text.dropLast(suffix.count))), value.isFinite, value >= 0 else { return nil }
        return value * scale
    }
}

extension Threshold: CustomStringConvertible {
    var description: String { text }
}
