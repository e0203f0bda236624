import MintmarkSessions
import MintmarkSessionsTestSupport
import MintmarkTestSupport
import Testing

/// INTROSPECT says what REFRESH would do, and does nothing.
@Suite struct IntrospectTests {
    @Test func anUnknownOrForgedTokenIsInactive() throws {
        let fixture = StoreFixture()
        #expect(fixture.introspect([1, 2, 3]) == .inactive(.invalid, after: .zero))
        var token: [UInt8] = []
        fixture.codec.encode(.sample, appendingTo: &token)
        #expect(fixture.introspect(token) == .inactive(.unknown, after: .zero))
    }

    @Test func showsTheSession() throws {
        let fixture = StoreFixture()
        let opened = try #require(fixture.open(scope: "read", claims: "{}").granted)
        fixture.clocks.advance(seconds: 5)
        _ = fixture.refresh(opened.token)
        fixture.clocks.advance(seconds: 1)
        #expect(fixture.introspect(opened.token) == .active(after: .zero))
        let grant = fixture.grant
        #expect(grant.outcome == .sameSuccessor)
        #expect(grant.sessionID == opened.sessionID)
        #expect(grant.createdSeconds == 1_800_000_000)
        #expect(grant.lastUsedSeconds == 1_800_000_005)
        #expect(grant.sessionExpiresInSeconds == 365 * 86_400 - 6)
        #expect(grant.refreshExpiresInSeconds == 30 * 86_400 - 1)
        #expect(Array(grant.bytes[grant.client]) == Array("local".utf8))
        #expect(Array(grant.bytes[grant.scope]) == Array("read".utf8))
        #expect(Array(grant.bytes[grant.claims]) == Array("{}".utf8))
        #expect(grant.refreshToken.isEmpty)
    }

    @Test func tellsTheTokensGenerationAndNotTheSessions() throws {
        let fixture = StoreFixture()
        let opened = try #require(fixture.open().granted)
        let first = try #require(fixture.refresh(opened.token).granted)
        for (token, outcome, generation) in [
            (opened.token, RotationOutcome.sameSuccessor, 0 as UInt32),
            (first.token, .rotated, 1),
        ] {
            #expect(fixture.introspect(token) == .active(after: .zero))
            #expect(fixture.grant.outcome == outcome)
            #expect(fixture.grant.generation.number == generation)
        }
        // Of a token that is ahead of the record too.
        var ahead: [UInt8] = []
        let generation = TokenGeneration(epoch: StoreFixture.epoch, number: 5)
        fixture.codec.encode(RefreshToken(sessionID: opened.sessionID, generation: generation), appendingTo: &ahead)
        let restarted = StoreFixture()
        let record = try #require(fixture.record(opened.sessionID))
        #expect(restarted.store.load(record, at: .zero) == .applied)
        #expect(restarted.introspect(ahead) == .active(after: .zero))
        #expect(restarted.grant.outcome == .fastForward)
        #expect(restarted.grant.generation == generation)
    }

    @Test func isNeverReuseAndNeverRevokes() throws {
        let fixture = StoreFixture()
        let opened = try #require(fixture.open().granted)
        let first = try #require(fixture.refresh(opened.token).granted)
        let second = try #require(fixture.refresh(first.token).granted)
        #expect(fixture.introspect(opened.token) == .inactive(.reused, after: .zero))
        let strict = SessionCaller.client("other", revokingOwners: [Array("local".utf8)])
        #expect(fixture.introspect(second.token, caller: strict) == .inactive(.clientMismatch, after: .zero))
        #expect(fixture.refresh(second.token).refreshOutcome == .rotated)
    }

    /// Whatever state a random walk has led to: it foretells, and leaves no trace.
    @Test(arguments: 0..<30 as Range<UInt64>)
    func foretellsRefresh(seed: UInt64) throws {
        let fixture = StoreFixture(seed: seed)
        let caller = SessionCaller.client { $0.rotation = seed % 2 == 0 ? .always : .after(seconds: 30) }
        var generator = SeededGenerator(seed: seed)
        var tokens = [try #require(fixture.open(caller: caller).granted).token]
        for _ in 0..<40 {
            fixture.clocks.advance(milliseconds: UInt64.random(in: 0...6_000, using: &generator))
            if Int.random(in: 0..<10, using: &generator) == 0 {
                _ = fixture.force(.everything(of: .all))
            }
            let token = try #require(tokens.suffix(3).randomElement(using: &generator))
            let before = fixture.store.records
            let events = fixture.journal.entries.count
            let foretold = fixture.introspect(token, caller: caller)
            let outcome = fixture.grant.outcome
            #expect(fixture.store.records == before)
            #expect(fixture.journal.entries.count == events)
            switch fixture.refresh(token, caller: caller) {
            case .granted(let granted):
                #expect(foretold == .active(after: .zero))
                #expect(outcome == granted.outcome)
                if granted.token != token {
                    tokens.append(granted.token)
                }
            case .refused(let rejection):
                #expect(foretold == .inactive(rejection.refusal, after: .zero))
            case .again:
                Issue.record("no epoch is needed")
            }
        }
    }
}
