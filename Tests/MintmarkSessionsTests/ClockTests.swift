import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@Suite struct ServiceClockTests {
    @Test func movesOnlyWhileReady() {
        var clock = ServiceClock(persistedMilliseconds: 500, monotonicMilliseconds: 9_000)
        #expect(clock.advance(monotonicMilliseconds: 9_100, isReady: true) == 600)
        #expect(clock.advance(monotonicMilliseconds: 99_100, isReady: false) == 600)
        #expect(clock.advance(monotonicMilliseconds: 99_101, isReady: true) == 601)
    }

    @Test func neverGoesBack() {
        var clock = ServiceClock(persistedMilliseconds: 500, monotonicMilliseconds: 9_000)
        #expect(clock.advance(monotonicMilliseconds: 8_000, isReady: true) == 500)
        #expect(clock.advance(monotonicMilliseconds: 9_001, isReady: true) == 501)
    }
}

@Suite struct StoreClockTests {
    private static let second: UInt64 = 1_000
    private static let day: UInt64 = 86_400_000

    @Test func aNewStoreBelievesTheWallClock() {
        let clock = StoreClock(persistedSeconds: nil, wallMilliseconds: 7_999, monotonicMilliseconds: 0)
        #expect(clock.seconds == 7)
        #expect(clock.refusedJumpMilliseconds == nil)
    }

    @Test(arguments: [(5 as UInt64, 10 as UInt64), (10, 10), (15, 15)])
    func startsAtTheGreaterOfWallAndPersisted(wallSeconds: UInt64, expected: UInt64) {
        let clock = StoreClock(
            persistedSeconds: 10,
            wallMilliseconds: wallSeconds * Self.second,
            monotonicMilliseconds: 0
        )
        #expect(clock.seconds == expected)
    }

    @Test(arguments: [(-1 as Int64, true), (0, true), (1, false)])
    func aStartAdoptsAJumpOfUpTo400Days(offset: Int64, isAdopted: Bool) {
        let wall = UInt64(Int64(10_000 + 400 * Self.day) + offset)
        let clock = StoreClock(persistedSeconds: 10, wallMilliseconds: wall, monotonicMilliseconds: 0)
        #expect(clock.milliseconds == (isAdopted ? wall : 10_000))
        #expect((clock.refusedJumpMilliseconds == nil) == isAdopted)
    }

    @Test(arguments: [(-1 as Int64, true), (0, true), (1, false)])
    func whileRunningAJumpOfUpToADayIsAdopted(offset: Int64, isAdopted: Bool) {
        var clock = StoreClock(persistedSeconds: nil, wallMilliseconds: 10_000, monotonicMilliseconds: 0)
        let wall = UInt64(Int64(10_000 + Self.day) + offset)
        clock.advance(wallMilliseconds: wall, monotonicMilliseconds: 0)
        #expect(clock.milliseconds == (isAdopted ? wall : 10_000))
        #expect(clock.refusedJumpMilliseconds == (isAdopted ? nil : Self.day + 1))
    }

    @Test func aWallClockThatGoesBackIsNotFollowed() {
        var clock = StoreClock(persistedSeconds: nil, wallMilliseconds: 7_200_000, monotonicMilliseconds: 0)
        #expect(clock.advance(wallMilliseconds: 3_600_000, monotonicMilliseconds: 2_000) == 7_202)
        let restarted = StoreClock(persistedSeconds: 7_202, wallMilliseconds: 3_605_000, monotonicMilliseconds: 0)
        #expect(restarted.seconds == 7_202)
    }

    /// Invariant 11 on the clocks alone: a wall clock that steps by an hour, also over a start.
    @Test(arguments: [-3_600 as Int64, 3_600], [false, true])
    func anHoursStepReopensAndRevivesNothing(step: Int64, isAcrossStart: Bool) throws {
        var service = ServiceClock(persistedMilliseconds: 0, monotonicMilliseconds: 0)
        var store = StoreClock(
            persistedSeconds: nil,
            wallMilliseconds: 1_800_000_000_000,
            monotonicMilliseconds: 0
        )
        var wall: UInt64 = 1_800_000_000_000
        let fixture = StoreFixture()
        var monotonic: UInt64 = 0
        func advance(milliseconds: UInt64) {
            monotonic += milliseconds
            wall += milliseconds
            fixture.clocks.serviceMilliseconds = service.advance(monotonicMilliseconds: monotonic, isReady: true)
            fixture.clocks.storeSeconds = store.advance(wallMilliseconds: wall, monotonicMilliseconds: monotonic)
            fixture.clocks.wallSeconds = wall / 1_000
        }
        advance(milliseconds: 1)
        let short = SessionCaller.client("local") { $0.idleSeconds = 7_200 }
        let healthy = try #require(fixture.open(caller: short).granted)
        let retried = try #require(fixture.open(caller: short).granted)
        let expiring = try #require(fixture.open(caller: .client { $0.idleSeconds = 60 }).granted)
        let revoked = try #require(fixture.open(caller: short).granted)
        _ = fixture.revoke(.session(revoked.sessionID))
        _ = try #require(fixture.refresh(retried.token, caller: short).granted)
        advance(milliseconds: 61_000)
        #expect(fixture.refresh(expiring.token).refusal == .expired)

        wall = UInt64(Int64(wall) + step * 1_000)
        if isAcrossStart {
            service = ServiceClock(persistedMilliseconds: service.milliseconds, monotonicMilliseconds: monotonic)
            store = StoreClock(
                persistedSeconds: store.seconds,
                wallMilliseconds: wall,
                monotonicMilliseconds: monotonic
            )
        }
        advance(milliseconds: 1)
        #expect(fixture.refresh(retried.token, caller: short).refusal == .reused)
        #expect(fixture.refresh(expiring.token).refusal == .expired)
        #expect(fixture.refresh(revoked.token, caller: short).refusal == .revoked)
        #expect(fixture.refresh(healthy.token, caller: short).refreshOutcome == .rotated)
    }

    /// A process that was stopped for long finds its clocks far ahead, up to the last value that they can tell.
    @Test(arguments: [86_400, 400 * 86_400, SessionInstant.secondsMax] as [UInt64])
    func clocksThatJumpAheadBreakNothing(seconds: UInt64) throws {
        let fixture = StoreFixture()
        let attempt = [UInt8](repeating: 7, count: 16)
        let opened = try #require(fixture.open(attempt: attempt).granted)
        let rotated = try #require(fixture.refresh(opened.token).granted)
        fixture.clocks.advance(seconds: seconds)
        #expect(fixture.refresh(opened.token).refusal == (seconds > 30 * 86_400 ? .expired : .reused))
        #expect(fixture.refresh(rotated.token).refusal == (seconds > 30 * 86_400 ? .expired : .revoked))
        let again = fixture.open(attempt: attempt).granted
        #expect(again?.sessionID != opened.sessionID)
        if let again {
            _ = fixture.refresh(again.token)
        }
        _ = fixture.revoke(.everything(of: .all))
        _ = fixture.force(.everything(of: .all))
        _ = fixture.open()
        for _ in 0..<100 {
            fixture.store.sweep(steps: 10_000, now: fixture.now)
        }
    }
}
