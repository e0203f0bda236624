import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

/// A forced rotation leaves one holder after two refreshes (invariant 18).
@Suite struct ForcedRotationTests {
    let fixture = StoreFixture()
    let caller = SessionCaller.client { $0.rotation = .never }

    static func aims(_ id: SessionID) -> [SessionAim] {
        [
            .session(id),
            .everything(of: .subject(Array("alice".utf8))),
            .everything(of: .client(Array("local".utf8))),
            .everything(of: .all),
        ]
    }

    private func force(_ number: Int, _ id: SessionID) {
        #expect(fixture.force(Self.aims(id)[number]) != .refused(.storage))
    }

    @Test(arguments: 0..<4)
    func twoRefreshesLeaveOneHolder(aim: Int) throws {
        let shared = try #require(fixture.open(caller: caller).granted)
        #expect(fixture.refresh(shared.token, caller: caller).refreshOutcome == .unchanged)
        force(aim, shared.sessionID)
        let first = try #require(fixture.refresh(shared.token, caller: caller).granted)
        #expect(first.outcome == .rotated)
        let second = try #require(fixture.refresh(first.token, caller: caller).granted)
        #expect(second.outcome == .rotated)
        #expect(fixture.refresh(second.token, caller: caller).refreshOutcome == .unchanged)
        #expect(fixture.refresh(shared.token, caller: caller).refusal == .reused)
    }

    @Test(arguments: 0..<4)
    func whileSomebodyFollowsByGraceAnswersItGoesOn(aim: Int) throws {
        var honest = try #require(fixture.open(caller: caller).granted)
        force(aim, honest.sessionID)
        for _ in 0..<5 {
            let before = honest
            honest = try #require(fixture.refresh(before.token, caller: caller).granted)
            #expect(honest.outcome == .rotated)
            let follower = try #require(fixture.refresh(before.token, caller: caller).granted)
            #expect(follower.token == honest.token)
        }
        // The first generation that nobody follows into ends it.
        let lost = honest
        honest = try #require(fixture.refresh(honest.token, caller: caller).granted)
        honest = try #require(fixture.refresh(honest.token, caller: caller).granted)
        #expect(fixture.refresh(honest.token, caller: caller).refreshOutcome == .unchanged)
        #expect(fixture.refresh(lost.token, caller: caller).refusal == .reused)
    }

    @Test func anUncountedGraceAnswerKeepsItGoingToo() throws {
        let fixture = StoreFixture(journal: TestJournal(isDurableAtOnce: false))
        let shared = try #require(fixture.open(caller: caller).granted)
        _ = fixture.force(.session(shared.sessionID))
        fixture.sync()
        let first = try #require(fixture.refresh(shared.token, caller: caller).granted)
        _ = try #require(fixture.refresh(shared.token, caller: caller).granted)
        fixture.sync()
        let second = try #require(fixture.refresh(first.token, caller: caller).granted)
        #expect(fixture.record(shared.sessionID)?.state.forcedRotation.stage == .begun)
        fixture.sync()
        #expect(fixture.refresh(second.token, caller: caller).refreshOutcome == .rotated)
        #expect(fixture.record(shared.sessionID)?.state.forcedRotation.stage == .done)
    }

    @Test(arguments: 1..<4)
    func sessionsOpenedAfterwardsAreNotConcerned(aim: Int) throws {
        let before = try #require(fixture.open(caller: caller).granted)
        force(aim, before.sessionID)
        let after = try #require(fixture.open(caller: caller).granted)
        #expect(fixture.refresh(after.token, caller: caller).refreshOutcome == .unchanged)
        #expect(fixture.refresh(before.token, caller: caller).refreshOutcome == .rotated)
    }

    @Test func othersAreNotConcerned() throws {
        let alice = try #require(fixture.open(caller: caller).granted)
        let bob = try #require(fixture.open(subject: "bob", caller: caller).granted)
        force(1, alice.sessionID)
        #expect(fixture.refresh(bob.token, caller: caller).refreshOutcome == .unchanged)
        force(0, bob.sessionID)
        #expect(fixture.refresh(bob.token, caller: caller).refreshOutcome == .rotated)
    }

    @Test func aSecondForceBeginsAnew() throws {
        var held = try #require(fixture.open(caller: caller).granted)
        for _ in 0..<3 {
            force(1, held.sessionID)
            for _ in 0..<2 {
                held = try #require(fixture.refresh(held.token, caller: caller).granted)
                #expect(held.outcome == .rotated)
            }
            #expect(fixture.refresh(held.token, caller: caller).refreshOutcome == .unchanged)
        }
    }

    @Test(arguments: 0..<4)
    func introspectionForetellsIt(aim: Int) throws {
        let held = try #require(fixture.open(caller: caller).granted)
        #expect(fixture.introspect(held.token, caller: caller) == .active(after: .zero))
        #expect(fixture.grant.outcome == .unchanged)
        force(aim, held.sessionID)
        #expect(fixture.introspect(held.token, caller: caller) == .active(after: .zero))
        #expect(fixture.grant.outcome == .rotated)
    }

    @Test func unknownAndRevokedSessionsAreSuccess() throws {
        #expect(fixture.force(.session(SessionID(high: 1, low: 1))) == .done(.zero))
        let held = try #require(fixture.open(caller: caller).granted)
        _ = fixture.revoke(.session(held.sessionID))
        #expect(fixture.force(.session(held.sessionID)) == .done(.zero))
    }

    @Test(arguments: [1, 2])
    func aFullTableRefusesNewMarksAndKeepsTheOldOnes(countMax: Int) throws {
        var limits = SessionStoreLimits()
        limits.forcedMarkCountMax = countMax
        let fixture = StoreFixture(limits: limits)
        for number in 0..<countMax {
            #expect(fixture.force(.everything(of: .subject([UInt8(number)]))) != .refused(.cutOffsFull))
        }
        let events = fixture.journal.entries.count
        #expect(fixture.force(.everything(of: .subject([99]))) == .refused(.cutOffsFull))
        #expect(fixture.journal.entries.count == events)
        #expect(fixture.force(.everything(of: .subject([0]))) != .refused(.cutOffsFull))
        #expect(fixture.store.forcedMarks.count == countMax)
    }
}
