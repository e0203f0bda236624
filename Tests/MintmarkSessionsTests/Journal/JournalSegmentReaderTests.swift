import MintmarkCrypto
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkSessions

/// The boxes of a segment in their order, and what is made of its end.
@Suite struct JournalSegmentReaderTests {
    /// Four boxes of which each says that the one before is durable: events 1 to 4.
    private func chain() -> SegmentSample {
        var segment = SegmentSample()
        for _ in 0..<4 {
            segment.append()
        }
        return segment
    }

    @Test func boxesAreReadInTheirOrder() {
        var segment = SegmentSample(StorageSamples.header(lastLSN: 10, firstBoxNumber: 7))
        segment.append([[10], [10]])
        segment.append([[10]], firstLSN: 100)
        var reader = JournalSegmentReader(segment.header, tag: segment.tag, keys: StorageSamples.keys)
        let bytes = segment.bytes + [UInt8](repeating: 0, count: 100)
        #expect(reader.durableLSN == LogSequenceNumber(10))
        guard case .box(let first) = reader.next(in: bytes.span.bytes) else {
            Issue.record("no first box")
            return
        }
        #expect(first.number == 7)
        #expect(reader.offset == segment.boxOffsets[1])
        guard case .box(let second) = reader.next(in: bytes.span.bytes) else {
            Issue.record("no second box")
            return
        }
        #expect(second.number == 8)
        #expect(reader.durableLSN == LogSequenceNumber(12))
        #expect(reader.next(in: bytes.span.bytes) == .end)
        #expect(reader.next(in: bytes.span.bytes) == .end)
        #expect(reader.position == segment.position)
        #expect(reader.offset == segment.bytes.count)
    }

    @Test func aSegmentMayHoldNothing() {
        let segment = SegmentSample()
        #expect(segment.read().boxes.isEmpty)
        #expect(segment.read().fault == nil)
        #expect(segment.read(segment.bytes + [0, 0, 0]).fault == nil)
        #expect(segment.read(segment.bytes + [0, 0, 1]).fault == .notAuthentic)
    }

    // MARK: Out of sequence

    @Test func aBoxWithTheWrongNumberIsNotTheNext() {
        for number in [0, 2, .max] as [UInt64] {
            var segment = SegmentSample()
            segment.append()
            segment.append(number: number)
            #expect(segment.read().fault == .outOfSequence, "box \(number) behind box 0")
            #expect(segment.read().boxes.count == 1)
        }
    }

    @Test func aBoxWithTheWrongLinkIsNotTheNext() {
        var segment = SegmentSample()
        segment.append(link: JournalLink(high: 1, low: 1))
        #expect(segment.read().fault == .outOfSequence)
        var second = SegmentSample()
        second.append()
        second.append(link: second.tag)
        #expect(second.read().fault == .outOfSequence)
    }

    @Test func aBoxWhoseEventsAreNotBehindTheLastIsNotTheNext() {
        var segment = SegmentSample(StorageSamples.header(lastLSN: 10))
        segment.append(firstLSN: 10, durableLSN: 5)
        #expect(segment.read().fault == .outOfSequence)
        var next = SegmentSample(StorageSamples.header(lastLSN: 10))
        next.append(firstLSN: 11)
        next.append(firstLSN: 11, durableLSN: 5)
        #expect(next.read().boxes.count == 1)
        #expect(next.read().fault == .outOfSequence)
    }

    @Test func swappedDoubledAndDroppedBoxesAreNoticed() {
        let segment = chain()
        let offsets = segment.boxOffsets + [segment.bytes.count]
        let boxes = (0..<4).map { Array(segment.bytes[offsets[$0]..<offsets[$0 + 1]]) }
        let header = Array(segment.bytes.prefix(offsets[0]))
        func read(_ order: [Int]) -> (boxes: [JournalBox], fault: StorageFormatFault?, tail: JournalSegmentReader.Tail)
        {
            segment.read(header + order.flatMap { boxes[$0] })
        }
        #expect(read([0, 1, 2, 3]).fault == nil)
        #expect(read([1, 0, 2, 3]).fault == .outOfSequence)
        #expect(read([0, 2, 3]).boxes.count == 1)
        #expect(read([0, 2, 3]).tail == .damaged(witnessOffset: offsets[1]))
        #expect(read([0, 1, 1, 2, 3]).tail == .damaged(witnessOffset: offsets[4]))
        // The same boxes once more prove nothing that was not read.
        #expect(read([0, 1, 2, 3, 0, 1, 2, 3]).tail == .torn)
        #expect(read([0, 1, 2, 3, 3]).boxes.count == 4)
        #expect(read([0, 1, 2, 3, 3]).tail == .torn)
    }

    // MARK: Contradictions

