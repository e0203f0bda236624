import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

/// The seam to the journal: what waits for what, what a failure leaves, and the store as a fold of its events.
@Suite struct JournalTests {
    // MARK: What waits

    private func waiting() -> StoreFixture {
        StoreFixture(journal: TestJournal(isDurableAtOnce: false))
    }

    @Test func everyAnswerWaitsForWhatItDependsOn() throws {
        let fixture = waiting()
        let opened = try #require(fixture.open().granted)
        #expect(opened.after == LogSequenceNumber(1))
        let rotated = try #require(fixture.refresh(opened.token).granted)
        #expect(rotated.after == LogSequenceNumber(2))
        #expect(fixture.introspect(rotated.token) == .active(after: LogSequenceNumber(2)))
        #expect(fixture.store.liveness(of: opened.sessionID, now: fixture.now) == (true, LogSequenceNumber(2)))
        fixture.sync()
        #expect(fixture.store.liveness(of: opened.sessionID, now: fixture.now) == (true, .zero))
        #expect(fixture.refresh(opened.token).granted?.after == .zero)
    }

    @Test func aGraceAnswerWaitsForTheRotationAndNotForItsOwnCount() throws {
        let fixture = waiting()
        let opened = try #require(fixture.open().granted)
        fixture.sync()
        _ = try #require(fixture.refresh(opened.token).granted)
        #expect(fixture.refresh(opened.token).granted?.after == LogSequenceNumber(2))
        #expect(fixture.journal.lastLSN == LogSequenceNumber(3))
        #expect(fixture.refresh(opened.token).granted?.after == LogSequenceNumber(2))
        #expect(fixture.journal.lastLSN == LogSequenceNumber(3), "only the first uncounted answer is written")
    }

    @Test func reuseWaitsForItsRevocation() throws {
        let fixture = waiting()
        let opened = try #require(fixture.open().granted)
        let first = try #require(fixture.refresh(opened.token).granted)
        let second = try #require(fixture.refresh(first.token).granted)
        fixture.sync()
        let rejection = try #require(fixture.refresh(opened.token).rejection)
        #expect(rejection.refusal == .reused)
        #expect(rejection.after == LogSequenceNumber(4))
        #expect(fixture.refresh(second.token).rejection?.after == LogSequenceNumber(4))
        #expect(fixture.revoke(.session(opened.sessionID)) == .done(LogSequenceNumber(4)))
        #expect(fixture.journal.entries.last?.isAlwaysSynced == true)
    }

    @Test func theWindowStartsWithTheRelease() throws {
        let fixture = waiting()
        let opened = try #require(fixture.open().granted)
        fixture.sync()
        _ = try #require(fixture.refresh(opened.token).granted)
        for _ in 0..<40 {
            #expect(fixture.refresh(opened.token).refreshOutcome == .sameSuccessor)
        }
        #expect(fixture.record(opened.sessionID)?.state.graceUses == 0)
        fixture.clocks.advance(seconds: 100)
        fixture.sync()
        fixture.clocks.advance(milliseconds: 9_999)
        for _ in 0..<16 {
            #expect(fixture.refresh(opened.token).refreshOutcome == .sameSuccessor)
        }
        #expect(fixture.refresh(opened.token).refusal == .graceExhausted)
        fixture.clocks.advance(milliseconds: 1)
        #expect(fixture.refresh(opened.token).refusal == .reused)
    }

    @Test func anOlderRotationThatBecomesDurableReleasesNoNewerOne() throws {
        let fixture = waiting()
        let opened = try #require(fixture.open().granted)
        let first = try #require(fixture.refresh(opened.token).granted)
        let second = try #require(fixture.refresh(first.token).granted)
        fixture.store.durabilityAdvanced(to: first.after, atMilliseconds: fixture.clocks.serviceMilliseconds)
        #expect(fixture.record(opened.sessionID)?.state.isRotationReleased == false)
        #expect(fixture.refresh(first.token).granted?.after == second.after)
    }

    // MARK: Failure

