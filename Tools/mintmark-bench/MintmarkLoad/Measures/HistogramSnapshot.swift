/// A histogram at rest: the counters that are not zero. What reports, files and comparisons work on.
struct HistogramSnapshot: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var counter: Int
        var count: Int
    }

    var layout: HistogramLayout
    /// In the order of counters, each once, with counts above 0.
    private(set) var entries: [Entry]
    private(set) var count: Int

    init(_ layout: HistogramLayout, entries: [Entry] = []) {
        self.layout = layout
        self.entries = entries
        count = entries.reduce(0) { $0 + $1.count }
    }

    var isEmpty: Bool { count == 0 }

    /// The value that this share of all, in percent, reached at most: the greatest that its counter stands for; nil for
    /// an empty histogram.
    func value(atPercentile percentile: Double) -> UInt64? {
        values(atPercentiles: [percentile])?.first
    }

    /// The same for several percentiles that ascend, in one pass.
    func values(atPercentiles percentiles: [Double]) -> [UInt64]? {
        guard count > 0 else { return nil }
        var values: [UInt64] = []
        var seen = 0
        for entry in entries {
            seen += entry.count
            while values.count < percentiles.count, seen >= rank(percentiles[values.count]) {
                values.append(layout.values(ofCounter: entry.counter).upperBound)
            }
        }
        return values
    }

    /// The same, as if what a counter stands for were spread over it evenly: for comparisons, where one value for many
    /// is coarse.
    func interpolatedValue(atPercentile percentile: Double) -> Double? {
        guard count > 0 else { return nil }
        let wanted = percentile / 100 * Double(count)
        var seen = 0.0
        for entry in entries {
            let here = Double(entry.count)
            guard seen + here < wanted else {
                let values = layout.values(ofCounter: entry.counter)
                let width = Double(values.upperBound - values.lowerBound) + 1
                return Double(values.lowerBound) + width * (wanted - seen) / here
            }
            seen += here
        }
        return maxValue.map { Double($0) }
    }

    private func rank(_ percentile: Double) -> Int {
        // A percentile such as 99.9 has no exact binary form: what is off by less than this is meant to be whole.
        let exact = percentile / 100 * Double(count)
        return min(count, max(1, Int((exact - 1e-6).rounded(.up))))
    }

    /// The share of all, from 0 to 1, that was at most `value`; 0 for an empty histogram.
    func share(atMost value: UInt64) -> Double {
        guard count > 0 else { return 0 }
        let last = layout.counter(of: min(value, layout.highestValue))
        return Double(entries.reduce(0) { $1.counter <= last ? $0 + $1.count : $0 }) / Double(count)
    }

    /// Nil for an empty histogram.
    var mean: Double? {
        guard count > 0 else { return nil }
        let sum = entries.reduce(0.0) { sum, entry in
            let range = layout.values(ofCounter: entry.counter)
            return sum + Double(entry.count) * (Double(range.lowerBound) + Double(range.upperBound)) / 2
        }
        return sum / Double(count)
    }

    /// The standard deviation; 0 for an empty histogram.
    var deviation: Double {
        guard let mean else { return 0 }
        let squares = entries.reduce(0.0) { sum, entry in
            let range = layout.values(ofCounter: entry.counter)
            let distance = (Double(range.lowerBound) + Double(range.upperBound)) / 2 - mean
            return sum + Double(entry.count) * distance * distance
        }
        return (squares / Double(count)).squareRoot()
    }

    /// The greatest value that could have been recorded; nil for an empty histogram.
    var maxValue: UInt64? { entries.last.map { layout.values(ofCounter: $0.counter).upperBound } }

    /// Adds what another one has counted. Layouts that differ are brought to this one's.
    mutating func add(_ other: HistogramSnapshot) {
        let added = other.layout == layout ? other.entries : other.entries(in: layout)
        entries = Self.merged(entries, added)
        count += other.count
    }

    private func entries(in layout: HistogramLayout) -> [Entry] {
        entries.map { entry in
            let range = self.layout.values(ofCounter: entry.counter)
            let middle = min(layout.highestValue, range.lowerBound + (range.upperBound - range.lowerBound) / 2)
            return Entry(counter: layout.counter(of: middle), count: entry.count)
        }
    }

    private static func merged(_ left: [Entry], _ right: [Entry]) -> [Entry] {
        var result: [Entry] = []
        result.reserveCapacity(left.count + right.count)
        var (first, second) = (0, 0)
        while first < left.count || second < right.count {
            let takesLeft =
                second == right.count || (first < left.count && left[first].counter <= right[second].counter)
            let entry = takesLeft ? left[first] : right[second]
            if takesLeft { first += 1 } else { second += 1 }
            if result.last?.counter == entry.counter {
                result[result.count - 1].count += entry.count
            } else {
                result.append(entry)
            }
        }
        return result
    }
}
