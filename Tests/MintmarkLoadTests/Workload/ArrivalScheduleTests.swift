import Testing

@testable import MintmarkLoad

@Suite("Schedules of open loops")
struct ArrivalScheduleTests {
    private func instants(_ count: Int, seed: UInt64, arrival: ArrivalSchedule.Arrival = .poisson) -> [Int64] {
        var schedule = ArrivalSchedule(arrival, ratePerSecond: 1_000, seed: seed)
        return (0..<count).map { _ in schedule.next() }
    }

    @Test("the same seed gives the same schedule, another one another", arguments: 0..<5 as Range<UInt64>)
    func seeds(seed: UInt64) {
        #expect(instants(100, seed: seed) == instants(100, seed: seed))
        #expect(instants(100, seed: seed) != instants(100, seed: seed + 1))
    }

    @Test("threads share one schedule: together they have all of it, and nothing twice", arguments: [1, 2, 3, 7])
    func shares(threads: Int) {
        let schedule = ArrivalSchedule(.poisson, ratePerSecond: 1_000, seed: 3)
        let merged = (0..<threads).flatMap { thread in
            var share = ScheduleShare(schedule, share: thread, of: threads)
            return (0..<60).map { _ in
                defer { share.advance() }
                return share.next
            }
        }
        #expect(merged.sorted() == instants(60 * threads, seed: 3))
    }

    @Test("uniform pauses are the rate's")
    func uniform() {
        #expect(instants(4, seed: 1, arrival: .uniform) == [1_000_000, 2_000_000, 3_000_000, 4_000_000])
    }

    @Test("Poisson pauses have the rate's mean, and its deviation", arguments: 0..<5 as Range<UInt64>)
    func poisson(seed: UInt64) {
        let count = 100_000
        let instants = instants(count, seed: seed)
        let pauses = zip(instants.dropFirst(), instants).map { Double($0 - $1) }
        let mean = pauses.reduce(0, +) / Double(pauses.count)
        let variance = pauses.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(pauses.count)
        // The exponential distribution's deviation equals its mean; both are known to about 0.3 % here.
        #expect(abs(mean - 1e6) < 2e4)
        #expect(abs(variance.squareRoot() - 1e6) < 3e4)
    }

    @Test("a ramp is as dense as its rate says, everywhere", arguments: ArrivalSchedule.Arrival.allCases)
    func ramp(arrival: ArrivalSchedule.Arrival) {
        let ramp = (toPerSecond: 9_000.0, nanoseconds: 10_000_000_000 as Int64)
        var schedule = ArrivalSchedule(arrival, ratePerSecond: 1_000, ramp: ramp, seed: 5)
        var seen = [Int](repeating: 0, count: 12)
        while case let instant = schedule.next(), instant < 12_000_000_000 { seen[Int(instant / 1_000_000_000)] += 1 }
        for (second, count) in seen.enumerated() {
            let expected = second < 10 ? 1_400 + 800 * second : 9_000
            #expect(
                abs(Double(count) / Double(expected) - 1) < (arrival == .uniform ? 0.002 : 0.12),
                "\(second): \(count)"
            )
        }
    }

    @Test("skipping takes everything before an instant and counts it")
    func skip() {
        var share = ScheduleShare(ArrivalSchedule(.uniform, ratePerSecond: 1_000, seed: 1), share: 0, of: 1)
        #expect(share.skip(through: 3_000_000) == 2)
        #expect(share.next == 3_000_000)
        #expect(share.skip(through: 3_000_000) == 0)
    }
}