    @Test func nothingChangesWhenTheJournalFails() throws {
        let fixture = StoreFixture()
        let opened = try #require(fixture.open().granted)
        let before = fixture.store.records
        for appendFails in [false, true] {
            // Known before, or met only in the append itself.
            fixture.journal.isWritable = appendFails
            fixture.journal.failAppend()
            #expect(fixture.refresh(opened.token).refusal == .storage)
            fixture.journal.failAppend()
            #expect(fixture.open().refusal == .storage)
            fixture.journal.failAppend()
            #expect(fixture.force(.session(opened.sessionID)) == .refused(.storage))
            fixture.journal.failAppend()
            #expect(fixture.force(.everything(of: .all)) == .refused(.storage))
            #expect(fixture.store.records == before)
            #expect(fixture.store.count == 1)
            #expect(fixture.store.forcedMarks.count == 0)
        }
        fixture.journal.isWritable = true
        #expect(fixture.refresh(opened.token).refreshOutcome == .rotated)
    }

    @Test func aRevocationHoldsInMemoryAtOnce() throws {
        let fixture = StoreFixture()
        let opened = try #require(fixture.open().granted)
        fixture.journal.isWritable = false
        #expect(fixture.revoke(.session(opened.sessionID)) == .refused(.storage))
        #expect(fixture.revoke(.session(opened.sessionID)) == .refused(.storage), "still not durable")
        #expect(fixture.rejects(opened))
        #expect(fixture.refresh(opened.token).refusal == .storage, "told to nobody for good")
    }

    @Test func reuseIsRevokedInMemoryAtOnce() throws {
        let fixture = StoreFixture()
        let opened = try #require(fixture.open().granted)
        let first = try #require(fixture.refresh(opened.token).granted)
        let second = try #require(fixture.refresh(first.token).granted)
        fixture.journal.isWritable = false
        let rejection = try #require(fixture.refresh(opened.token).rejection)
        #expect(rejection.refusal == .storage)
        #expect(rejection.reuse?.kind == .olderGeneration)
        #expect(fixture.rejects(second))
        #expect(fixture.refresh(second.token).refusal == .storage, "told to nobody for good")
    }

    @Test func terminalAnswersWinOverTheFailure() throws {
        let fixture = StoreFixture()
        let opened = try #require(fixture.open().granted)
        fixture.journal.isWritable = false
        #expect(fixture.refresh(opened.token, caller: .client("other")).refusal == .clientMismatch)
        fixture.clocks.advance(seconds: 31 * 86_400)
        #expect(fixture.refresh(opened.token).refusal == .expired)
    }

    // MARK: Fold

    @Test(arguments: 0..<60 as Range<UInt64>)
    func theStoreIsTheFoldOfItsEvents(seed: UInt64) throws {
        let fixture = StoreFixture(journal: TestJournal(isDurableAtOnce: seed % 2 == 0), seed: seed)
        var walk = StoreWalk(seed: seed)
        for _ in 0..<200 {
            walk.step(fixture)
        }
        let copy = StoreFixture()
        for entry in fixture.journal.entries {
            let event = try #require(entry.event)
            #expect(copy.store.apply(event, at: entry.lsn) == .applied)
        }
        let records = fixture.store.records
        let copied = copy.store.records
        #expect(Set(records.keys) == Set(copied.keys))
        for (id, record) in records {
            #expect(copied[id]?.journaled == record.journaled)
            let isBehind = copied[id].map { copy in
                copy.state.lastUsedSeconds <= record.state.lastUsedSeconds
                    && copy.state.accessTokenExpirySeconds <= record.state.accessTokenExpirySeconds
            }
            #expect(isBehind == true)
        }
        #expect(fixture.store.cutOffs.sorted == copy.store.cutOffs.sorted)
        #expect(fixture.store.forcedMarks.sorted == copy.store.forcedMarks.sorted)
        #expect(copy.store.revokedCount == fixture.store.revokedCount)
    }

