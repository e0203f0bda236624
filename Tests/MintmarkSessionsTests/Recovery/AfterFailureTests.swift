import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkSessions

/// What was revoked while the journal could not be written to, and is written once it can be again.
@Suite struct AfterFailureTests {
    private let fixture = StoreFixture()

    private func journalHeld() -> Bool {
        fixture.store.journalHeldRevocations(now: fixture.now)
    }

    @Test func nothingIsWrittenWhereNothingIsHeld() throws {
        let opened = try #require(fixture.open().granted)
        _ = fixture.revoke(.session(opened.sessionID))
        _ = fixture.revoke(.everything(of: .all))
        let count = fixture.journal.entries.count
        #expect(journalHeld())
        #expect(fixture.journal.entries.count == count)
    }

    @Test func heldRevocationsAreWrittenOnce() throws {
        let sessions = try (0..<5).map { _ in try #require(fixture.open().granted) }
        fixture.journal.isWritable = false
        for session in sessions.prefix(3) {
            #expect(fixture.revoke(.session(session.sessionID)) == .refused(.storage))
        }
        #expect(!journalHeld(), "it still cannot be written to")
        fixture.journal.isWritable = true
        let before = fixture.journal.entries.count
        #expect(journalHeld())
        let written = fixture.journal.entries.dropFirst(before).compactMap(\.event)
        #expect(Set(written.compactMap(\.sessionID)) == Set(sessions.prefix(3).map(\.sessionID)))
        #expect(written.count == 3)
        #expect(fixture.journal.entries.dropFirst(before).allSatisfy { $0.isAlwaysSynced })
        #expect(journalHeld())
        #expect(fixture.journal.entries.count == before + 3)
        let copy = StoreFixture()
        for entry in fixture.journal.entries {
            let event = try #require(entry.event)
            #expect(copy.store.apply(event, at: entry.lsn) == .applied)
        }
        for (index, session) in sessions.enumerated() {
            #expect(copy.rejects(session) == (index < 3))
        }
    }

    /// A failure in the middle leaves the rest held, for the next time.
    @Test func whatCannotBeWrittenStaysHeld() throws {
        let sessions = try (0..<4).map { _ in try #require(fixture.open().granted) }
        fixture.journal.isWritable = false
        for session in sessions {
            _ = fixture.revoke(.session(session.sessionID))
        }
        fixture.journal.isWritable = true
        fixture.journal.failAppend(after: 2)
        let before = fixture.journal.entries.count
        #expect(!journalHeld())
        #expect(fixture.journal.entries.count == before + 2)
        #expect(journalHeld())
        #expect(fixture.journal.entries.count == before + 4)
        let written = fixture.journal.entries.dropFirst(before).compactMap { $0.event?.sessionID }
        #expect(Set(written) == Set(sessions.map(\.sessionID)))
    }

    @Test func aHeldReuseVerdictKeepsItsReason() throws {
        let opened = try #require(fixture.open().granted)
        let first = try #require(fixture.refresh(opened.token).granted)
        _ = try #require(fixture.refresh(first.token).granted)
        fixture.journal.isWritable = false
        #expect(fixture.refresh(opened.token).refusal == .storage)
        fixture.journal.isWritable = true
        #expect(journalHeld())
        guard case .changed(_, .revoked(let reason, _))? = fixture.journal.entries.last?.event else {
            Issue.record("no revocation was written")
            return
        }
        #expect(reason == .reuse)
    }

    /// Revoking once more while the journal works writes it too.
    @Test func aRepeatedRevocationWritesWhatIsHeld() throws {
        let opened = try #require(fixture.open().granted)
        fixture.journal.isWritable = false
        _ = fixture.revoke(.session(opened.sessionID))
        fixture.journal.isWritable = true
        #expect(fixture.revoke(.session(opened.sessionID)) == .done(.zero))
        let count = fixture.journal.entries.count
        #expect(count == 2, "the opening and the revocation")
        #expect(journalHeld())
        #expect(fixture.journal.entries.count == count)
    }

    @Test func heldCutOffsAreWrittenOnce() throws {
        let opened = try #require(fixture.open().granted)
        fixture.journal.isWritable = false
        #expect(fixture.revoke(.everything(of: .subject(Array("alice".utf8)))) == .refused(.storage))
        #expect(fixture.revoke(.everything(of: .all)) == .refused(.storage))
        #expect(fixture.refresh(opened.token).refusal == .revoked)
        #expect(!journalHeld())
        fixture.journal.isWritable = true
        let before = fixture.journal.entries.count
        #expect(journalHeld())
        #expect(fixture.journal.entries.count == before + 2)
        #expect(journalHeld())
        #expect(fixture.journal.entries.count == before + 2)
        let copy = StoreFixture()
        for entry in fixture.journal.entries {
            let event = try #require(entry.event)
            #expect(copy.store.apply(event, at: entry.lsn) == .applied)
        }
        #expect(copy.refresh(opened.token).refusal == .revoked)
        #expect(copy.store.cutOffs.sorted == fixture.store.cutOffs.sorted)
    }

    /// A snapshot holds them as well: the way back may rest on it alone.
    @Test func whatIsHeldIsInASnapshot() throws {
        let sessions = try (0..<2).map { _ in try #require(fixture.open().granted) }
        fixture.journal.isWritable = false
        _ = fixture.revoke(.session(sessions[0].sessionID))
        _ = fixture.revoke(.everything(of: .client(Array("local".utf8))))
        let content = try SnapshotSample(of: fixture.store).read()
        #expect(content.records[sessions[0].sessionID]?.state.revocation == .requested)
        let cutOff = try #require(content.cutOffs[.client(Array("local".utf8))])
        #expect(cutOff.lsn > fixture.journal.lastLSN, "it is behind every session that was opened")
    }
}
