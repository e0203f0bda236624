import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

/// Scope and audience may shrink for one access token, and never grow; contexts as the policy says.
@Suite struct TermsTests {
    struct Lists: CustomTestStringConvertible, Sendable {
        let part: [UInt8]
        let whole: [UInt8]
        let isPart: Bool

        init(_ part: [UInt8], of whole: [UInt8], _ isPart: Bool) {
            self.part = part
            self.whole = whole
            self.isPart = isPart
        }

        init(_ part: String, of whole: String, _ isPart: Bool) {
            self.init(Array(part.utf8), of: Array(whole.utf8), isPart)
        }

        var testDescription: String {
            "\(String(decoding: part, as: UTF8.self)) of \(String(decoding: whole, as: UTF8.self))"
        }
    }

    @Test(arguments: [
        Lists("read", of: "read write", true),
        Lists("write", of: "read write", true),
        Lists("write read", of: "read write", true),
        Lists("read write", of: "read write", true),
        Lists("read read", of: "read write", true),
        Lists("read", of: "", false),
        Lists("rea", of: "read write", false),
        Lists("reads", of: "read write", false),
        Lists("read writes", of: "read write", false),
        Lists("admin", of: "read write", false),
    ])
    func scope(_ row: Lists) {
        #expect(ScopeList.isPart(row.part.span.bytes, of: row.whole.span.bytes) == row.isPart)
    }

    @Test(arguments: [
        Lists(audience("a"), of: audience("a", "b"), true),
        Lists(audience("b", "a"), of: audience("a", "b"), true),
        Lists(audience("c"), of: audience("a", "b"), false),
        Lists(audience("a", "c"), of: audience("a", "b"), false),
        Lists(audience("ab"), of: audience("a", "b"), false),
        Lists([0, 1, 97, 0], of: audience("a", "b"), false),
        Lists([0, 9, 97], of: audience("a", "b"), false),
    ])
    func audiences(_ row: Lists) {
        #expect(SessionAudience.isPart(row.part.span.bytes, of: row.whole.span.bytes) == row.isPart)
    }

    @Test(arguments: [(0, false), (1, true), (16, true), (17, false)])
    func audienceListsAreBounded(count: Int, isValid: Bool) {
        let list = (0..<count).flatMap { _ in audience("a") }
        #expect(SessionAudience.isValid(list.span.bytes) == isValid)
    }

    @Test(arguments: [(0, false), (1, true), (256, true), (257, false)])
    func audienceItemsAreBounded(byteCount: Int, isValid: Bool) {
        let list = audience(String(repeating: "a", count: byteCount))
        #expect(SessionAudience.isValid(list.span.bytes) == isValid)
    }

    @Test func whatIsAskedForHoldsForThisAccessTokenOnly() throws {
        let fixture = StoreFixture()
        let now = fixture.now
        let opened = try #require(
            fixture.store.open(
                audience: audience("a", "b"),
                scope: "read write",
                now: now,
                grant: &fixture.grant
            ).granted
        )
        let outcome = fixture.store.refresh(
            opened.token,
            audience: audience("b"),
            scope: "write",
            now: now,
            grant: &fixture.grant
        )
        let narrowed = try #require(outcome.granted)
        #expect(narrowed.audience == audience("b"))
        #expect(narrowed.scope == Array("write".utf8))
        let next = try #require(fixture.refresh(narrowed.token).granted)
        #expect(next.audience == audience("a", "b"))
        #expect(next.scope == Array("read write".utf8))
    }

    @Test func growthIsRefusedAndUsesNothingUp() throws {
        let fixture = StoreFixture()
        let now = fixture.now
        let opened = try #require(fixture.open(scope: "read").granted)
        let before = fixture.store.records
        let scope = fixture.store.refresh(opened.token, scope: "read write", now: now, grant: &fixture.grant)
        #expect(scope.refusal == .scopeExceeded)
        let other = audience("https://other.example")
        let audience = fixture.store.refresh(opened.token, audience: other, now: now, grant: &fixture.grant)
        #expect(audience.refusal == .scopeExceeded)
        let ttl = fixture.store.refresh(opened.token, ttl: 301, now: now, grant: &fixture.grant)
        #expect(ttl.refusal == .accessTokenTTLTooLong)
        let admitted = fixture.store.refresh(opened.token, now: now, grant: &fixture.grant) { _ in .tokenTooLarge }
        #expect(admitted.refusal == .tokenTooLarge)
        #expect(fixture.store.records == before)
        #expect(fixture.refresh(opened.token).refreshOutcome == .rotated)
    }

    // MARK: Context

    @Test func aChangedContextRotatesAndIsTheSessionsFromThenOn() throws {
        let fixture = StoreFixture()
        let caller = SessionCaller.client {
            $0.rotation = .never
            $0.context = .rotate
        }
        let opened = try #require(fixture.open(context: "home", caller: caller).granted)
        let same = fixture.refresh(opened.token, context: "home", caller: caller)
        #expect(same.refreshOutcome == .unchanged)
        let moved = try #require(fixture.refresh(opened.token, context: "away", caller: caller).granted)
        #expect(moved.outcome == .rotated)
        #expect(fixture.refresh(opened.token, context: "home", caller: caller).refusal == .contextMismatch)
        #expect(fixture.refresh(opened.token, context: "away", caller: caller).granted?.token == moved.token)
        #expect(fixture.refresh(moved.token, context: "away", caller: caller).refreshOutcome == .unchanged)
        #expect(fixture.refresh(moved.token, caller: caller).refreshOutcome == .rotated)
    }

    @Test func anotherContextIsRefusedAndTheSessionLives() throws {
        let fixture = StoreFixture()
        let caller = SessionCaller.client { $0.context = .refuse }
        let opened = try #require(fixture.open(context: "home", caller: caller).granted)
        #expect(fixture.refresh(opened.token, context: "away", caller: caller).refusal == .contextMismatch)
        #expect(fixture.refresh(opened.token, caller: caller).refusal == .contextMismatch)
        #expect(fixture.refresh(opened.token, context: "home", caller: caller).refreshOutcome == .rotated)
    }

    /// A policy that is made stricter holds for the sessions that are open.
    @Test(arguments: [ContextRule.refuse, .rotate])
    func contextCountsFromTheOpenOn(rule: ContextRule) throws {
        let fixture = StoreFixture()
        let lenient = SessionCaller.client { $0.context = .ignore }
        let strict = SessionCaller.client {
            $0.rotation = .never
            $0.context = rule
        }
        var token = try #require(fixture.open(context: "home", caller: lenient).granted).token
        token = try #require(fixture.refresh(token, context: "home", caller: lenient).granted).token
        #expect(fixture.refresh(token, context: "home", caller: strict).refreshOutcome == .unchanged)
        let other = fixture.refresh(token, caller: strict)
        #expect(rule == .refuse ? other.refusal == .contextMismatch : other.refreshOutcome == .rotated)
    }

    @Test func equalContextsOfTwoSessionsLookDifferent() {
        let context = Array("home".utf8)
        let one = ContextHash(of: context.span.bytes, in: SessionID(high: 1, low: 1))
        let other = ContextHash(of: context.span.bytes, in: SessionID(high: 1, low: 2))
        #expect(one != other)
    }
}
