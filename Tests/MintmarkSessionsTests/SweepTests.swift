import MintmarkSessions
import MintmarkSessionsTestSupport
import MintmarkTestSupport
import Testing

@Suite struct SweepTests {
    let fixture = StoreFixture()

    @Test(arguments: [(-1 as Int64, 0), (0, 1), (1, 1)])
    func anExpiredSessionGoesAtItsExpiry(offset: Int64, removed: Int) throws {
        _ = try #require(fixture.open(caller: .client { $0.idleSeconds = 5_000 }).granted)
        fixture.clocks.advance(seconds: UInt64(5_000 + offset))
        #expect(fixture.store.sweep(steps: 300_000, now: fixture.now) == removed)
        #expect(fixture.store.count == 1 - removed)
    }

    @Test(arguments: [(-1 as Int64, 0), (0, 1), (1, 1)])
    func aRevokedOneIsKeptUntilNoAccessTokenOfItCanLive(offset: Int64, removed: Int) throws {
        let opened = try #require(fixture.open().granted)
        fixture.clocks.advance(seconds: 50)
        _ = fixture.revoke(.session(opened.sessionID))
        fixture.clocks.advance(seconds: UInt64(300 + 300 + offset))
        #expect(fixture.store.sweep(steps: 300_000, now: fixture.now) == removed)
        #expect(fixture.rejects(opened) == (removed == 0))
        #expect(fixture.refresh(opened.token).refusal == (removed == 0 ? .revoked : .unknown))
    }

    @Test func aRevocationOutlivesAWallClockThatIsBehind() throws {
        let opened = try #require(fixture.open().granted)
        _ = fixture.revoke(.session(opened.sessionID))
        fixture.clocks.storeSeconds += 100_000
        #expect(fixture.store.sweep(steps: 300_000, now: fixture.now) == 0)
        #expect(fixture.rejects(opened))
    }

    /// A wall clock that was an hour ahead for a minute brings nothing back that was revoked.
    @Test func aRevocationOutlivesAWallClockThatWasAheadForAWhile() throws {
        let opened = try #require(fixture.open().granted)
        _ = fixture.revoke(.session(opened.sessionID))
        _ = fixture.revoke(.everything(of: .subject(Array("subject".utf8))))
        fixture.clocks.wallSeconds += 3_600
        fixture.clocks.storeSeconds += 3_600
        fixture.clocks.advance(seconds: 60)
        #expect(fixture.store.sweep(steps: 300_000, now: fixture.now) == 0)
        fixture.clocks.wallSeconds -= 3_600
        #expect(fixture.rejects(opened))
        fixture.clocks.advance(seconds: 539)
        #expect(fixture.store.sweep(steps: 300_000, now: fixture.now) == 0)
        fixture.clocks.advance(seconds: 1)
        #expect(fixture.store.sweep(steps: 300_000, now: fixture.now) == 1)
    }

    /// A jump of the wall clock that store time does not follow must not make the store keep what is over.
    @Test func accessTokensOfAWallClockFarAheadExpireByIt() throws {
        fixture.clocks.wallSeconds += 10 * 365 * 86_400
        let caller = SessionCaller.client { $0.idleSeconds = 5_000 }
        _ = try #require(fixture.open(caller: caller).granted)
        let revoked = try #require(fixture.open(caller: caller).granted)
        _ = fixture.revoke(.session(revoked.sessionID))
        // Seen, and from now on believed once it has stayed so.
        #expect(fixture.store.sweep(steps: 300_000, now: fixture.now) == 0)
        fixture.clocks.advance(seconds: 599)
        #expect(fixture.store.sweep(steps: 300_000, now: fixture.now) == 0)
        fixture.clocks.advance(seconds: 1)
        #expect(fixture.store.sweep(steps: 300_000, now: fixture.now) == 1)
        fixture.clocks.advance(seconds: 4_399)
        #expect(fixture.store.sweep(steps: 300_000, now: fixture.now) == 0)
        fixture.clocks.advance(seconds: 1)
        #expect(fixture.store.sweep(steps: 300_000, now: fixture.now) == 1)
    }

