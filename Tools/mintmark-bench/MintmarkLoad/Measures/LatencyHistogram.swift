import Histogram

/// How long things took: three significant digits from a nanosecond to a minute; what took longer is counted, not lost.
struct LatencyHistogram: Sendable {
    /// What the histogram can tell apart; above it only the number and the greatest are known.
    static let trackedNanosecondsMax: UInt64 = 60_000_000_000

    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: 1,
        highestTrackableValue: LatencyHistogram.trackedNanosecondsMax,
        numberOfSignificantValueDigits: .three
    )
    private(set) var count = 0
    /// How many took longer than can be told apart.
    private(set) var overflowCount = 0
    /// The greatest, exactly.
    private(set) var maxNanoseconds: UInt64 = 0

    @inline(__always)
    mutating func record(nanoseconds: Int64) {
        let value = UInt64(max(0, nanoseconds))
        count += 1
        maxNanoseconds = max(maxNanoseconds, value)
        // The library refuses what it cannot track: such a value counts as the greatest that it can.
        if value > Self.trackedNanosecondsMax { overflowCount += 1 }
        histogram.record(min(value, Self.trackedNanosecondsMax))
    }

    mutating func add(_ other: LatencyHistogram) {
        histogram.add(other.histogram)
        count += other.count
        overflowCount += other.overflowCount
        maxNanoseconds = max(maxNanoseconds, other.maxNanoseconds)
    }

    /// The time that this share of all took at most, in microseconds; nil if nothing was recorded.
    func microseconds(atPercentile percentile: Double) -> Double? {
        guard count > 0 else { return nil }
        return Double(min(histogram.valueAtPercentile(percentile), maxNanoseconds)) / 1_000
    }

    /// The greatest, in microseconds; nil if nothing was recorded.
    var maxMicroseconds: Double? { count > 0 ? Double(maxNanoseconds) / 1_000 : nil }

    /// How many must be recorded for a percentile to say something: ten beyond it.
    static func samplesNeeded(forPercentile percentile: Double) -> Int {
        Int((1_000 / (100 - percentile)).rounded())
    }
}
