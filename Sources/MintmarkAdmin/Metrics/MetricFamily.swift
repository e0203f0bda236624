/// A metric with all its values of one moment. Immutable.
package struct MetricFamily: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    package let name: String
    package let kind: Kind
    /// What it means: one line.
    package let help: String
    package let samples: [MetricSample]

    package init(name: String, kind: Kind, help: String, samples: [MetricSample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }
}

/// A value of a metric. Immutable.
package struct MetricSample: Sendable, Equatable {
    package struct Label: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package enum Value: Sendable, Equatable {
        case integer(UInt64)
        case number(Double)
        case distribution(MetricDistribution)
    }

    package let labels: [Label]
    package let value: Value

    package init(_ value: Value, labels: [Label] = []) {
        self.value = value
        self.labels = labels
    }
}

/// How values are spread over buckets. Immutable.
package struct MetricDistribution: Sendable, Equatable {
    /// The bounds of the buckets, ascending; the last bucket has none.
    package let bounds: [Double]
    /// Values at most at the bound and above the one before; one more than there are bounds.
    package let counts: [UInt64]
    package let sum: Double

    package init(bounds: [Double], counts: [UInt64], sum: Double) {
        precondition(counts.count == bounds.count + 1, "one bucket for each bound, and one above them")
        self.bounds = bounds
        self.counts = counts
        self.sum = sum
    }
}
