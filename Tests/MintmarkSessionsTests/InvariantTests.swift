import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

/// The invariants of refresh, one after the other; the numbers are those of the protocol's design. Random walks and
/// threads have their own suites.
@Suite struct InvariantTests {
    let fixture = StoreFixture()

    // 1
    @Test(arguments: [2, 16, 17])
    func severalRefreshesOfOneTokenRotateOnce(count: Int) throws {
        let opened = try #require(fixture.open().granted)
        let answers = (0..<count).map { _ in fixture.refresh(opened.token) }
        let successes = answers.compactMap(\.granted)
        #expect(successes.count == min(count, 17))
        #expect(Set(successes.map(\.token)).count == 1)
        #expect(successes.map(\.outcome).filter { $0 == .rotated }.count == 1)
        #expect(fixture.record(opened.sessionID)?.state.current.number == 1)
        #expect(fixture.record(opened.sessionID)?.state.revocation == nil)
    }

    // 2
    @Test func aRetryAfterADroppedAnswerSucceedsAndTheChainGoesOn() throws {
        let opened = try #require(fixture.open().granted)
        let dropped = try #require(fixture.refresh(opened.token).granted)
        fixture.clocks.advance(milliseconds: 9_999)
        var held = try #require(fixture.refresh(opened.token).granted)
        #expect(held.outcome == .sameSuccessor)
        #expect(held.token == dropped.token)
        for number in 2...4 {
            fixture.clocks.advance(seconds: 200)
            held = try #require(fixture.refresh(held.token).granted)
            #expect(held.outcome == .rotated)
            #expect(held.generation.number == UInt32(number))
        }
    }

    // 3
    @Test func twoGenerationsBackIsReuseAlsoInsideTheWindow() throws {
        let opened = try #require(fixture.open().granted)
        let first = try #require(fixture.refresh(opened.token).granted)
        let second = try #require(fixture.refresh(first.token).granted)
        fixture.clocks.advance(milliseconds: 12)
        let rejection = try #require(fixture.refresh(opened.token).rejection)
        #expect(rejection.refusal == .reused)
        #expect(rejection.sessionID == opened.sessionID)
        #expect(rejection.reuse?.kind == .olderGeneration)
        #expect(rejection.reuse?.millisecondsSinceRotation == 12)
        #expect(fixture.refresh(second.token).refusal == .revoked)
        #expect(fixture.refresh(opened.token).refusal == .revoked)
        #expect(fixture.record(opened.sessionID)?.state.revocation == .reuse)
    }

    // 4
    @Test func aRetryAfterTheWindowIsReuse() throws {
        let opened = try #require(fixture.open().granted)
        _ = fixture.refresh(opened.token)
        fixture.clocks.advance(milliseconds: 10_000)
        let rejection = try #require(fixture.refresh(opened.token).rejection)
        #expect(rejection.refusal == .reused)
        #expect(rejection.reuse?.kind == .previousAfterWindow)
    }

    @Test func retriesEveryHalfWindowDoNotExtendIt() throws {
        let opened = try #require(fixture.open().granted)
        _ = fixture.refresh(opened.token)
        fixture.clocks.advance(milliseconds: 5_000)
        #expect(fixture.refresh(opened.token).refreshOutcome == .sameSuccessor)
        fixture.clocks.advance(milliseconds: 5_000)
        #expect(fixture.refresh(opened.token).refusal == .reused)
    }

    @Test(arguments: [1 as UInt16, 2, 300])
    func oneRetryBeyondTheCapIsRefusedAndTheSessionLives(uses: UInt16) throws {
        let caller = SessionCaller.client { $0.grace.uses = uses }
        let opened = try #require(fixture.open(caller: caller).granted)
        let current = try #require(fixture.refresh(opened.token, caller: caller).granted)
        for _ in 0..<uses {
            #expect(fixture.refresh(opened.token, caller: caller).refreshOutcome == .sameSuccessor)
        }
        #expect(fixture.refresh(opened.token, caller: caller).refusal == .graceExhausted)
        #expect(fixture.refresh(current.token, caller: caller).refreshOutcome == .rotated)
    }

    // 5
    @Test func reuseInOneSessionLeavesTheOthersAlone() throws {
        let one = try #require(fixture.open().granted)
        let other = try #require(fixture.open().granted)
        let next = try #require(fixture.refresh(one.token).granted)
        _ = fixture.refresh(next.token)
        #expect(fixture.refresh(one.token).refusal == .reused)
        #expect(fixture.refresh(other.token).refreshOutcome == .rotated)
    }

