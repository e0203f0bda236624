import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

/// The cap on a subject's sessions at one client.
@Suite struct SubjectCapTests {
    let fixture = StoreFixture()

    private func capped(_ limit: UInt32, _ rule: SubjectCap.Rule) -> SessionCaller {
        .client { $0.sessionsPerSubject = SubjectCap(limit: limit, rule: rule) }
    }

    @Test(arguments: [1 as UInt32, 3])
    func aCapRejectsTheNextSession(limit: UInt32) throws {
        let caller = capped(limit, .reject)
        let held = try (0..<limit).map { _ in try #require(fixture.open(caller: caller).granted) }
        #expect(fixture.open(caller: caller).refusal == .sessionCap)
        #expect(fixture.open(subject: "bob", caller: caller).granted != nil)
        _ = fixture.revoke(.session(held[0].sessionID))
        #expect(fixture.open(caller: caller).granted != nil)
        #expect(fixture.open(caller: caller).refusal == .sessionCap)
    }

    @Test func sessionsThatExpiredOrWereCutOffMakeRoom() throws {
        let caller = capped(1, .reject)
        _ = try #require(fixture.open(caller: caller).granted)
        _ = fixture.revoke(.everything(of: .subject(Array("alice".utf8))))
        _ = try #require(fixture.open(caller: caller).granted)
        #expect(fixture.open(caller: caller).refusal == .sessionCap)
        fixture.clocks.advance(seconds: 31 * 86_400)
        #expect(fixture.open(caller: caller).granted != nil)
    }

    @Test func aCapRevokesTheOldest() throws {
        let caller = capped(2, .oldestOut)
        let held = try (0..<4).map { _ in try #require(fixture.open(caller: caller).granted) }
        #expect(fixture.refresh(held[0].token, caller: caller).refusal == .revoked)
        #expect(fixture.refresh(held[1].token, caller: caller).refusal == .revoked)
        #expect(fixture.refresh(held[2].token, caller: caller).refreshOutcome == .rotated)
        #expect(fixture.refresh(held[3].token, caller: caller).refreshOutcome == .rotated)
        #expect(fixture.record(held[0].sessionID)?.state.revocation == .replaced)
    }

    /// More than a few at a time would keep the subject's other calls waiting.
    @Test func aCapThatIsLoweredIsComeDownToByAndBy() throws {
        let wide = capped(100, .oldestOut)
        let held = try (0..<40).map { _ in try #require(fixture.open(caller: wide).granted) }
        let narrow = capped(3, .oldestOut)
        for excess in [-1, 0, 1] {
            _ = try #require(fixture.open(caller: narrow).granted)
            let isOver = excess >= 0
            let live = held.filter { fixture.record($0.sessionID)?.state.revocation == nil }
            #expect(live.count == (excess < 0 ? 40 - SessionStore.replacedPerOpenMax : isOver && excess == 0 ? 8 : 0))
        }
        #expect(fixture.refresh(held[39].token, caller: narrow).refusal == .revoked)
    }

    @Test func anOpenThatFailsRevokesNobody() throws {
        let caller = capped(1, .oldestOut)
        let held = try #require(fixture.open(caller: caller).granted)
        fixture.journal.isWritable = false
        #expect(fixture.open(caller: caller).refusal == .storage)
        fixture.journal.isWritable = true
        #expect(fixture.refresh(held.token, caller: caller).refreshOutcome == .rotated)
        #expect(fixture.open(caller: caller).granted != nil)
        #expect(fixture.refresh(held.token, caller: caller).refusal == .revoked)
    }

    /// The new session is in the journal, the revocation of the oldest is not: the retry finds what the first try opened.
    @Test func aRetryAfterAReplacementThatFailedOpensNoOther() throws {
        let caller = capped(1, .oldestOut)
        let attempt = [UInt8](repeating: 7, count: 16)
        let held = try #require(fixture.open(caller: caller).granted)
        fixture.journal.failAppend(after: 1)
        #expect(fixture.open(attempt: attempt, caller: caller).refusal == .storage)
        let retried = try #require(fixture.open(attempt: attempt, caller: caller).granted)
        #expect(fixture.store.count == 2)
        #expect(fixture.rejects(held))
        #expect(fixture.store.journalHeldRevocations(now: fixture.now))
        #expect(fixture.refresh(held.token, caller: caller).refusal == .revoked)
        #expect(fixture.refresh(retried.token, caller: caller).refreshOutcome == .rotated)
    }
}
