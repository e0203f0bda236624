import MintmarkCrypto
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkSessions

/// Snapshots as bytes: what was put in comes out, and nothing else is read.
@Suite struct SnapshotTests {
    private func busyStore(_ seed: UInt64) -> StoreFixture {
        let fixture = StoreFixture(seed: seed)
        var walk = StoreWalk(seed: seed)
        for _ in 0..<300 {
            walk.step(fixture)
        }
        return fixture
    }

    @Test func anEmptyStoreHasASnapshot() throws {
        let sample = SnapshotSample(of: StoreFixture().store)
        #expect(sample.chunks.count == 3, "facts, marks, end")
        let content = try sample.read()
        #expect(content.isComplete)
        #expect(content.counts == SnapshotCounts())
        #expect(content.facts?.epoch == SnapshotSample.facts.epoch)
        #expect(content.facts?.clocks == SnapshotSample.facts.clocks)
        #expect(content.facts?.tablesMark == SnapshotSample.facts.tablesMark)
        #expect(content.marks.tables == SnapshotSample.facts.tablesMark)
        #expect(content.marks.shards == Array(repeating: .zero, count: 256))
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func everythingComesBack(seed: UInt64) throws {
        let store = busyStore(seed).store
        let content = try SnapshotSample(of: store).read()
        #expect(content.isComplete)
        #expect(content.records == store.records)
        #expect(content.counts.sessions == store.count)
        #expect(content.counts.cutOffs == store.cutOffs.count)
        #expect(content.counts.forcedRotations == store.forcedMarks.count)
        #expect(
            content.cutOffs == Dictionary(uniqueKeysWithValues: store.cutOffs.entries.map { ($0.target, $0.cutOff) })
        )
        let marks = store.forcedMarks.entries.map { ($0.target, $0.lsn) }
        #expect(content.forcedRotations == Dictionary(uniqueKeysWithValues: marks))
        for (id, mark) in content.recordMarks {
            #expect(content.marks.shard(of: id) == mark)
        }
        #expect(content.marks.shards.allSatisfy { $0 == store.journal.lastLSN })
    }

    @Test func marksAreThoseOfEachCopy() throws {
        let fixture = StoreFixture()
        var encoder = SnapshotEncoder(SnapshotSample.header(), keys: StorageSamples.keys)
        encoder.append(SnapshotSample.facts, random: SeededRandom(seed: 6))
        var records: [SessionID: SessionRecord] = [:]
        for number in 0..<256 {
            _ = try #require(fixture.open().granted)
            let copy = fixture.store.copyShard(number)
            copy.forEach { records[$0.state.id] = $0 }
            encoder.append(copy, number: number)
        }
        encoder.end()
        let content = try SnapshotSample(encoder.output).read()
        #expect(content.marks.shards.map(\.rawValue) == Array(1...256))
        #expect(content.marks.least == LogSequenceNumber(1))
        #expect(content.marks.greatest == LogSequenceNumber(256))
        #expect(content.records == records)
        #expect(content.counts.sessions < 256, "those opened behind their shard's copy are not in it")
    }

    // MARK: Chunks

    /// Claims of 4 kB each: sixteen to a chunk.
    @Test func aShardTakesAsManyChunksAsItNeeds() throws {
        let fixture = StoreFixture()
        let opened = try #require(fixture.open().granted)
        let sample = try #require(fixture.record(opened.sessionID))
        let terms = SessionTerms(
            client: sample.terms.client,
            subject: sample.terms.subject,
            audience: sample.terms.audience,
            claims: Array(repeating: 1, count: 4_000)
        )
        for number in 0..<40 as Range<UInt64> {
            let state = SessionState(
                opening: SessionID(high: 1, low: number << 8),
                epoch: sample.state.current.epoch,
                createdSeconds: 1,
                idleExpirySeconds: 2,
                absoluteExpirySeconds: 3,
                rotatedAtMilliseconds: 4
            )
            let record = SessionRecord(state: state, terms: terms)
            #expect(fixture.store.load(record, at: .zero) == .applied)
        }
        var encoder = SnapshotEncoder(SnapshotSample.header(), keys: StorageSamples.keys)
        encoder.append(SnapshotSample.facts, random: SeededRandom(seed: 6))
        let copy = fixture.store.copyShard(0)
        encoder.append(copy, number: 0)
        encoder.end()
        let snapshot = SnapshotSample(encoder.output)
        #expect(snapshot.chunks.count == 6, "facts, three of the shard, marks, end")
        for chunk in snapshot.chunks {
            #expect(SnapshotFormat.sealedByteCounts.contains(chunk.count))
        }
        #expect(try snapshot.read().counts.sessions == copy.count)
    }

