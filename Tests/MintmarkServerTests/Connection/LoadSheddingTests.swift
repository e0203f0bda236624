import Testing

@testable import MintmarkServer

/// When a loop counts as overloaded, on a clock of the test's own.
@Suite struct LoadSheddingTests {
    private static let millisecond: UInt64 = 1_000_000
    private static let limit = 100 * millisecond

    /// Holds it, so that what changes it may be expected to say something.
    private final class Holder {
        private var shedding = LoadShedding(limitNanoseconds: limit)
        /// Of the one connection that waits for its own sake.
        private var own = Lateness()

        /// A burst of a connection that was never served before.
        func mustShed(waited: UInt64, now: UInt64) -> Bool {
            var others = Lateness()
            return shedding.mustShed(
                LoadShedding.Burst(now: now, arrival: now - min(now, waited), lastBurst: 0, isBeyondShare: false),
                own: &others
            )
        }

        /// A burst that waited for its own sake.
        func mustShedOwn(waited: UInt64, now: UInt64, isBeyondShare: Bool = true, lastBurst: UInt64 = 0) -> Bool {
            shedding.mustShed(
                LoadShedding.Burst(
                    now: now,
                    arrival: now - min(now, waited),
                    lastBurst: lastBurst,
                    isBeyondShare: isBeyondShare
                ),
                own: &own
            )
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
            isShed = shedding.mustShed(waited: waited, now: (1_000 + step) * Self.millisecond) || isShed
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
        for now: UInt64 in [Self.limit + 1, Self.limit + 2, 2 * Self.limit, .max / 2] {
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
        let end = UInt64(Int(start + LoadShedding.patienceNanoseconds + LoadShedding.hopeNanoseconds) + excess)
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

    /// Whoever waits for its own sake is refused for that by itself.
    @Test func whoIsLateForItsOwnSakeIsRefusedAlone() {
        let shedding = Holder()
        let start = 1_000 * Self.millisecond
        let step = LoadShedding.burstPatienceNanoseconds / 4
        for number: UInt64 in 0...6 {
            let now = start + number * step
            #expect(shedding.mustShedOwn(waited: Self.limit + 1, now: now) == (number >= 4))
            #expect(!shedding.mustShed(waited: Self.limit, now: now))
        }
        // Nobody else has been late before that.
        #expect(!shedding.mustShed(waited: Self.limit + 1, now: start + 7 * step))
    }

    /// Whoever asks for its share of a second at once waits for most of that, and is served.
    @Test(arguments: [-1, 0, 1])
    func latenessOfABurstIsRefusedBehindASecondOfIt(excess: Int) {
        let shedding = Holder()
        let start = 1_000 * Self.millisecond
        #expect(!shedding.mustShedOwn(waited: Self.limit + 1, now: start))
        #expect(!shedding.mustShedOwn(waited: Self.limit + 1, now: start + LoadShedding.burstPatienceNanoseconds / 2))
        let end = UInt64(Int(start + LoadShedding.burstPatienceNanoseconds) + excess)
        #expect(shedding.mustShedOwn(waited: Self.limit + 1, now: end) == (excess >= 0))
    }

    /// Who had a turn when this had waited for long already, waits for its own sake.
    @Test(arguments: [-1, 0, 1])
    func whatIsOlderThanTheLastTurnWaitsForItsOwnSake(excess: Int) {
        let shedding = Holder()
        for step: UInt64 in 0...4 {
            let now = 1_000 * Self.millisecond + step * LoadShedding.patienceNanoseconds / 2
            let lastBurst = UInt64(Int(now - 2 * Self.limit + Self.limit / 4) + excess)
            _ = shedding.mustShedOwn(waited: 2 * Self.limit, now: now, isBeyondShare: false, lastBurst: lastBurst)
        }
        // Else it was the loop that was late.
        #expect(shedding.mustShed(waited: Self.limit, now: 1_201 * Self.millisecond) == (excess <= 0))
    }

    /// Its turns may be far apart; but what was in time in between, or long ago, is no reason.
    @Test(arguments: [-1, 0, 1])
    func ownTurnsMayBeFarApart(excess: Int) {
        let start = 1_000 * Self.millisecond
        let next = start + LoadShedding.calmNanosecondsMin / 2
        let last = UInt64(Int(next + LoadShedding.calmNanosecondsMin) + excess)
        for between in [nil, 0, Self.limit / 4, Self.limit] {
            let shedding = Holder()
            #expect(!shedding.mustShedOwn(waited: Self.limit + 1, now: start))
            #expect(!shedding.mustShedOwn(waited: Self.limit + 1, now: next))
            if let between {
                #expect(!shedding.mustShedOwn(waited: between, now: next + Self.millisecond))
            }
            #expect(shedding.mustShedOwn(waited: Self.limit + 1, now: last) == (excess <= 0 && between == nil))
        }
    }

    /// In overload everybody's bursts are refused that have waited too long.
    @Test func inOverloadOwnWaitsAreRefusedToo() {
        let (shedding, now) = Self.overloaded()
        #expect(shedding.mustShedOwn(waited: Self.limit, now: now + 1))
        #expect(shedding.mustShedOwn(waited: Self.limit + 1, now: now + 1))
        #expect(!shedding.mustShedOwn(waited: Self.limit, now: now + LoadShedding.calmNanosecondsMin))
    }

    /// Where refusing does not help, whoever waits for its own sake has every other burst served, however many others are
    /// late in between.
    @Test(arguments: 1...3)
    func hopeEndsForEachByItself(othersCount: Int) {
        let (shedding, start) = Self.overloaded()
        var shed: [Bool] = []
        var now = start
        let hope = LoadShedding.burstPatienceNanoseconds + LoadShedding.hopeNanoseconds
        while now < start + 2 * hope {
            now += LoadShedding.patienceNanoseconds / 2
            shed.append(shedding.mustShedOwn(waited: Self.limit + 1, now: now))
            for _ in 0..<othersCount { _ = shedding.mustShed(waited: Self.limit + 1, now: now) }
        }
        let hopefulCount = Int(hope / (LoadShedding.patienceNanoseconds / 2))
        #expect(shed.prefix(hopefulCount).allSatisfy { $0 })
        let rest = shed.dropFirst(hopefulCount + 1)
        #expect((rest.count / 2...rest.count / 2 + 1).contains(rest.filter { !$0 }.count))
    }

    /// Late bursts that come in bunches are late all the time, as long as others are refused.
    @Test func hopeEndsAlsoWhereLateBurstsComeInBunches() {
        let (shedding, start) = Self.overloaded()
        var shed: [Bool] = []
        for step: UInt64 in 1...10 {
            let now = start + step * 3 * LoadShedding.patienceNanoseconds
            shed.append(shedding.mustShed(waited: Self.limit + 1, now: now))
        }
        #expect(shed.prefix(3).allSatisfy { $0 })
        #expect(shed.filter { !$0 }.count >= 3)
    }
}