    /// A snapshot taken in the middle, shard by shard while the walk goes on, and the events after each mark.
    @Test(arguments: 0..<30 as Range<UInt64>)
    func aSnapshotAndTheEventsAfterItAreTheStoreToo(seed: UInt64) throws {
        let fixture = StoreFixture(seed: seed)
        var walk = StoreWalk(seed: seed)
        var shards: [SessionShardCopy] = []
        for step in 0..<300 {
            walk.step(fixture)
            if step >= 20, shards.count < fixture.store.shardCount {
                shards.append(fixture.store.copyShard(shards.count))
            }
        }
        let copy = StoreFixture()
        for shard in shards {
            shard.forEach { #expect(copy.store.load($0, at: shard.mark) == .applied) }
        }
        for entry in fixture.journal.entries {
            let event = try #require(entry.event)
            if let id = event.sessionID {
                let shard = shards[Int(truncatingIfNeeded: id.low) & (fixture.store.shardCount - 1)]
                guard entry.lsn > shard.mark else { continue }
            }
            #expect(copy.store.apply(event, at: entry.lsn) == .applied)
        }
        #expect(copy.store.records.mapValues(\.journaled) == fixture.store.records.mapValues(\.journaled))
    }

    @Test func aRevocationWithoutARecordBecomesATombstone() throws {
        let fixture = StoreFixture()
        let opened = try #require(fixture.open().granted)
        _ = fixture.revoke(.session(opened.sessionID))
        let copy = StoreFixture()
        let event = try #require(fixture.journal.events.last ?? nil)
        #expect(copy.store.apply(event, at: LogSequenceNumber(2)) == .applied)
        #expect(copy.store.count == 1)
        #expect(copy.rejects(opened))
        #expect(copy.refresh(opened.token).refusal == .revoked)
        #expect(copy.introspect(opened.token) == .inactive(.revoked, after: .zero))
        let tombstone = try #require(copy.record(opened.sessionID))
        var bytes: [UInt8] = []
        tombstone.encode(appendingTo: &bytes)
        #expect(SessionRecord(decoding: bytes.span.bytes) == tombstone)
        copy.clocks.advance(seconds: 600)
        #expect(copy.store.sweep(steps: 300_000, now: copy.now) == 1)
        #expect(!copy.rejects(opened))
    }

    @Test func recoveryTellsContradictionsFromWhatWasLost() throws {
        let fixture = StoreFixture()
        let opened = try #require(fixture.open().granted)
        _ = try #require(fixture.refresh(opened.token).granted)
        let events = fixture.journal.events.compactMap(\.self)
        let copy = StoreFixture()
        #expect(copy.store.apply(events[1], at: LogSequenceNumber(2)) == .ignored)
        #expect(copy.store.apply(events[0], at: LogSequenceNumber(1)) == .applied)
        #expect(copy.store.apply(events[0], at: LogSequenceNumber(1)) == .contradiction)
        #expect(copy.store.apply(events[1], at: LogSequenceNumber(2)) == .applied)
        #expect(copy.store.apply(events[1], at: LogSequenceNumber(2)) == .contradiction)
    }
}

extension SessionRecord {
    /// Without what may be ahead of the journal.
    var journaled: SessionRecord {
        var record = self
        record.state.lastUsedSeconds = 0
        record.state.accessTokenExpirySeconds = 0
        // A release is no event: recovery is told how far the events were durable.
        record.state.isRotationReleased = true
        record.state.rotatedAtMilliseconds = 0
        return record
    }
}

extension SessionEvent {
    var sessionID: SessionID? {
        switch self {
        case .opened(let record): record.state.id
        case .changed(let id, _): id
        case .cutOff, .forced, .epochTaken: nil
        }
    }
}

extension CutOffTable {
    var sorted: [CutOff] {
        entries.map(\.cutOff).sorted { $0.lsn < $1.lsn }
    }
}

extension ForcedRotationMarks {
    var sorted: [LogSequenceNumber] {
        entries.map(\.lsn).sorted()
    }
}
