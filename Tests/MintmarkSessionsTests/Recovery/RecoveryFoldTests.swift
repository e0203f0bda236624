import MintmarkCrypto
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkSessions

/// Snapshot and boxes put back into a store: each event once, each window from when it began.
@Suite struct RecoveryFoldTests {
    // MARK: What is applied

    @Test(arguments: 0..<20 as Range<UInt64>)
    func boxesAreTheStore(seed: UInt64) throws {
        var fixture = RecoveryFixture(isDurableAtOnce: true, seed: seed)
        var walk = StoreWalk(seed: seed)
        for step in 1...200 {
            walk.step(fixture.original)
            if step % 10 == 0, fixture.original.journal.lastLSN > .zero {
                fixture.writeClock()
            }
        }
        let (copy, fold) = try fixture.recover()
        let store = fixture.original.store
        #expect(copy.store.records.mapValues(\.journaled) == store.records.mapValues(\.journaled))
        #expect(copy.store.cutOffs.sorted == store.cutOffs.sorted)
        #expect(copy.store.forcedMarks.sorted == store.forcedMarks.sorted)
        #expect(fold.lastLSN == fixture.original.journal.lastLSN)
        #expect(fold.clocks.serviceMilliseconds == fixture.original.clocks.serviceMilliseconds)
        #expect(fold.clocks.issuedAtMax <= copy.store.cutOffs.greatestIssuedAt)
        #expect(fold.appliedCount == fixture.original.journal.events.compactMap(\.self).count)
    }

    /// The snapshot is taken shard by shard while things happen; each event counts from its shard's mark on. Tables are
    /// copied after their mark was read, so that events come twice.
    @Test(arguments: 0..<20 as Range<UInt64>, [256, 512])
    func eachEventIsAppliedOnce(seed: UInt64, shardCount: Int) throws {
        var fixture = RecoveryFixture(isDurableAtOnce: true, seed: seed)
        let store = fixture.original.store
        var walk = StoreWalk(seed: seed)
        for _ in 0..<60 {
            walk.step(fixture.original)
        }
        var encoder = SnapshotEncoder(SnapshotSample.header(), keys: StorageSamples.keys)
        var facts = SnapshotSample.facts
        facts.tablesMark = store.journal.lastLSN
        encoder.append(facts, random: SeededRandom(seed: 6))
        for number in 0..<store.shardCount {
            encoder.append(store.copyShard(number), number: number)
            walk.step(fixture.original)
        }
        encoder.append(store.cutOffs.entries)
        encoder.append(store.forcedMarks.entries)
        encoder.end()
        for _ in 0..<60 {
            walk.step(fixture.original)
        }
        fixture.writeClock()
        var limits = SessionStoreLimits()
        limits.shardCount = shardCount
        let (copy, fold) = try fixture.recover(snapshot: SnapshotSample(encoder.output), limits: limits)
        #expect(copy.store.records.mapValues(\.journaled) == store.records.mapValues(\.journaled))
        #expect(copy.store.cutOffs.sorted == store.cutOffs.sorted)
        #expect(copy.store.forcedMarks.sorted == store.forcedMarks.sorted)
        #expect(fold.skippedCount > 0)
        #expect(fold.lastLSN == store.journal.lastLSN)
    }

    @Test func eventsOfSessionsInALostTailAreIgnored() throws {
        var fixture = RecoveryFixture(isDurableAtOnce: true)
        let opened = try #require(fixture.original.open().granted)
        _ = try #require(fixture.original.refresh(opened.token).granted)
        _ = fixture.original.revoke(.session(opened.sessionID))
        fixture.write()
        // The snapshot says that it has the opening, and it has not: only the revocation leaves something.
        let facts = facts(of: SnapshotSample(of: StoreFixture().store))
        let marks = (0..<(256 * 6)).map { $0 % 6 == 5 ? UInt8(1) : 0 }
        let sample = SnapshotSample(
            plaintexts: [facts, [5] + marks, [6] + Array(repeating: 0, count: 24)],
            shardCount: 256
        )
        let (copy, fold) = try fixture.recover(snapshot: sample)
        #expect(copy.store.count == 1)
        #expect(copy.record(opened.sessionID)?.state.isTombstone == true)
        #expect(fold.skippedCount == 2, "the opening and the rotation")
        #expect(fold.appliedCount == 1)
    }

    private func facts(of sample: SnapshotSample) -> [UInt8] {
        var stream = SnapshotSample.header().stream(with: StorageSamples.keys)
        var plaintext: [UInt8] = []
        let chunk = sample.chunks[0]
        _ = stream.open(chunk.span.bytes, additionalData: sample.header.span.bytes, appendingTo: &plaintext)
        return plaintext
    }

