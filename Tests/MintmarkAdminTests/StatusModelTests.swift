import MintmarkAdmin
import NIOCore
import Testing

/// What becomes of samples, and how numbers are written.
@Suite struct StatusModelTests {
    private func counts(atSecond seconds: UInt64, requests: UInt64 = 0) -> StatusCounts {
        var counts = StatusCounts()
        counts.uptimeNanoseconds = seconds * 1_000_000_000
        counts.requests = [requests]
        return counts
    }

    private func model(_ earlier: [StatusCounts], _ newest: StatusCounts) -> StatusModel {
        var snapshot = StatusSnapshot()
        snapshot.counts = newest
        snapshot.wallMilliseconds = 1_000_000
        snapshot.startMilliseconds = 900_000
        return StatusModel(newest: snapshot, earlier: earlier, isLive: true)
    }

    /// The first look has nothing to compare with but the start.
    @Test func ratesBeginWithTheStart() {
        let model = model([], counts(atSecond: 5_000, requests: 400))
        #expect(model.now.isSinceStart && model.recent.isSinceStart)
        #expect(model.rate(model.now) { $0.requests.first ?? 0 } == 4)
    }

    @Test func ratesLookBackTenSecondsOrAMinute() {
        // A request a second, and a hundred more in the last 12 seconds.
        let earlier = stride(from: 1_000, to: 1_080, by: 4).map { counts(atSecond: $0, requests: $0) }
        let model = model(earlier, counts(atSecond: 1_088, requests: 1_188))
        #expect(model.now.seconds == 12 && model.recent.seconds == 60)
        #expect(model.rate(model.now) { $0.requests.first ?? 0 } == 112.0 / 12)
        #expect(model.rate(model.recent) { $0.requests.first ?? 0 } == 160.0 / 60)
        let line = model.rates { $0.requests.first ?? 0 }
        #expect(line.count == earlier.count)
        #expect(line.first == StatusPoint(ageSeconds: 84, value: 1))
        #expect(line.last == StatusPoint(ageSeconds: 0, value: 112.0 / 12))
    }

    /// A counter that went back, as after a change of what is counted, has not grown.
    @Test func nothingGrowsBackwards() {
        let model = model([counts(atSecond: 1, requests: 9)], counts(atSecond: 20, requests: 5))
        #expect(model.rate(model.now) { $0.requests.first ?? 0 } == 0)
    }

    // MARK: Samples

    @Test(arguments: [(-1, 0), (0, 0), (1, 1)])
    func ringForgetsItsOldest(beyond: Int, forgotten: UInt64) {
        var limits = AdminLimits()
        limits.statusSampleInterval = .seconds(1)
        limits.statusWindow = .seconds(1_000_000)
        var ring = StatusRing(limits: limits)
        let count = limits.statusSamplesMax + beyond
        for second in 0..<UInt64(count) { _ = ring.look(counts(atSecond: second + 1)) }
        let moments = ring.look(counts(atSecond: 1_000)).map { $0.uptimeNanoseconds / 1_000_000_000 }
        #expect(moments == Array((1 + forgotten)...UInt64(count)))
    }

    @Test(arguments: [(-1, 1), (0, 2), (1, 2)])
    func samplesAreAnIntervalApart(beyond: Int64, count: Int) {
        let interval = AdminLimits().statusSampleInterval + .nanoseconds(beyond)
        var ring = StatusRing(limits: AdminLimits())
        var (first, second) = (counts(atSecond: 50), counts(atSecond: 50))
        #expect(ring.look(first).isEmpty)
        second.uptimeNanoseconds += UInt64(interval.nanoseconds)
        #expect(ring.look(second).count == 1)
        first.uptimeNanoseconds = second.uptimeNanoseconds + 1
        #expect(ring.look(first).count == count)
    }

