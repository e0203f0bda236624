import MintmarkAdmin

/// One metric: its name, what it means, and how its values come out of a snapshot.
///
/// The declaration is the only place that knows any of this: the page of metrics and the reference come from it. Immutable.
package struct ServerMetric: Sendable {
    /// A label, and what its values can be, for the reference.
    struct Label: Sendable {
        let name: String
        /// All values; empty where `note` says what they are.
        var values: [String] = []
        var note = ""

        var referenceText: String {
            let list = values.map { "`\($0)`" }.joined(separator: ", ")
            let text = [list, note].filter { !$0.isEmpty }.joined(separator: ", ")
            return text.isEmpty ? "`\(name)`" : "`\(name)`: \(text)"
        }
    }

    let name: String
    let kind: MetricFamily.Kind
    let labels: [Label]
    /// Markdown.
    let meaning: String
    private let read: @Sendable (MetricsSnapshot) -> [MetricSample]

    /// A metric with labels, or one that may have no value.
    init(
        _ kind: MetricFamily.Kind,
        _ name: String,
        labels: [Label] = [],
        _ meaning: String,
        samples read: @escaping @Sendable (MetricsSnapshot) -> [MetricSample]
    ) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.meaning = meaning
        self.read = read
    }

    /// A metric of one number; nil: it has none now.
    init(
        _ kind: MetricFamily.Kind,
        _ name: String,
        _ meaning: String,
        value read: @escaping @Sendable (MetricsSnapshot) -> UInt64?
    ) {
        self.init(kind, name, meaning) { snapshot in
            read(snapshot).map { [MetricSample(.integer($0))] } ?? []
        }
    }

    /// A metric of one number that need not be whole.
    init(
        _ kind: MetricFamily.Kind,
        _ name: String,
        _ meaning: String,
        number read: @escaping @Sendable (MetricsSnapshot) -> Double
    ) {
        self.init(kind, name, meaning) { [MetricSample(.number(read($0)))] }
    }

    /// A metric with one label, whose values are listed.
    init(
        _ kind: MetricFamily.Kind,
        _ name: String,
        by label: String,
        _ values: [String],
        _ meaning: String,
        value read: @escaping @Sendable (MetricsSnapshot, _ place: Int) -> UInt64
    ) {
        self.init(kind, name, labels: [Label(name: label, values: values)], meaning) { snapshot in
            values.enumerated().map { place, value in
                MetricSample(.integer(read(snapshot, place)), labels: [MetricSample.Label(label, value)])
            }
        }
    }

    func family(of snapshot: MetricsSnapshot) -> MetricFamily {
        // Backticks are Markdown's; a page of metrics is none.
        let help = String(meaning.filter { $0 != "`" })
        return MetricFamily(name: name, kind: kind, help: help, samples: read(snapshot))
    }
}

extension ServerMetric {
    /// Every metric under the headings of the reference.
    static let groups: [(title: String, metrics: [ServerMetric])] = [
        ("The process", process),
        ("Readiness", readiness),
        ("Requests", requests),
        ("Tokens", tokens),
        ("Sessions", sessions),
        ("Journal and snapshots", storage),
        ("Keys and secrets", keys),
        ("Connections", connections),
        ("Clocks and the audit log", others),
        ("The admin listener", admin),
    ]

    static let all = groups.flatMap(\.metrics)
}