    @Test func aSessionThatIsThereTwiceIsAContradiction() throws {
        var fixture = RecoveryFixture(isDurableAtOnce: true)
        _ = try #require(fixture.original.open().granted)
        let snapshot = SnapshotSample(of: fixture.original.store)
        let fold = RecoveryFold(into: StoreFixture().store)
        for index in 0..<2 {
            let fault = capture { () throws(StorageFormatFault) in try load(snapshot, into: fold) }
            #expect((fault?.isContradiction == true) == (index == 1))
        }
        // And an event that opens what is there.
        fixture.write()
        let fault = capture { () throws(StorageFormatFault) in _ = try fixture.recover(snapshot: doubled(snapshot)) }
        #expect(fault?.isContradiction == true)
    }

    private func load(_ snapshot: SnapshotSample, into fold: RecoveryFold) throws(StorageFormatFault) {
        var decoder = try SnapshotDecoder(header: snapshot.header.span.bytes, keys: StorageSamples.keys)
        for chunk in snapshot.chunks {
            try decoder.take(chunk.span.bytes, fold.receiver)
        }
    }

    /// The same with marks of zero, so that every event is applied on top.
    private func doubled(_ snapshot: SnapshotSample) -> SnapshotSample {
        var stream = SnapshotSample.header().stream(with: StorageSamples.keys)
        var plaintexts = snapshot.chunks.enumerated().map { index, chunk in
            var plaintext: [UInt8] = []
            let additional = index == 0 ? snapshot.header : []
            _ = stream.open(chunk.span.bytes, additionalData: additional.span.bytes, appendingTo: &plaintext)
            return plaintext
        }
        for index in plaintexts.indices where plaintexts[index][0] == 2 {
            plaintexts[index].replaceSubrange(5..<11, with: Array(repeating: 0, count: 6))
        }
        for index in plaintexts.indices where plaintexts[index][0] == 5 {
            plaintexts[index] = [5] + Array(repeating: 0, count: 256 * 6)
        }
        return SnapshotSample(plaintexts: plaintexts, shardCount: 256)
    }

