import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

/// OPEN with an attempt id: a retried login opens one session.
@Suite struct AttemptTests {
    let fixture = StoreFixture()
    let attempt = Self.attempt(7)

    static func attempt(_ number: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(number), count: 16)
    }

    @Test func theSameAttemptGivesTheSameSession() throws {
        let first = try #require(fixture.open(attempt: attempt).granted)
        let second = try #require(fixture.open(attempt: attempt).granted)
        #expect(second.sessionID == first.sessionID)
        #expect(second.token == first.token)
        #expect(fixture.store.count == 1)
    }

    @Test func theSameAttemptGivesTheCurrentToken() throws {
        let first = try #require(fixture.open(attempt: attempt).granted)
        let rotated = try #require(fixture.refresh(first.token).granted)
        #expect(try #require(fixture.open(attempt: attempt).granted).token == rotated.token)
    }

    @Test(arguments: [(59_999 as UInt64, true), (60_000, false), (60_001, false)])
    func anAttemptIsRememberedForAMinute(milliseconds: UInt64, isSame: Bool) throws {
        let first = try #require(fixture.open(attempt: attempt).granted)
        fixture.clocks.advance(milliseconds: milliseconds)
        let second = try #require(fixture.open(attempt: attempt).granted)
        #expect((second.sessionID == first.sessionID) == isSame)
    }

    @Test func anAttemptBelongsToItsClientAndSubject() throws {
        let first = try #require(fixture.open(attempt: attempt).granted)
        let other = try #require(fixture.open(attempt: attempt, caller: .client("other")).granted)
        #expect(other.sessionID != first.sessionID)
        #expect(fixture.open(subject: "bob", attempt: attempt).refusal == .attemptConflict)
    }

    @Test func anAttemptWhoseSessionDiedIsRefused() throws {
        let first = try #require(fixture.open(attempt: attempt).granted)
        _ = fixture.revoke(.session(first.sessionID))
        #expect(fixture.open(attempt: attempt).refusal == .revoked)
        _ = fixture.open(subject: "carol", attempt: Self.attempt(8))
        _ = fixture.revoke(.everything(of: .subject(Array("carol".utf8))))
        #expect(fixture.open(subject: "carol", attempt: Self.attempt(8)).refusal == .revoked)
    }

    @Test func anAttemptThatOpenedNothingIsForgotten() throws {
        fixture.journal.isWritable = false
        #expect(fixture.open(attempt: attempt).refusal == .storage)
        fixture.journal.isWritable = true
        #expect(fixture.open(attempt: attempt).granted != nil)
    }

    /// The store's time is pulled forward by a day, the service clock is not: the attempt outlives its session.
    @Test func anAttemptWhoseSessionIsForgottenSaysSo() throws {
        let caller = SessionCaller.client { $0.idleSeconds = 3_600 }
        _ = try #require(fixture.open(attempt: attempt, caller: caller).granted)
        fixture.clocks.storeSeconds += 86_400
        fixture.clocks.wallSeconds += 86_400
        #expect(fixture.open(attempt: attempt, caller: caller).refusal == .expired)
        while fixture.store.count > 0 {
            fixture.store.sweep(steps: 100_000, now: fixture.now)
        }
        #expect(fixture.open(attempt: attempt, caller: caller).refusal == .unknown)
        #expect(fixture.store.count == 0)
        fixture.clocks.advance(milliseconds: 60_000)
        #expect(fixture.open(attempt: attempt, caller: caller).granted != nil)
    }

    /// Attempts that opened a session are as many as the sessions, so they need no bound of their own.
    @Test(arguments: [1, 2, 3])
    func asManyAttemptsAreRememberedAsThereMayBeSessions(countMax: Int) throws {
        var limits = SessionStoreLimits()
        limits.sessionCountMax = countMax
        let fixture = StoreFixture(limits: limits)
        let caller = SessionCaller.client { $0.idleSeconds = 3_600 }
        for number in 0..<countMax {
            #expect(fixture.open(attempt: Self.attempt(number), caller: caller).granted != nil)
        }
        #expect(fixture.open(attempt: Self.attempt(99), caller: caller).refusal == .storeFull)
        fixture.clocks.storeSeconds += 86_400
        fixture.clocks.wallSeconds += 86_400
        while fixture.store.count > 0 {
            fixture.store.sweep(steps: 100_000, now: fixture.now)
        }
        #expect(fixture.open(attempt: Self.attempt(99), caller: caller).refusal == .storeFull)
        fixture.clocks.advance(milliseconds: 60_000)
        #expect(fixture.open(attempt: Self.attempt(99), caller: caller).granted != nil)
    }

    @Test func attemptsThatOpenNothingTakeNoPlace() throws {
        var limits = SessionStoreLimits()
        limits.sessionCountMax = 2
        let fixture = StoreFixture(limits: limits)
        for number in 0..<100 {
            let now = fixture.now
            let opened = fixture.store.open(attempt: Self.attempt(number), now: now, grant: &fixture.grant) { _ in
                .tokenTooLarge
            }
            #expect(opened.refusal == .tokenTooLarge)
        }
        #expect(fixture.open(attempt: Self.attempt(1)).granted != nil)
        #expect(fixture.open(attempt: Self.attempt(2)).granted != nil)
    }

    /// More are over than one call forgets.
    @Test func anAttemptThatIsOverIsOverHoweverManyAre() throws {
        let opened = try (0..<200).map { try #require(fixture.open(attempt: Self.attempt($0)).granted) }
        fixture.clocks.advance(milliseconds: 60_000)
        let again = try #require(fixture.open(attempt: Self.attempt(199)).granted)
        #expect(again.sessionID != opened[199].sessionID)
        #expect(fixture.open(attempt: Self.attempt(199)).granted?.sessionID == again.sessionID)
    }
}
