import Histogram

/// How long things took: significant digits from a nanosecond to a minute; what took longer is counted, not lost.
///
/// It takes its memory with the first thing it records.
struct LatencyHistogram: Sendable {
    /// What the histogram can tell apart; above it only the number and the greatest are known.
    static let trackedNanosecondsMax: UInt64 = 60_000_000_000

    let layout: HistogramLayout
    private var histogram: Histogram<UInt64>?
    private(set) var count = 0
    /// How many took longer than can be told apart.
    private(set) var overflowCount = 0
    /// The greatest, exactly.
    private(set) var maxNanoseconds: UInt64 = 0
    private var leastNanoseconds: UInt64 = .max
    private(set) var sumNanoseconds = 0.0

    init(_ layout: HistogramLayout = .runs) {
        self.layout = layout
    }

    /// The least, exactly; 0 if nothing was recorded.
    var minNanoseconds: UInt64 { count > 0 ? leastNanoseconds : 0 }

    /// The mean, exactly; nil if nothing was recorded.
    var meanMicroseconds: Double? { count > 0 ? sumNanoseconds / Double(count) / 1_000 : nil }

    @inline(__always)
    mutating func record(nanoseconds: Int64) {
        let value = UInt64(max(0, nanoseconds))
        count += 1
        maxNanoseconds = max(maxNanoseconds, value)
        leastNanoseconds = min(leastNanoseconds, value)
        sumNanoseconds += Double(value)
        if histogram == nil { allocate() }
        // The library refuses what it cannot track: such a value counts as the greatest that it can.
        if value > Self.trackedNanosecondsMax { overflowCount += 1 }
        histogram?.record(min(value, Self.trackedNanosecondsMax))
    }

    @inline(never)
    private mutating func allocate() {
        histogram = Histogram<UInt64>(
            lowestDiscernibleValue: layout.lowestValue,
            highestTrackableValue: Self.trackedNanosecondsMax,
            numberOfSignificantValueDigits: layout.digits == 2 ? .two : .three
        )
    }

    mutating func add(_ other: LatencyHistogram) {
        precondition(layout == other.layout, "histograms of different layouts are not added up")
        if let added = other.histogram {
            if histogram == nil { allocate() }
            histogram?.add(added)
        }
        count += other.count
        overflowCount += other.overflowCount
        maxNanoseconds = max(maxNanoseconds, other.maxNanoseconds)
        leastNanoseconds = min(leastNanoseconds, other.leastNanoseconds)
        sumNanoseconds += other.sumNanoseconds
    }

    /// Forgets everything, and keeps the memory.
    mutating func reset() {
        histogram?.reset()
        count = 0
        overflowCount = 0
        maxNanoseconds = 0
        leastNanoseconds = .max
        sumNanoseconds = 0
    }

    /// What was recorded.
    var snapshot: HistogramSnapshot {
        guard count > 0, let histogram else { return HistogramSnapshot(layout) }
        let entries = histogram.recordedValues().map { value in
            HistogramSnapshot.Entry(counter: layout.counter(of: value.value), count: Int(value.count))
        }
        return HistogramSnapshot(layout, entries: entries)
    }

    /// The time that this share of all took at most, in microseconds; nil if nothing was recorded.
    func microseconds(atPercentile percentile: Double) -> Double? {
        guard count > 0, let histogram else { return nil }
        return Double(min(histogram.valueAtPercentile(percentile), maxNanoseconds)) / 1_000
    }

    /// The same, if there are samples enough for it to mean something.
    func soundMicroseconds(atPercentile percentile: Double) -> Double? {
        count >= Self.samplesNeeded(forPercentile: percentile) ? microseconds(atPercentile: percentile) : nil
    }

    /// The greatest, in microseconds; nil if nothing was recorded.
    var maxMicroseconds: Double? { count > 0 ? Double(maxNanoseconds) / 1_000 : nil }

    /// The least, in microseconds; nil if nothing was recorded.
    var minMicroseconds: Double? { count > 0 ? Double(minNanoseconds) / 1_000 : nil }

    /// How many must be recorded for a percentile to say something: ten beyond it.
    static func samplesNeeded(forPercentile percentile: Double) -> Int {
        Int((1_000 / (100 - percentile)).rounded())
    }
}
