/// Prometheus' text exposition format, version 0.0.4.
package struct PrometheusText {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var bytes: [UInt8] = []

    package init() {
        bytes.reserveCapacity(64 * 1024)
    }

    package init(_ families: [MetricFamily]) {
        self.init()
        for family in families {
            append(family)
        }
    }

    /// Writes the lines of a metric; nothing for one that has no values.
    package mutating func append(_ family: MetricFamily) {
        guard !family.samples.isEmpty else {
            return
        }
        append("# HELP \(family.name) \(Self.escaped(family.help, quotes: false))\n")
        append("# TYPE \(family.name) \(family.kind.rawValue)\n")
        for sample in family.samples {
            append(sample, of: family.name)
        }
    }

    private mutating func append(_ sample: MetricSample, of name: String) {
        let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
            .joined(separator: ",")
        switch sample.value {
        case .integer(let value):
            append(name, labels, String(value))
        case .number(let value):
            append(name, labels, Self.text(of: value))
        case .distribution(let distribution):
            append(distribution, of: name, labels)
        }
    }

    private mutating func append(_ distribution: MetricDistribution, of name: String, _ labels: String) {
        let comma = labels.isEmpty ? "" : ","
        var count: UInt64 = 0
        for (place, added) in distribution.counts.enumerated() {
            count += added
            let bound = place < distribution.bounds.count ? Self.text(of: distribution.bounds[place]) : "+Inf"
            append("\(name)_bucket", "\(labels)\(comma)le=\"\(bound)\"", String(count))
        }
        append("\(name)_sum", labels, Self.text(of: distribution.sum))
        append("\(name)_count", labels, String(count))
    }

    private mutating func append(_ name: String, _ labels: String, _ value: String) {
        append(labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n")
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// A number as Go's `strconv.ParseFloat` reads it.
    static func text(of value: Double) -> String {
        if value.isNaN {
            "NaN"
        } else if value.isInfinite {
            value > 0 ? "+Inf" : "-Inf"
        } else if value == value.rounded(), abs(value) < 1e15 {
            String(Int64(value))
        } else {
            "\(value)"
        }
    }

    /// Backslashes and line feeds, and quotes where the text stands in quotes, are written with a backslash.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || (quotes && $0 == 0x22) }) else {
            return text
        }
        // By scalars: a quote with an accent above it is a quote.
        return text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