    /// Cut-offs and forced rotations of subjects of 256 bytes, and the marks of 65 536 shards, take several chunks, too.
    @Test func tablesAndMarksTakeAsManyChunksAsTheyNeed() throws {
        let header = SnapshotSample.header(shardCount: 65_536)
        var encoder = SnapshotEncoder(header, keys: StorageSamples.keys)
        encoder.append(SnapshotSample.facts, random: SeededRandom(seed: 6))
        let targets = (0..<600).map { number in
            SessionTarget.subject(Array("\(number) ".utf8) + Array(repeating: 1, count: 256 - "\(number) ".utf8.count))
        }
        encoder.append(
            targets.map { (target: $0, cutOff: CutOff(lsn: .max, facts: .init(issuedAtMax: 1, storeSeconds: 2))) }
        )
        encoder.append(targets.map { (target: $0, lsn: LogSequenceNumber.max, storeSeconds: UInt64(3)) })
        encoder.end()
        let sample = SnapshotSample(encoder.output)
        #expect(sample.chunks.count == 1 + 3 + 3 + 7 + 1)
        let content = try sample.read()
        #expect(content.counts.cutOffs == 600)
        #expect(Set(content.cutOffs.keys) == Set(targets))
        #expect(Set(content.forcedRotations.keys) == Set(targets))
        #expect(content.marks.shards.count == 65_536)
    }

    @Test func theEncoderGivesItsOutputPieceByPiece() throws {
        let store = busyStore(3).store
        let whole = SnapshotSample(of: store)
        var encoder = SnapshotEncoder(SnapshotSample.header(), keys: StorageSamples.keys)
        var bytes: [UInt8] = []
        func drain(_ encoder: inout SnapshotEncoder) {
            bytes += encoder.output
            encoder.removeOutput()
        }
        encoder.append(SnapshotSample.facts, random: SeededRandom(seed: 6))
        drain(&encoder)
        for number in 0..<store.shardCount {
            encoder.append(store.copyShard(number), number: number)
            drain(&encoder)
        }
        encoder.append(store.cutOffs.entries)
        drain(&encoder)
        encoder.append(store.forcedMarks.entries)
        encoder.end()
        drain(&encoder)
        #expect(encoder.output.isEmpty)
        let pieces = SnapshotSample(bytes)
        #expect(pieces.header == whole.header)
        #expect(pieces.chunks.map(\.count) == whole.chunks.map(\.count))
        let counts = try whole.read().counts
        #expect(try pieces.read().counts == counts)
    }

    // MARK: What is refused

    @Test func otherKeysAndOtherStoresAreRefused() {
        var sample = SnapshotSample(of: StoreFixture().store)
        #expect(sample.fault() == nil)
        #expect(sample.fault(keys: StorageSamples.otherKeys) == .notAuthentic)
        #expect(sample.fault(keys: StorageSamples.nextKeys) == .otherKey(id: 1))
        // The header of another store's snapshot before these chunks.
        sample.header = SnapshotSample.header(storeID: StorageID(high: 9, low: 9)).encode(with: StorageSamples.keys)
        #expect(sample.fault() == .notAuthentic)
    }

    @Test func droppedDoubledAndSwappedChunksAreRefused() {
        let sample = SnapshotSample(of: busyStore(1).store)
        let count = sample.chunks.count
        for index in 0..<count {
            var changed = sample
            changed.chunks.remove(at: index)
            if index == count - 1 {
                #expect(changed.fault() == nil)
                #expect((try? changed.read().isComplete) == false, "the end is missing")
            } else {
                #expect(changed.fault() == .notAuthentic, "without chunk \(index)")
            }
            var doubled = sample
            doubled.chunks.insert(sample.chunks[index], at: index)
            #expect(doubled.fault() != nil, "chunk \(index) twice")
            guard index + 1 < count else { continue }
            var swapped = sample
            swapped.chunks.swapAt(index, index + 1)
            #expect(swapped.fault() == .notAuthentic, "chunk \(index) behind the next")
        }
        var longer = sample
        longer.chunks.append(sample.chunks[0])
        #expect(longer.fault()?.isContradiction == true, "a chunk behind the end")
    }

    @Test func everyFlippedBitOfASmallSnapshotIsRefused() {
        let fixture = StoreFixture()
        _ = fixture.open()
        let sample = SnapshotSample(of: fixture.store)
        for bit in 0..<(8 * SnapshotHeader.byteCount) {
            var changed = sample
            changed.header[bit / 8] ^= 1 << (bit % 8)
            #expect(changed.fault() != nil, "bit \(bit) of the header")
        }
        for chunk in sample.chunks.indices {
            for byte in sample.chunks[chunk].indices where byte % 7 == 0 || byte < 20 {
                var changed = sample
                changed.chunks[chunk][byte] ^= 0x40
                #expect(changed.fault() == .notAuthentic, "byte \(byte) of chunk \(chunk)")
            }
        }
    }

    @Test(arguments: [0, 1, 16, 17, 18, 127])
    func aShortHeaderIsTruncated(count: Int) {
        var sample = SnapshotSample(of: StoreFixture().store)
        sample.header = Array(sample.header.prefix(count))
        #expect(sample.fault() == .truncated)
    }
}
