/// Where values lie in an HdrHistogram: which of its counters a value belongs to, and what values a counter stands for.
///
/// ```
/// counter     0 … 2^k - 1          one value each (k: the bits that so many digits need)
/// counter     every further 2^(k-1) of them twice as wide as those before
/// ```
struct HistogramLayout: Hashable, Sendable {
    let lowestValue: UInt64
    let highestValue: UInt64
    /// Significant decimal digits, 1 to 5.
    let digits: Int

    private let unitMagnitude: Int
    private let halfMagnitude: Int

    /// Nil unless the numbers are those of a histogram that could exist.
    init?(lowestValue: UInt64, highestValue: UInt64, digits: Int) {
        guard lowestValue >= 1, (1...5).contains(digits), highestValue >= 2, highestValue / 2 >= lowestValue else {
            return nil
        }
        self.lowestValue = lowestValue
        self.highestValue = highestValue
        self.digits = digits
        var largestWithSingleUnit: UInt64 = 2
        for _ in 0..<digits { largestWithSingleUnit *= 10 }
        let countMagnitude = UInt64.bitWidth - (largestWithSingleUnit - 1).leadingZeroBitCount
        halfMagnitude = max(countMagnitude, 1) - 1
        unitMagnitude = UInt64.bitWidth - 1 - lowestValue.leadingZeroBitCount
        guard unitMagnitude + halfMagnitude <= 61 else { return nil }
        subBucketMask = ((2 << UInt64(halfMagnitude)) - 1) << UInt64(unitMagnitude)
    }

    /// A layout that is known to be good.
    private init(nanosecondsOfMinuteWithDigits digits: Int) {
        guard let layout = HistogramLayout(lowestValue: 1, highestValue: 60_000_000_000, digits: digits) else {
            preconditionFailure("a minute in nanoseconds has a layout")
        }
        self = layout
    }

    /// A nanosecond to a minute, to a thousandth: whole runs.
    static let runs = HistogramLayout(nanosecondsOfMinuteWithDigits: 3)
    /// The same to a hundredth, in a seventh of the memory: single seconds.
    static let seconds = HistogramLayout(nanosecondsOfMinuteWithDigits: 2)

    private let subBucketMask: UInt64

    /// How many counters a bucket has: buckets are what is twice as wide as the one before.
    var subBucketCount: Int { 2 << halfMagnitude }

    /// How many buckets there are.
    var bucketCount: Int { ((counter(of: highestValue) >> halfMagnitude) - 1) + 1 }

    /// How many counters there are.
    var counterCount: Int { counter(of: highestValue) + 1 }

    /// The counter that a value belongs to.
    @inline(__always)
    func counter(of value: UInt64) -> Int {
        // Neither sums nor shifts leave their bounds for any value of 64 bits: `init` has seen to that.
        let bucket =
            UInt64.bitWidth &- (value | subBucketMask).leadingZeroBitCount &- (unitMagnitude &+ halfMagnitude &+ 1)
        let subBucket = Int(truncatingIfNeeded: value &>> UInt64(truncatingIfNeeded: bucket &+ unitMagnitude))
        return ((bucket &+ 1) &<< halfMagnitude) &+ subBucket &- (1 &<< halfMagnitude)
    }

    /// The values that a counter stands for.
    func values(ofCounter counter: Int) -> ClosedRange<UInt64> {
        var bucket = (counter >> halfMagnitude) - 1
        var subBucket = (counter & ((1 << halfMagnitude) - 1)) + (1 << halfMagnitude)
        if bucket < 0 {
            subBucket -= 1 << halfMagnitude
            bucket = 0
        }
        let low = UInt64(subBucket) << UInt64(bucket + unitMagnitude)
        return low...(low + (1 << UInt64(bucket + unitMagnitude)) - 1)
    }
}
