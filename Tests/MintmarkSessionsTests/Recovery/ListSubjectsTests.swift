import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkSessions

/// The caps of subjects after a start: they count the sessions of before, oldest first.
@Suite struct ListSubjectsTests {
    private static let capped = SessionCaller.client("capped") {
        $0.sessionsPerSubject = SubjectCap(limit: 2, rule: .oldestOut)
    }

    /// A store with the records that another had, listed.
    private func restarted(_ fixture: StoreFixture, clients: Set<[UInt8]> = [Array("capped".utf8)]) -> StoreFixture {
        let copy = StoreFixture(seed: 9)
        fixture.forEachRecord { #expect(copy.store.load($0, at: .zero) == .applied) }
        copy.clocks = fixture.clocks
        copy.store.listSubjects(ofClients: clients, now: copy.now)
        return copy
    }

    @Test func theOldestSessionGoesFirst() throws {
        let fixture = StoreFixture()
        let first = try #require(fixture.open(caller: Self.capped).granted)
        let second = try #require(fixture.open(caller: Self.capped).granted)
        let copy = restarted(fixture)
        let third = try #require(copy.open(caller: Self.capped).granted)
        #expect(copy.rejects(first, client: "capped"))
        #expect(!copy.rejects(second, client: "capped"))
        _ = try #require(copy.open(caller: Self.capped).granted)
        #expect(copy.rejects(second, client: "capped"))
        #expect(!copy.rejects(third, client: "capped"))
    }

    @Test func deadSessionsAndOtherClientsDoNotCount() throws {
        let fixture = StoreFixture()
        let revoked = try #require(fixture.open(caller: Self.capped).granted)
        _ = fixture.revoke(.session(revoked.sessionID))
        let other = try #require(fixture.open().granted)
        let subject = try #require(fixture.open(subject: "bob", caller: Self.capped).granted)
        let kept = try #require(fixture.open(caller: Self.capped).granted)
        let copy = restarted(fixture)
        let next = try #require(copy.open(caller: Self.capped).granted)
        for session in [kept, next] {
            #expect(!copy.rejects(session, client: "capped"))
        }
        #expect(!copy.rejects(other))
        #expect(!copy.rejects(subject, client: "capped"))
    }

    @Test func expiredSessionsDoNotCount() throws {
        let fixture = StoreFixture()
        _ = try #require(fixture.open(caller: Self.capped).granted)
        fixture.clocks.advance(seconds: 29 * 86_400)
        let kept = try #require(fixture.open(caller: Self.capped).granted)
        fixture.clocks.advance(seconds: 2 * 86_400)
        let copy = restarted(fixture)
        _ = try #require(copy.open(caller: Self.capped).granted)
        #expect(!copy.rejects(kept, client: "capped"))
    }

    @Test func withoutACapNothingIsListed() throws {
        let fixture = StoreFixture()
        let first = try #require(fixture.open(caller: Self.capped).granted)
        _ = try #require(fixture.open(caller: Self.capped).granted)
        let copy = restarted(fixture, clients: [])
        _ = try #require(copy.open(caller: Self.capped).granted)
        #expect(!copy.rejects(first, client: "capped"))
    }
}
