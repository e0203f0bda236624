import Testing

@testable import MintmarkSessions

@Suite struct DurationHistogramTests {
    @Test(
        arguments: [
            (0, 0), (1, 0), (1_000, 0), (1_001, 1), (2_000, 1), (2_001, 2), (4_000, 2), (4_001, 3), (1_000_000, 10),
            (1_024_000, 10), (1_024_001, 11), (8_388_608_000, 23), (8_388_608_001, 24), (.max, 24),
        ] as [(UInt64, Int)]
    )
    func durationFallsIntoTheFirstBucketThatHoldsIt(nanoseconds: UInt64, place: Int) {
        #expect(DurationHistogram.place(ofNanoseconds: nanoseconds) == place)
    }

    @Test func boundsDouble() {
        let bounds = DurationHistogram.boundsMicroseconds
        #expect(bounds.first == 1 && bounds.last == 8_388_608 && bounds.count == DurationHistogram.boundCount)
    }

    /// Buckets count where their bounds do; all of them do beyond every bound.
    @Test(
        arguments: [
            (0, 0), (1, 1), (1_023, 1), (1_024, 3), (8_388_607, 3), (8_388_608, 3), (8_388_609, 4), (.max, 4),
        ] as [(UInt64, UInt64)]
    )
    func durationsWithinABoundAreCounted(microseconds: UInt64, count: UInt64) {
        let histogram = DurationHistogram()
        for nanoseconds in [10, 1_024_000, 1_000_000, 8_388_608_001] as [UInt64] {
            histogram.record(nanoseconds: nanoseconds)
        }
        #expect(histogram.count(withinMicroseconds: microseconds) == count)
    }

    @Test func durationsThatAreAlikeAreRecordedTogether() {
        let histogram = DurationHistogram()
        histogram.record(nanoseconds: 3_000, count: 5)
        histogram.record(nanoseconds: 10)
        var counts = histogram.now
        #expect(counts.counts[2] == 5 && counts.counts[0] == 1 && counts.nanoseconds == 15_010)
        counts.add(histogram.now)
        #expect(counts.counts[2] == 10 && counts.nanoseconds == 30_020)
    }
}
