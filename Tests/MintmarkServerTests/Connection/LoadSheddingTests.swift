import Testing

@testable import MintmarkServer

/// When a loop counts as overloaded, on a clock of the test's own.
@Suite struct LoadSheddingTests {
    private static let millisecond: UInt64 = 1_000_000
    private static let limit = 100 * millisecond

    /// Holds it, so that what changes it may be expected to say something.
    private final class Holder {
        private var shedding = LoadShedding(limitNanoseconds: limit)

        func mustShed(waited: UInt64, now: UInt64, isBeyondShare: Bool = false) -> Bool {
            shedding.mustShed(waited: waited, now: now, isBeyondShare: isBeyondShare)
        }
    }

    /// One that has found requests late for as long as it has patience, at the time that is told.
    private static func overloaded() -> (Holder, now: UInt64) {
        let shedding = Holder()
        let start = 1_000 * millisecond
        let end = start + LoadShedding.patienceNanoseconds
        _ = shedding.mustShed(waited: limit + 1, now: start)
        _ = shedding.mustShed(waited: limit + 1, now: end)
        return (shedding, end)
    }

    @Test func lateRequestsAreServedUntilPatienceEnds() {
        for excess in [-1, 0, 1] {
            let shedding = Holder()
            let start = 1_000 * Self.millisecond
            #expect(!shedding.mustShed(waited: Self.limit + 1, now: start))
            let end = start + LoadShedding.patienceNanoseconds
            let now = excess < 0 ? end - 1 : end
            #expect(shedding.mustShed(waited: Self.limit + 1, now: now) == (excess >= 0), "\(excess)")
        }
    }

    @Test(arguments: [-1, 0, 1])
    func onlyWhatWaitedLongerThanTheLimitIsLate(excess: Int) {
        let shedding = Holder()
        let waited = UInt64(Int(Self.limit) + excess)
        var isShed = false
        for step: UInt64 in 0...100 {
            isShed = shedding.mustShed(waited: waited, now: step * Self.millisecond) || isShed
        }
        #expect(isShed == (excess > 0))
    }

    /// Requests that were late once, and again much later, were two bursts.
    @Test(arguments: [-1, 0, 1])
    func lateRequestsFarApartAreNoOverload(excess: Int) {
        let shedding = Holder()
        let start = 1_000 * Self.millisecond
        #expect(!shedding.mustShed(waited: Self.limit + 1, now: start))
        let next = UInt64(Int(start + LoadShedding.patienceNanoseconds) + excess)
        #expect(shedding.mustShed(waited: Self.limit + 1, now: next) == (excess == 0), "\(excess)")
    }

    @Test func firstLateRequestMayComeAtAnyTime() {
        for now: UInt64 in [0, 1, LoadShedding.patienceNanoseconds, .max / 2] {
            let shedding = Holder()
            #expect(!shedding.mustShed(waited: Self.limit + 1, now: now))
        }
    }

    @Test(arguments: [-1, 0, 1])
    func inOverloadAQuarterOfTheLimitIsTooLong(excess: Int) {
        let (shedding, now) = Self.overloaded()
        let waited = UInt64(Int(Self.limit / 4) + excess)
        #expect(shedding.mustShed(waited: waited, now: now + 1) == (excess > 0))
    }

    @Test(arguments: [-1, 0, 1])
    func overloadIsOverWhenNothingWaitedForAWhile(excess: Int) {
        let (shedding, now) = Self.overloaded()
        let later = UInt64(Int(now + LoadShedding.calmNanosecondsMin) + excess)
        #expect(shedding.mustShed(waited: Self.limit, now: later) == (excess < 0))
    }

    /// Refusing that has not helped for so long leaves half of the bursts to everybody.
    @Test(arguments: [-1, 0, 1])
    func everyOtherBurstIsServedWhereRefusingDoesNotHelp(excess: Int) {
        let (shedding, _) = Self.overloaded()
        let start = 1_000 * Self.millisecond
        var now = start
        let end = UInt64(Int(start + LoadShedding.hopeNanoseconds) + excess)
        while now + LoadShedding.patienceNanoseconds < end {
            now += LoadShedding.patienceNanoseconds / 2
            #expect(shedding.mustShed(waited: Self.limit + 1, now: now))
        }
        let shed = (0..<4).map { _ in shedding.mustShed(waited: Self.limit + 1, now: end) }
        #expect(shed == (excess < 0 ? [true, true, true, true] : [false, true, false, true]))
        #expect(shedding.mustShed(waited: Self.limit, now: end), "what is not late is what refusing has helped")
    }

