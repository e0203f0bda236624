import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

/// Revocation by subject, client and all: sessions by the journal's order, access tokens by time (invariant 15).
@Suite struct CutOffTests {
    let fixture = StoreFixture()

    static let targets: [SessionTarget] = [.subject(Array("alice".utf8)), .client(Array("local".utf8)), .all]

    private func issueTime(_ subject: String = "alice", _ client: String = "local") -> UInt64 {
        let subject = Array(subject.utf8)
        let client = Array(client.utf8)
        return fixture.store.cutOffs.issueTime(
            subject: subject.span.bytes,
            client: client.span.bytes,
            wallSeconds: fixture.clocks.wallSeconds
        )
    }

    @Test(arguments: targets)
    func whatWasIssuedBeforeFailsAndWhatIsIssuedAfterVerifies(_ target: SessionTarget) throws {
        let before = try #require(fixture.open().granted)
        let refreshed = try #require(fixture.refresh(before.token).granted)
        #expect(!fixture.rejects(before))
        #expect(!fixture.rejects(refreshed))
        #expect(fixture.revoke(.everything(of: target)) == .done(fixture.journal.lastLSN))
        #expect(fixture.rejects(before))
        #expect(fixture.rejects(refreshed))
        #expect(fixture.refresh(refreshed.token).refusal == .revoked)

        // In the same second.
        let after = try #require(fixture.open().granted)
        #expect(after.issuedAt == fixture.clocks.wallSeconds + 1)
        #expect(!fixture.rejects(after))
        let next = try #require(fixture.refresh(after.token).granted)
        #expect(!fixture.rejects(next))
        #expect(next.issuedAt == fixture.clocks.wallSeconds + 1)
    }

    @Test func manyInOneSecondEachTakeTheirOwn() throws {
        for number in 1...5 {
            let granted = try #require(fixture.open().granted)
            #expect(granted.issuedAt == fixture.clocks.wallSeconds + UInt64(number) - 1)
            _ = fixture.revoke(.everything(of: .subject(granted.subject)))
            #expect(fixture.rejects(granted))
        }
        fixture.clocks.advance(seconds: 60)
        #expect(issueTime() == fixture.clocks.wallSeconds)
    }

    @Test func othersAreNotConcerned() throws {
        let alice = try #require(fixture.open().granted)
        let bob = try #require(fixture.open(subject: "bob").granted)
        _ = fixture.revoke(.everything(of: .subject(alice.subject)))
        #expect(!fixture.rejects(bob))
        #expect(fixture.refresh(bob.token).refreshOutcome == .rotated)
        // A client of the name of a subject is somebody else.
        _ = fixture.revoke(.everything(of: .client(bob.subject)))
        #expect(!fixture.rejects(bob))
        #expect(fixture.refresh(bob.token).refreshOutcome == .sameSuccessor)
    }

    @Test func aClockThatWentBackDoesNotSaveATokenIssuedBefore() throws {
        let granted = try #require(fixture.open().granted)
        fixture.clocks.wallSeconds -= 3_600
        _ = fixture.revoke(.everything(of: .all))
        #expect(fixture.rejects(granted))
        #expect(issueTime() == granted.issuedAt + 1)
    }

    @Test func tokensOfAnEarlierLifeFallUnderIt() {
        let fixture = StoreFixture()
        let table = CutOffTable(countMax: 1, issuedAtMax: 5_000, random: SeededRandom(seed: 1))
        _ = table.cutOff(.all, storeSeconds: 10, journal: fixture.journal) { 100 }
        let subject = Array("alice".utf8)
        let rejects = { table.rejects(subject: subject.span.bytes, client: subject.span.bytes, issuedAt: $0) }
        #expect(rejects(5_000))
        #expect(!rejects(5_001))
    }

    @Test(arguments: [1, 3])
    func aFullTableRefusesAndEvictsNothing(countMax: Int) throws {
        var limits = SessionStoreLimits()
        limits.cutOffCountMax = countMax
        let fixture = StoreFixture(limits: limits)
        let granted = try #require(fixture.open().granted)
        _ = fixture.revoke(.everything(of: .subject(granted.subject)))
        for number in 1..<countMax {
            #expect(fixture.revoke(.everything(of: .subject([UInt8(number)]))) != .refused(.cutOffsFull))
        }
        #expect(fixture.revoke(.everything(of: .subject([UInt8(countMax)]))) == .refused(.cutOffsFull))
        #expect(fixture.revoke(.everything(of: .subject(granted.subject))) != .refused(.cutOffsFull))
        #expect(fixture.rejects(granted))
        #expect(fixture.store.cutOffs.count == countMax)
    }

    @Test(arguments: [(-1 as Int64, true), (0, false), (1, false)])
    func anEntryStaysUntilNoSessionCanFallUnderIt(offset: Int64, stays: Bool) throws {
        let limits = fixture.store.limits
        let granted = try #require(fixture.open().granted)
        _ = fixture.revoke(.everything(of: .subject(granted.subject)))
        let retention =
            Int64(limits.absoluteSecondsMax) + Int64(ClientPolicy.accessTokenTTLSecondsMax)
            + Int64(limits.leewaySeconds)
        fixture.clocks.advance(seconds: UInt64(retention + offset))
        for _ in 0..<fixture.store.cutOffs.sweepStepCount {
            fixture.store.sweep(steps: 1, now: fixture.now)
        }
        #expect((fixture.store.cutOffs.count == 1) == stays)
    }

    @Test func holdsInMemoryWhenTheJournalFails() throws {
        let granted = try #require(fixture.open().granted)
        fixture.journal.isWritable = false
        #expect(fixture.revoke(.everything(of: .subject(granted.subject))) == .refused(.storage))
        #expect(fixture.rejects(granted))
        #expect(fixture.refresh(granted.token).refusal == .revoked)
        fixture.journal.isWritable = true
        let after = try #require(fixture.open().granted)
        #expect(fixture.refresh(after.token).refreshOutcome == .rotated)
        #expect(!fixture.rejects(after))
    }

    @Test func theAnswerOfASessionThatIsCutOffWaitsForTheCutOff() throws {
        let fixture = StoreFixture(journal: TestJournal(isDurableAtOnce: false))
        let granted = try #require(fixture.open().granted)
        fixture.sync()
        guard case .done(let lsn) = fixture.revoke(.everything(of: .all)) else {
            Issue.record("not revoked")
            return
        }
        #expect(fixture.refresh(granted.token).rejection?.after == lsn)
        #expect(fixture.store.liveness(of: granted.sessionID, now: fixture.now) == (false, lsn))
        #expect(fixture.introspect(granted.token) == .inactive(.revoked, after: lsn))
    }

    @Test func theOldAccessTokenOutlivesARefreshAndNotItsSession() throws {
        let opened = try #require(fixture.open().granted)
        let other = try #require(fixture.open().granted)
        _ = fixture.refresh(opened.token)
        #expect(!fixture.rejects(opened))
        _ = fixture.revoke(.session(opened.sessionID))
        #expect(fixture.rejects(opened))
        #expect(!fixture.rejects(other))
    }
}
