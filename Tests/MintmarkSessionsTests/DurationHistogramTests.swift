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
