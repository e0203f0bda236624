import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

/// A store that came back from an older state: clients are ahead of it (invariants 9 and 17).
@Suite struct RestoreTests {
    static let later = StoreEpoch(rawValue: 2_000 << 20)

    /// A store at `epoch` with the records that another had.
    private func restored(_ records: [SessionRecord], epoch: StoreEpoch = later, seed: UInt64 = 8) -> StoreFixture {
        let fixture = StoreFixture(epoch: epoch, seed: seed)
        for record in records {
            #expect(fixture.store.load(record, at: .zero) == .applied)
        }
        return fixture
    }

    @Test func aHolderAheadIsTakenForwardOnce() throws {
        let before = StoreFixture()
        let opened = try #require(before.open().granted)
        let backup = Array(before.store.records.values)
        let first = try #require(before.refresh(opened.token).granted)
        let newest = try #require(before.refresh(first.token).granted)

        let fixture = restored(backup)
        #expect(fixture.introspect(newest.token) == .active(after: .zero))
        #expect(fixture.grant.outcome == .fastForward)
        let forwarded = try #require(fixture.refresh(newest.token).granted)
        #expect(forwarded.outcome == .fastForward)
        #expect(forwarded.generation == TokenGeneration(epoch: Self.later, number: 3))
        #expect(fixture.refresh(newest.token).granted?.token == forwarded.token)
        #expect(fixture.refresh(first.token).refusal == .reused)
        #expect(fixture.refresh(forwarded.token).refusal == .revoked)
    }

    @Test func onceTheStoresCurrentTokenWasUsedAHolderAheadIsReuse() throws {
        let before = StoreFixture()
        let caller = SessionCaller.client { $0.rotation = .never }
        let opened = try #require(before.open(caller: caller).granted)
        let backup = Array(before.store.records.values)
        let newest = try #require(before.refresh(opened.token).granted)

        let fixture = restored(backup)
        #expect(fixture.refresh(opened.token, caller: caller).refreshOutcome == .unchanged)
        #expect(fixture.refresh(newest.token, caller: caller).rejection?.reuse?.kind == .olderGeneration)
    }

    @Test func aGraceAnswerDoesNotCountAsTouched() throws {
        let before = StoreFixture()
        let opened = try #require(before.open().granted)
        let first = try #require(before.refresh(opened.token).granted)
        let backup = Array(before.store.records.values)
        let newest = try #require(before.refresh(first.token).granted)

        let fixture = restored(backup)
        #expect(fixture.refresh(opened.token).refreshOutcome == .sameSuccessor)
        #expect(fixture.refresh(newest.token).refreshOutcome == .fastForward)
    }

    @Test func aTokenOfTheStoresEpochOrLaterMakesItTakeAnother() throws {
        let before = StoreFixture(epoch: Self.later)
        let opened = try #require(before.open().granted)
        let backup = Array(before.store.records.values)
        let newest = try #require(before.refresh(opened.token).granted)

        // The same epoch, and an older one: the store's clock is behind as well.
        for epoch in [Self.later, StoreEpoch(rawValue: 1_500 << 20)] {
            let fixture = restored(backup, epoch: epoch)
            let forwarded = try #require(fixture.refresh(newest.token).granted)
            #expect(forwarded.outcome == .fastForward)
            #expect(forwarded.generation.epoch > Self.later)
            #expect(fixture.store.epoch == forwarded.generation.epoch)
            let kinds = fixture.journal.events.compactMap(\.self)
            #expect(kinds.first == .epochTaken(fixture.store.epoch))
        }
    }

    @Test func theNewEpochIsDurableBeforeItMintsAnything() throws {
        let before = StoreFixture(epoch: Self.later)
        let opened = try #require(before.open().granted)
        let backup = Array(before.store.records.values)
        let newest = try #require(before.refresh(opened.token).granted)

        let fixture = StoreFixture(epoch: Self.later, journal: TestJournal(isDurableAtOnce: false), seed: 9)
        for record in backup {
            _ = fixture.store.load(record, at: .zero)
        }
        #expect(fixture.refresh(newest.token) == .again(after: LogSequenceNumber(1)))
        #expect(fixture.refresh(newest.token) == .again(after: LogSequenceNumber(1)), "one epoch is enough")
        #expect(fixture.store.epoch == Self.later)
        #expect(fixture.introspect(newest.token) == .active(after: .zero))
        #expect(fixture.grant.outcome == .fastForward)
        fixture.sync()
        #expect(fixture.refresh(newest.token).refreshOutcome == .fastForward)
        #expect(fixture.store.epoch > Self.later)
    }

    @Test func withoutAJournalNoEpochIsTaken() throws {
        let before = StoreFixture(epoch: Self.later)
        let opened = try #require(before.open().granted)
        let backup = Array(before.store.records.values)
        let newest = try #require(before.refresh(opened.token).granted)
        let fixture = restored(backup, epoch: Self.later)
        fixture.journal.isWritable = false
        #expect(fixture.refresh(newest.token).refusal == .storage)
        #expect(fixture.store.epoch == Self.later)
    }

    /// Two holders, one restored store: with counters alone the second rotation would mint the first's live token.
    @Test func aRestoredStoreMintsNoTokenASecondTime() throws {
        let before = StoreFixture()
        let opened = try #require(before.open().granted)
        let backup = Array(before.store.records.values)
        let first = try #require(before.refresh(opened.token).granted)
        let fixture = restored(backup)
        let second = try #require(fixture.refresh(opened.token).granted)
        #expect(second.generation.number == first.generation.number)
        #expect(second.token != first.token)
        #expect(fixture.refresh(first.token).refusal == .reused)
    }

    @Test func aTokenWhoseKeyIsNoLongerHonouredIsInvalid() throws {
        let before = StoreFixture()
        let opened = try #require(before.open().granted)
        let backup = Array(before.store.records.values)
        let codec = RefreshTokenCodec(keys: [
            RefreshTokenKey(id: 1, firstEpoch: StoreEpoch(rawValue: 0), master: nil),
            RefreshTokenKey(id: 2, firstEpoch: Self.later, master: StoreFixture.master),
        ])
        let fixture = StoreFixture(epoch: Self.later, codec: codec)
        for record in backup {
            _ = fixture.store.load(record, at: .zero)
        }
        #expect(fixture.refresh(opened.token).refusal == .invalid)
    }

    @Test func aNewKeyLogsNobodyOut() throws {
        let before = StoreFixture()
        let opened = try #require(before.open().granted)
        let backup = Array(before.store.records.values)
        let codec = RefreshTokenCodec(keys: [
            RefreshTokenKey(id: 1, firstEpoch: StoreEpoch(rawValue: 0), master: StoreFixture.master),
            RefreshTokenKey(id: 2, firstEpoch: Self.later, master: StoreFixture.master),
        ])
        let fixture = StoreFixture(epoch: Self.later, codec: codec)
        for record in backup {
            _ = fixture.store.load(record, at: .zero)
        }
        let never = SessionCaller.client { $0.rotation = .never }
        #expect(fixture.refresh(opened.token, caller: never).granted?.token == opened.token)
        let rotated = try #require(fixture.refresh(opened.token).granted)
        #expect(rotated.outcome == .rotated)
        #expect(fixture.refresh(opened.token).granted?.token == rotated.token)
    }
}
