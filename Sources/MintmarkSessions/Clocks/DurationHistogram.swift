import Synchronization

/// How durations are spread over fixed buckets: 1 µs, 2 µs, 4 µs and so on to 8.4 s, and one for what is longer.
///
/// One thread at a time records; any may read. One writer needs no atomic read-modify-write, so recording costs two loads
/// and two stores, however many durations are alike.
package final class DurationHistogram: Sendable {
    package static let boundCount = 24

    private let counts: InlineArray<25, Atomic<UInt64>>
    private let nanoseconds = Atomic<UInt64>(0)

    package init() {
        counts = InlineArray { _ in Atomic(0) }
    }

    /// The upper bounds of all buckets but the last, in microseconds.
    package static var boundsMicroseconds: [UInt64] { (0..<boundCount).map { 1 << UInt64($0) } }

    /// Records `count` durations of so many nanoseconds each.
    package func record(nanoseconds duration: UInt64, count: UInt64 = 1) {
        let place = Self.place(ofNanoseconds: duration)
        counts[place].store(counts[place].load(ordering: .relaxed) &+ count, ordering: .relaxed)
        let sum = nanoseconds.load(ordering: .relaxed)
        nanoseconds.store(sum &+ duration &* count, ordering: .relaxed)
    }

    /// The first bucket whose bound is not exceeded.
    static func place(ofNanoseconds duration: UInt64) -> Int {
        let microseconds = duration / 1_000 + (duration % 1_000 == 0 ? 0 : 1)
        guard microseconds > 1 else {
            return 0
        }
        return min(boundCount, 64 - (microseconds - 1).leadingZeroBitCount)
    }

    /// How many durations are in the buckets whose bounds do not exceed this; all of them, where it is beyond every bound.
    package func count(withinMicroseconds bound: UInt64) -> UInt64 {
        let isBeyond = bound > 1 << UInt64(Self.boundCount - 1)
        let bucketCount = isBeyond ? Self.boundCount + 1 : UInt64.bitWidth - bound.leadingZeroBitCount
        return (0..<bucketCount).reduce(0) { $0 &+ counts[$1].load(ordering: .relaxed) }
    }

    /// What was recorded so far.
    package var now: DurationCounts {
        DurationCounts(
            counts: (0...Self.boundCount).map { counts[$0].load(ordering: .relaxed) },
            nanoseconds: nanoseconds.load(ordering: .relaxed)
        )
    }
}

/// What histograms have recorded.
package struct DurationCounts: Equatable, Sendable {
    /// By bucket; the last one has no bound.
    package private(set) var counts: [UInt64]
    /// Of all durations together.
    package private(set) var nanoseconds: UInt64

    init(counts: [UInt64], nanoseconds: UInt64) {
        self.counts = counts
        self.nanoseconds = nanoseconds
    }

    package init() {
        self.init(counts: [UInt64](repeating: 0, count: DurationHistogram.boundCount + 1), nanoseconds: 0)
    }

    package mutating func add(_ other: DurationCounts) {
        for place in counts.indices { counts[place] &+= other.counts[place] }
        nanoseconds &+= other.nanoseconds
    }
}