    private func capture(_ body: () throws(StorageFormatFault) -> Void) -> StorageFormatFault? {
        do throws(StorageFormatFault) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test func unknownEventsAreAContradiction() {
        for kind in [0, 11, 12, 13] as [UInt8] {
            var segment = SegmentSample()
            segment.append([[10], [kind]])
            var reader = JournalSegmentReader(segment.header, tag: segment.tag, keys: StorageSamples.keys)
            guard case .box(let box) = reader.next(in: segment.bytes.span.bytes) else {
                Issue.record("no box")
                continue
            }
            var fold = RecoveryFold(into: StoreFixture().store)
            let fault = capture { () throws(StorageFormatFault) in
                try fold.apply(box, entries: reader.plaintext.span.bytes)
            }
            #expect(fault?.isContradiction == true, "kind \(kind)")
        }
    }

    // MARK: Numbers, epochs and clocks

    @Test func everythingThatIsToldCounts() throws {
        var fixture = RecoveryFixture(isDurableAtOnce: true)
        _ = fixture.original.open()
        fixture.write()
        var (_, fold) = try fixture.recover()
        #expect(fold.lastLSN == LogSequenceNumber(1))
        let clocks = fold.clocks
        fold.apply(
            StoreManifest(
                keyID: 1,
                storeID: StorageSamples.storeID,
                snapshot: .init(id: .zero, firstSegment: 1),
                snapshotTag: .zero,
                snapshotByteCount: 0,
                lastLSN: LogSequenceNumber(55),
                epoch: StoreEpoch(rawValue: 1 << 62),
                previous: nil,
                clocks: JournalClocks(
                    serviceMilliseconds: clocks.serviceMilliseconds + 5,
                    storeSeconds: clocks.storeSeconds - 5,
                    issuedAtMax: 0
                )
            )
        )
        #expect(fold.lastLSN == LogSequenceNumber(55))
        #expect(fold.epoch == StoreEpoch(rawValue: 1 << 62))
        #expect(fold.store.greatestEpoch == StoreEpoch(rawValue: 1 << 62))
        #expect(fold.clocks.serviceMilliseconds == clocks.serviceMilliseconds + 5)
        #expect(fold.clocks.storeSeconds == clocks.storeSeconds)
        #expect(fold.clocks.issuedAtMax == clocks.issuedAtMax)
    }

    @Test func theGreatestEpochIsTheStores() throws {
        var fixture = RecoveryFixture(isDurableAtOnce: true)
        let lsn = fixture.original.store.beginEpoch(wallMilliseconds: 1_900_000_000_000)
        #expect(lsn == LogSequenceNumber(1))
        fixture.write()
        let (copy, fold) = try fixture.recover()
        #expect(fold.epoch == fixture.original.store.greatestEpoch)
        #expect(copy.store.epoch == fold.epoch)
    }

    // MARK: Grace windows

    /// The window starts at the box that says that the rotation is durable, on its clock.
    @Test func aWindowStartsWhereItsAnswerWasReleased() throws {
        var fixture = RecoveryFixture()
        let original = fixture.original
        let opened = try #require(original.open().granted)
        original.sync()
        let rotated = try #require(original.refresh(opened.token).granted)
        fixture.write()
        original.clocks.advance(milliseconds: 7_000)
        original.sync()
        let released = original.clocks.serviceMilliseconds
        fixture.writeClock()
        original.clocks.advance(milliseconds: 9_000)
        fixture.writeClock()
        let (copy, _) = try fixture.recover()
        let state = try #require(copy.record(opened.sessionID)).state
        #expect(state.isRotationReleased)
        #expect(state.rotatedAtMilliseconds == released)
        #expect(state == original.record(opened.sessionID)?.state)
        copy.clocks.advance(milliseconds: 999)
        #expect(copy.refresh(opened.token).granted?.token == rotated.token)
        copy.clocks.advance(milliseconds: 1)
        #expect(copy.refresh(opened.token).refusal == .reused)
    }

    /// A box that knows of no more than what was durable before the rotation releases nothing.
    @Test func aBoxThatLagsBehindReleasesNothing() throws {
        var fixture = RecoveryFixture()
        let original = fixture.original
        let opened = try #require(original.open().granted)
        original.sync()
        let rotated = try #require(original.refresh(opened.token).granted)
        fixture.write()
        original.clocks.advance(milliseconds: 60_000)
        fixture.appendClock()
        fixture.write(durableLSN: LogSequenceNumber(1))
        let (copy, fold) = try fixture.recover()
        let state = try #require(copy.record(opened.sessionID)).state
        #expect(state.isRotationReleased, "by the end of recovery: what was read is durable")
        #expect(state.rotatedAtMilliseconds == fold.clocks.serviceMilliseconds)
        #expect(copy.refresh(opened.token).granted?.token == rotated.token)
    }

    /// After a stop of any length, the retry of an answer that never left succeeds.
    @Test func aRotationInTheLastBoxHasItsWholeWindow() throws {
        var fixture = RecoveryFixture()
        let opened = try #require(fixture.original.open().granted)
        fixture.original.sync()
        let rotated = try #require(fixture.original.refresh(opened.token).granted)
        fixture.write()
        let (copy, _) = try fixture.recover()
        copy.clocks.advance(milliseconds: 9_999)
        #expect(copy.refresh(opened.token).granted?.token == rotated.token)
        copy.clocks.advance(milliseconds: 1)
        #expect(copy.refresh(opened.token).refusal == .reused)
    }

    /// A rotation that a snapshot holds, and that was not released when it was copied.
    @Test func aSnapshotsRotationIsReleasedByTheJournal() throws {
        var fixture = RecoveryFixture()
        let original = fixture.original
        let opened = try #require(original.open().granted)
        original.sync()
        _ = try #require(original.refresh(opened.token).granted)
        let snapshot = SnapshotSample(of: original.store)
        fixture.write()
        #expect(original.record(opened.sessionID)?.state.isRotationReleased == false)
        original.clocks.advance(milliseconds: 3_000)
        original.sync()
        fixture.writeClock()
        original.clocks.advance(milliseconds: 3_000)
        fixture.writeClock()
        let (copy, _) = try fixture.recover(snapshot: snapshot)
        #expect(copy.record(opened.sessionID)?.state == original.record(opened.sessionID)?.state)
    }

    @Test func graceUsesComeBack() throws {
        var fixture = RecoveryFixture()
        let original = fixture.original
        let opened = try #require(original.open().granted)
        original.sync()
        _ = try #require(original.refresh(opened.token).granted)
        original.sync()
        for _ in 0..<3 {
            _ = original.refresh(opened.token)
        }
        fixture.write()
        fixture.writeClock()
        let (copy, _) = try fixture.recover()
        #expect(copy.record(opened.sessionID)?.state.graceUses == original.record(opened.sessionID)?.state.graceUses)
        #expect(copy.record(opened.sessionID)?.state.hasGraceAnswer == true)
    }
}