    @Test(arguments: [(-1, 1), (0, 1), (1, 0)])
    func samplesBeyondTheWindowAreForgotten(beyond: Int64, count: Int) {
        var ring = StatusRing(limits: AdminLimits())
        var sample = counts(atSecond: 50)
        _ = ring.look(sample)
        sample.uptimeNanoseconds += UInt64((AdminLimits().statusWindow + .nanoseconds(beyond)).nanoseconds)
        #expect(ring.look(sample).count == count)
    }

    /// Two look at once, and the one that has read earlier comes later.
    @Test func lateLookSeesOnlyWhatWasBefore() {
        var ring = StatusRing(limits: AdminLimits())
        _ = ring.look(counts(atSecond: 10))
        _ = ring.look(counts(atSecond: 20))
        #expect(ring.look(counts(atSecond: 20)).map(\.uptimeNanoseconds) == [10_000_000_000])
        #expect(ring.look(counts(atSecond: 15)).map(\.uptimeNanoseconds) == [10_000_000_000])
        #expect(ring.look(counts(atSecond: 21)).count == 2)
    }

    // MARK: Numbers

    @Test(arguments: [
        (0.0, "0"), (0.04, "&lt;0.1"), (0.05, "0.1"), (1.44, "1.4"), (99.4, "99.4"), (99.5, "100"),
        (12_345.4, "12,345"),
        (9_999_999, "9,999,999"), (12_345_678, "12.3\u{A0}M"), (1e300, "18.4\u{A0}E"),
    ])
    func ratesAreRead(rate: Double, text: String) {
        #expect(StatusText.rate(rate) == text)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_005, "1,005"), (9_999_999, "9,999,999"), (10_000_000, "10.0\u{A0}M"),
        (UInt64.max, "18.4\u{A0}E"),
    ])
    func countsAreRead(count: UInt64, text: String) {
        #expect(StatusText.count(count) == text)
    }

    @Test func numbersHaveUnits() {
        #expect(StatusText.duration(microseconds: 1_400) == "1.4\u{A0}ms" && StatusText.duration(nil) == "–")
        #expect(StatusText.duration(.beyond(microseconds: 2_000_000)) == "&gt;\u{A0}2.0\u{A0}s")
        #expect(StatusText.percent(83, of: 100) == "83\u{A0}%" && StatusText.percent(0, of: 0) == "–")
        #expect(StatusText.percent(999_999, of: 1_000_000) == "99.9\u{A0}%")
        #expect(StatusText.percent(1, of: 1_000_000) == "0.1\u{A0}%")
        #expect(StatusText.percent(1.234) == "123\u{A0}%" && StatusText.percent(0) == "0.0\u{A0}%")
        #expect(StatusText.bytes(8 << 20 as UInt64) == "8.0\u{A0}MiB" && StatusText.bytes(512.2) == "512\u{A0}B")
        #expect(StatusText.age(seconds: 59) == "59\u{A0}s" && StatusText.age(seconds: 3_600) == "1\u{A0}h")
        #expect(StatusText.age(seconds: 90_061) == "1\u{A0}d 1\u{A0}h")
        #expect(StatusText.moment(milliseconds: 951_782_400_000) == "2000-02-29 00:00:00 UTC")
    }

    @Test func quantilesAreInsideOfTheirBuckets() {
        #expect(
            StatusSpread(counts: [0, 0, 4], boundsMicroseconds: [1, 2]).quantile(0.5) == .beyond(microseconds: 2)
        )
        #expect(StatusSpread(counts: [0, 4, 0], boundsMicroseconds: [1, 2]).quantile(0.5) == .microseconds(1.5))
        #expect(StatusSpread(counts: [0, 4, 0], boundsMicroseconds: [1, 2]).quantile(1) == .microseconds(2))
        #expect(StatusSpread(counts: [0, 0], boundsMicroseconds: [1]).quantile(0.5) == nil)
        #expect(StatusSpread(counts: [], boundsMicroseconds: []).quantile(0.5) == nil)
    }
}