    // 6
    @Test(arguments: 0..<6, 0..<4)
    func revocationAtAnyStepLeavesNoLiveToken(step: Int, way: Int) throws {
        var held = [try #require(fixture.open().granted)]
        for _ in 0..<step {
            let next = try #require(held.last)
            held.append(try #require(fixture.refresh(next.token).granted))
        }
        let first = held[0]
        switch way {
        case 0: #expect(fixture.revoke(.session(first.sessionID)) != .refused(.storage))
        case 1: _ = fixture.revoke(.everything(of: .subject(first.subject)))
        case 2: _ = fixture.revoke(.everything(of: .client(Array("local".utf8))))
        default: _ = fixture.revoke(.everything(of: .all))
        }
        for granted in held {
            #expect(fixture.refresh(granted.token).refusal == .revoked)
            #expect(fixture.rejects(granted))
        }
        #expect(fixture.store.liveness(of: first.sessionID, now: fixture.now).isLive == false)
    }

    // 12
    @Test func aForgedTagChangesNothing() throws {
        let opened = try #require(fixture.open().granted)
        let before = fixture.record(opened.sessionID)
        let events = fixture.journal.entries.count
        var forged: [UInt8] = []
        let otherMaster = StoreFixture.codec(master: .init(count: 32, random: SeededRandom(seed: 99)))
        let generation = TokenGeneration(epoch: StoreFixture.epoch, number: 0)
        otherMaster.encode(RefreshToken(sessionID: opened.sessionID, generation: generation), appendingTo: &forged)
        #expect(fixture.refresh(forged).refusal == .invalid)
        #expect(fixture.record(opened.sessionID) == before)
        #expect(fixture.journal.entries.count == events)
    }

    // 13
    @Test func aWrongClientIsRefusedAndTheRightOneGoesOn() throws {
        let opened = try #require(fixture.open().granted)
        #expect(fixture.refresh(opened.token, caller: .client("other")).refusal == .clientMismatch)
        #expect(fixture.refresh(opened.token).refreshOutcome == .rotated)
        #expect(fixture.refresh(opened.token, caller: .client("other")).refusal == .clientMismatch)
        #expect(fixture.refresh(opened.token).refreshOutcome == .sameSuccessor)
    }

    /// The owner's wish counts, not that of whoever has the token.
    @Test func aWrongClientRevokesWhereTheOwnerSaysSo() throws {
        let opened = try #require(fixture.open().granted)
        let other = SessionCaller.client("other", revokingOwners: [Array("other".utf8)])
        #expect(fixture.refresh(opened.token, caller: other).refusal == .clientMismatch)
        #expect(fixture.introspect(opened.token) == .active(after: .zero))
        let strict = SessionCaller.client("other", revokingOwners: [Array("local".utf8)])
        #expect(fixture.refresh(opened.token, caller: strict).refusal == .clientMismatch)
        #expect(fixture.refresh(opened.token).refusal == .revoked)
        #expect(fixture.record(opened.sessionID)?.state.revocation == .clientMismatch)
    }

    // 14
    @Test func aGraceAnswerExtendsNoExpiry() throws {
        let opened = try #require(fixture.open().granted)
        let rotated = try #require(fixture.refresh(opened.token).granted)
        fixture.clocks.advance(seconds: 9)
        let retried = try #require(fixture.refresh(opened.token).granted)
        #expect(retried.refreshExpiry == rotated.refreshExpiry)
        #expect(retried.sessionExpiry == rotated.sessionExpiry)
        #expect(retried.expiresAt == rotated.expiresAt + 9)
        #expect(fixture.record(opened.sessionID)?.state.lastUsedSeconds == 1_800_000_000)
    }

    @Test func aRotationExtendsIdleAndNotAbsolute() throws {
        let opened = try #require(fixture.open().granted)
        fixture.clocks.advance(seconds: 100)
        let rotated = try #require(fixture.refresh(opened.token).granted)
        #expect(rotated.refreshExpiry == opened.refreshExpiry + 100)
        #expect(rotated.sessionExpiry == opened.sessionExpiry)
    }

    // 16
    @Test func afterAStallOfAnyLengthTheRetrySucceeds() throws {
        let journal = TestJournal(isDurableAtOnce: false)
        let fixture = StoreFixture(journal: journal)
        let opened = try #require(fixture.open().granted)
        fixture.sync()
        let rotated = try #require(fixture.refresh(opened.token).granted)
        for _ in 0..<40 {
            fixture.clocks.advance(seconds: 3_600)
            #expect(fixture.refresh(opened.token).granted?.token == rotated.token)
        }
        fixture.sync()
        fixture.clocks.advance(milliseconds: 9_999)
        #expect(fixture.refresh(opened.token).granted?.token == rotated.token)
        fixture.clocks.advance(milliseconds: 1)
        #expect(fixture.refresh(opened.token).refusal == .reused)
    }

    // 17
    @Test func noTokenIsMintedTwice() throws {
        var seen: Set<[UInt8]> = []
        for _ in 0..<50 {
            var held = try #require(fixture.open().granted)
            #expect(seen.insert(held.token).inserted)
            for _ in 0..<5 {
                held = try #require(fixture.refresh(held.token).granted)
                #expect(seen.insert(held.token).inserted)
            }
        }
    }
}