    @Test func expiredSessionIsKeptWhileAnAccessTokenOfItMayLive() throws {
        _ = try #require(fixture.open(caller: .client { $0.idleSeconds = 300 }).granted)
        fixture.clocks.storeSeconds += 100_000
        fixture.clocks.advance(seconds: 599)
        #expect(fixture.store.sweep(steps: 300_000, now: fixture.now) == 0)
        fixture.clocks.advance(seconds: 1)
        #expect(fixture.store.sweep(steps: 300_000, now: fixture.now) == 1)
    }

    @Test func goesRoundInSmallSteps() throws {
        for _ in 0..<500 {
            _ = try #require(fixture.open(caller: .client { $0.idleSeconds = 1_000 }).granted)
        }
        fixture.clocks.advance(seconds: 1_000)
        var calls = 0
        while fixture.store.count > 0, calls < 100_000 {
            #expect(fixture.store.sweep(steps: 64, now: fixture.now) <= 64)
            calls += 1
        }
        #expect(fixture.store.count == 0)
        #expect(calls > 100)
    }

    /// Sessions of every size come, grow, shrink and go, in few shards' worth of memory: the packed store against a
    /// dictionary.
    @Test(arguments: 0..<2 as Range<UInt64>)
    func packedSessionsAreWhatWasPutIn(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = StoreFixture(journal: TestJournal(keepsEntries: false), seed: seed)
        var model: [SessionID: [UInt8]] = [:]
        var tokens: [SessionID: [UInt8]] = [:]
        let caller = SessionCaller.client {
            $0.idleSeconds = 2_000
            $0.context = .rotate
        }
        for round in 0..<4 {
            for _ in 0..<600 {
                let claimsByteCount = [0, 3, 64, 700, 4_096].randomElement(using: &generator) ?? 0
                let claims = String(repeating: "c", count: claimsByteCount)
                let subject = String(repeating: "s", count: Int.random(in: 1...256, using: &generator))
                let opened = try #require(fixture.open(subject: subject, claims: claims, caller: caller).granted)
                model[opened.sessionID] = opened.subject + opened.claims
                tokens[opened.sessionID] = opened.token
            }
            // A context makes slots grow, its absence makes them shrink.
            for id in model.keys.sorted(by: { $0.high < $1.high }) where Bool.random(using: &generator) {
                let context = Bool.random(using: &generator) ? "home" : nil
                let token = try #require(tokens[id])
                let granted = try #require(fixture.refresh(token, context: context, caller: caller).granted)
                tokens[id] = granted.token
                #expect(granted.subject + granted.claims == model[id])
            }
            fixture.clocks.advance(seconds: round % 2 == 0 ? 400 : 1_700)
            fixture.store.sweep(steps: 300_000, now: fixture.now)
            let records = fixture.store.records
            model = model.filter { records[$0.key] != nil }
            #expect(records.count == model.count)
            for (id, record) in records {
                #expect(record.state.expirySeconds > fixture.clocks.storeSeconds)
                #expect(model[id] == record.terms.subject + record.terms.claims)
            }
        }
    }

    @Test func aSnapshotOfAShardStaysAsItWas() throws {
        let held = try (0..<300).map { _ in try #require(fixture.open().granted) }
        let before = fixture.store.records
        let copies = (0..<fixture.store.shardCount).map { fixture.store.copyShard($0) }
        for granted in held {
            _ = fixture.refresh(granted.token)
            _ = fixture.open()
        }
        var copied: [SessionID: SessionRecord] = [:]
        for copy in copies {
            copy.forEach { copied[$0.state.id] = $0 }
        }
        #expect(copied == before)
        #expect(copies.map(\.count).reduce(0, +) == 300)
    }
}
