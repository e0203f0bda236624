/// How long things took: significant digits from a nanosecond to a minute; what took longer is counted, not lost.
///
/// It takes its memory with the first thing it records.
struct LatencyHistogram: Sendable {
    /// What the histogram can tell apart; above it only the number and the greatest are known.
    static let trackedNanosecondsMax: UInt64 = 60_000_000_000

    let layout: HistogramLayout
    /// By the layout; empty before the first.
    private var counters: [UInt64] = []
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

    /// - Parameter times: How many took so long.
    @inline(__always)
    mutating func record(nanoseconds: Int64, times: Int = 1) {
        let value = UInt64(max(0, nanoseconds))
        count += times
        maxNanoseconds = max(maxNanoseconds, value)
        leastNanoseconds = min(leastNanoseconds, value)
        sumNanoseconds += Double(value) * Double(times)
        if counters.isEmpty { allocate() }
        guard value <= layout.highestValue else {
            // What cannot be told apart counts as the greatest that can.
            overflowCount += times
            counters[counters.count - 1] += UInt64(times)
            return
        }
        counters[layout.counter(of: value)] += UInt64(times)
    }

    @inline(never)
    private mutating func allocate() {
        counters = [UInt64](repeating: 0, count: layout.counterCount)
    }

    mutating func add(_ other: LatencyHistogram) {
        precondition(layout == other.layout, "histograms of different layouts are not added up")
        if counters.isEmpty {
            counters = other.counters
        } else {
            for index in other.counters.indices { counters[index] += other.counters[index] }
        }
        count += other.count
        overflowCount += other.overflowCount
        maxNanoseconds = max(maxNanoseconds, other.maxNanoseconds)
        leastNanoseconds = min(leastNanoseconds, other.leastNanoseconds)
        sumNanoseconds += other.sumNanoseconds
    }

    /// Forgets everything, and keeps the memory.
    mutating func reset() {
        for index in counters.indices { counters[index] = 0 }
        count = 0
        overflowCount = 0
        maxNanoseconds = 0
        leastNanoseconds = .max
        sumNanoseconds = 0
    }

    /// What was recorded.
    var snapshot: HistogramSnapshot {
        let entries = counters.indices.filter { counters[$0] > 0 }.map { counter in
            HistogramSnapshot.Entry(counter: counter, count: Int(counters[counter]))
        }
        return HistogramSnapshot(layout, entries: entries)
    }

    /// The time that this share of all took at most, in microseconds; nil if nothing was recorded.
    func microseconds(atPercentile percentile: Double) -> Double? {
        snapshot.value(atPercentile: percentile).map { Double(min($0, maxNanoseconds)) / 1_000 }
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