    @Test func aBoxCannotKnowThatWhatComesLaterIsDurable() {
        var segment = SegmentSample(StorageSamples.header(lastLSN: 10))
        segment.append(durableLSN: 11)
        #expect(segment.read().fault?.isContradiction == true)
    }

    @Test func clocksThatCannotBeAreAContradiction() {
        let possible = JournalClocks(
            serviceMilliseconds: SessionInstant.millisecondsMax,
            storeSeconds: SessionInstant.secondsMax,
            issuedAtMax: SessionInstant.secondsMax
        )
        var impossible = [possible, possible, possible]
        impossible[0].serviceMilliseconds += 1
        impossible[1].storeSeconds += 1
        impossible[2].issuedAtMax += 1
        var segment = SegmentSample()
        segment.append(clocks: possible)
        #expect(segment.read().fault == nil)
        for clocks in impossible {
            var segment = SegmentSample()
            segment.append(clocks: clocks)
            #expect(segment.read().fault?.isContradiction == true)
        }
    }

    @Test func contentThatIsNotAsTheHeaderSaysIsAContradiction() {
        for (plaintext, eventCount) in [([0, 1, 10, 0, 0, 0, 0, 0], 2), ([0, 1, 10, 0, 0, 0, 0, 1], 1)] {
            var segment = SegmentSample()
            segment.appendRaw(plaintext: plaintext.map { UInt8($0) }, firstLSN: 1, eventCount: eventCount)
            #expect(segment.read().fault?.isContradiction == true)
        }
        var segment = SegmentSample()
        segment.appendRaw(plaintext: [0, 1, 10, 0, 0, 0, 0, 0], firstLSN: 1, eventCount: 1)
        #expect(segment.read().fault == nil)
    }

    // MARK: The end

    @Test func damageBeforeAWitnessIsDamage() {
        let segment = chain()
        for box in 0..<3 {
            var bytes = segment.bytes
            bytes[segment.boxOffsets[box] + 110] ^= 1
            let result = segment.read(bytes)
            #expect(result.boxes.count == box)
            #expect(result.tail == .damaged(witnessOffset: segment.boxOffsets[box + 1]), "box \(box)")
        }
    }

    @Test func damageOfTheLastBoxLooksTorn() {
        let segment = chain()
        for offset in segment.boxOffsets[3]..<segment.bytes.count {
            var bytes = segment.bytes
            bytes[offset] ^= 0x10
            #expect(segment.read(bytes).boxes.count == 3)
            #expect(segment.read(bytes).tail == .torn)
        }
    }

    /// Boxes behind it were written, but none of them when anything that is missing was durable.
    @Test func damageWithoutAWitnessIsTorn() {
        var segment = SegmentSample()
        segment.append(durableLSN: 0)
        segment.append(durableLSN: 1)
        segment.append(durableLSN: 1)
        segment.append(durableLSN: 1)
        var bytes = segment.bytes
        bytes[segment.boxOffsets[1] + 110] ^= 1
        #expect(segment.read(bytes).boxes.count == 1)
        #expect(segment.read(bytes).tail == .torn)
        bytes[segment.boxOffsets[0] + 110] ^= 1
        #expect(segment.read(bytes).tail == .damaged(witnessOffset: segment.boxOffsets[2]))
    }

    /// The length of the damaged box may be what is damaged: every multiple of eight is looked at.
    @Test func aWitnessIsFoundWhateverIsBeforeIt() {
        let segment = chain()
        var bytes = segment.bytes
        bytes.replaceSubrange(
            segment.boxOffsets[0]..<segment.boxOffsets[3],
            with: Array(repeating: 0xA5, count: 3 * 128)
        )
        #expect(segment.boxOffsets[3] - segment.boxOffsets[0] == 3 * 128)
        #expect(segment.read(bytes).tail == .damaged(witnessOffset: segment.boxOffsets[3]))
        bytes.replaceSubrange(segment.boxOffsets[0]..<segment.boxOffsets[3], with: Array(repeating: 0, count: 3 * 128))
        #expect(segment.read(bytes).fault == .notAuthentic)
        #expect(segment.read(bytes).tail == .damaged(witnessOffset: segment.boxOffsets[3]))
    }

    @Test func boxesOfOtherSegmentsAreNoWitnesses() {
        var other = SegmentSample(StorageSamples.header(number: 2))
        for _ in 0..<10 {
            other.append()
        }
        let segment = SegmentSample()
        let bytes = segment.bytes + other.bytes.dropFirst(JournalSegmentHeader.byteCount)
        #expect(segment.read(bytes).fault == .notAuthentic)
        #expect(segment.read(bytes).tail == .torn)
    }

    @Test func aShortEndIsJudged() {
        let segment = chain()
        for count in 1..<130 {
            #expect(segment.read(segment.bytes + Array(repeating: 7, count: count)).tail == .torn)
            #expect(segment.read(segment.bytes + Array(repeating: 0, count: count)).fault == nil)
        }
    }
}
