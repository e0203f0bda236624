import Glibc

/// A histogram as the text that HdrHistogram's tools call a percentile distribution (`.hgrm`): a line for each step of
/// the percentile axis, with as many steps between 90 and 99 % as between 99 and 99.9 %.
struct PercentileDistribution {
    let histogram: HistogramSnapshot

    /// Steps in each half of what is left of the axis.
    private static let stepsPerHalf = 5.0

    /// The text, in microseconds.
    var text: String {
        var lines = ["       Value     Percentile TotalCount 1/(1-Percentile)", ""]
        for step in steps {
            let value = Text.padded(Self.decimals(Double(step.value) / 1_000, 3), to: 12)
            let line = "\(value) \(Self.decimals(step.share, 12)) \(Text.padded(String(step.count), to: 10))"
            guard step.share < 1 else {
                lines.append(line)
                continue
            }
            lines.append("\(line) \(Text.padded(Self.decimals(1 / (1 - step.share), 2), to: 14))")
        }
        return (lines + footer).joined(separator: "\n") + "\n"
    }

    private struct Step {
        var value: UInt64
        /// The step's place on the axis, from 0 to 1.
        var share: Double
        var count: Int
    }

    private var steps: [Step] {
        var steps: [Step] = []
        var level = 0.0
        var seen = 0
        for entry in histogram.entries {
            seen += entry.count
            let reached = 100 * Double(seen) / Double(histogram.count)
            let value = histogram.layout.values(ofCounter: entry.counter).upperBound
            while level <= reached {
                steps.append(Step(value: value, share: level / 100, count: seen))
                level += 100 / Self.ticks(at: level)
                // Behind everything there is one step more, to the end of the axis.
                if seen == histogram.count { break }
            }
        }
        guard let last = steps.last else { return [] }
        return steps + [Step(value: last.value, share: 1, count: histogram.count)]
    }

    /// Steps on an axis of which each has the width of the one at this level.
    private static func ticks(at level: Double) -> Double {
        let halvings = Int(log2(100 / (100 - level))) + 1
        return stepsPerHalf * Double(1 << min(halvings, 60))
    }

    private var footer: [String] {
        let mean = (histogram.mean ?? 0) / 1_000
        let (deviation, greatest) = (histogram.deviation / 1_000, Double(histogram.maxValue ?? 0) / 1_000)
        let layout = histogram.layout
        func line(_ left: String, _ leftValue: String, _ right: String, _ rightValue: String) -> String {
            "#[\(left) = \(Text.padded(leftValue, to: 12)), \(right) = \(Text.padded(rightValue, to: 12))]"
        }
        return [
            line("Mean   ", Self.decimals(mean, 3), "StdDeviation  ", Self.decimals(deviation, 3)),
            line("Max    ", Self.decimals(greatest, 3), "Total count   ", String(histogram.count)),
            line("Buckets", String(layout.bucketCount), "SubBuckets    ", String(layout.subBucketCount)),
        ]
    }

    /// Without spaces between thousands, which would be columns of their own.
    private static func decimals(_ value: Double, _ decimals: Int) -> String {
        Text.number(value, decimals: decimals).filter { $0 != " " }
    }
}