    /// A queue that is served within the limit is not refused for ever because it once was longer.
    @Test(arguments: [-1, 0, 1])
    func onlyLatenessProlongsTheOverload(excess: Int) {
        let (shedding, start) = Self.overloaded()
        for step: UInt64 in 1..<5 {
            #expect(shedding.mustShed(waited: Self.limit, now: start + step * LoadShedding.calmNanosecondsMin / 5))
        }
        let end = UInt64(Int(start + LoadShedding.calmNanosecondsMin) + excess)
        #expect(shedding.mustShed(waited: Self.limit, now: end) == (excess < 0))
        let (other, beginning) = Self.overloaded()
        #expect(other.mustShed(waited: Self.limit + 1, now: beginning + LoadShedding.calmNanosecondsMin - 1))
        #expect(
            other.mustShed(waited: Self.limit, now: UInt64(Int(beginning) + excess) + LoadShedding.calmNanosecondsMin)
        )
    }

    /// Whether the load is still too much shows at once, for a while.
    @Test(arguments: [-1, 0, 1])
    func overloadThatComesBackNeedsNoPatience(excess: Int) {
        let (shedding, start) = Self.overloaded()
        let now = UInt64(Int(start + 2 * LoadShedding.calmNanosecondsMin) + excess)
        #expect(shedding.mustShed(waited: Self.limit + 1, now: now) == (excess < 0))
    }

    /// A load that stays is tried more and more seldom, and one that comes much later is a new one.
    @Test func overloadThatComesBackLastsTwiceAsLongUpToABound() {
        var (shedding, start) = Self.overloaded()
        var calm = LoadShedding.calmNanosecondsMin
        for _ in 0..<4 {
            start += calm
            #expect(!shedding.mustShed(waited: Self.limit, now: start), "what came back is over")
            #expect(shedding.mustShed(waited: Self.limit + 1, now: start))
            calm = min(2 * calm, LoadShedding.calmNanosecondsMax)
            #expect(shedding.mustShed(waited: Self.limit, now: start + calm - 1))
        }
        #expect(calm == LoadShedding.calmNanosecondsMax)
        start += 2 * calm
        #expect(!shedding.mustShed(waited: Self.limit + 1, now: start))
        start += LoadShedding.patienceNanoseconds
        #expect(shedding.mustShed(waited: Self.limit + 1, now: start))
        #expect(!shedding.mustShed(waited: Self.limit, now: start + LoadShedding.calmNanosecondsMin))
    }

    /// Those who ask for more than the others and those who do not are judged by themselves.
    @Test(arguments: [false, true])
    func latenessCountsAgainstThoseWhoAskForAsMuch(isBeyondShare: Bool) {
        let shedding = Holder()
        for step: UInt64 in 0...10 {
            let now = 1_000 * Self.millisecond + step * LoadShedding.patienceNanoseconds / 2
            let isShed = shedding.mustShed(waited: Self.limit + 1, now: now, isBeyondShare: isBeyondShare)
            #expect(isShed == (step >= 2))
            #expect(!shedding.mustShed(waited: Self.limit, now: now, isBeyondShare: !isBeyondShare))
        }
    }

    /// To find out whose sake something waited for costs nothing where it has hardly waited.
    @Test(arguments: [-1, 0, 1])
    func whatHasHardlyWaitedIsNotAskedAbout(excess: Int) {
        var shedding = LoadShedding(limitNanoseconds: Self.limit)
        var isAsked = false
        func isBeyondShare() -> Bool {
            isAsked = true
            return true
        }
        let waited = UInt64(Int(Self.limit / 4) + excess)
        _ = shedding.mustShed(waited: waited, now: 1, isBeyondShare: isBeyondShare())
        #expect(isAsked == (excess > 0))
    }
}
