import MintmarkCrypto
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkSessions

@Suite struct JournalBoxTests {
    private let header = StorageSamples.header()

    private func cipher(_ header: JournalSegmentHeader? = nil, keys: StorageKeys = StorageSamples.keys)
        -> JournalSegmentCipher
    {
        JournalSegmentCipher(header ?? self.header, keys: keys)
    }

    private func sealed(_ entries: JournalEntries) -> (bytes: [UInt8], tag: JournalLink) {
        var bytes: [UInt8] = []
        let tag = cipher().seal(
            entries,
            number: 5,
            link: JournalLink(high: 6, low: 7),
            durableLSN: LogSequenceNumber(40),
            clocks: StorageSamples.clocks,
            random: SeededRandom(seed: 1),
            appendingTo: &bytes
        )
        return (bytes, tag)
    }

    /// The box and its plaintext; nil, checked to leave the output as it was, when it does not open.
    private func open(_ bytes: [UInt8], _ cipher: JournalSegmentCipher? = nil) -> (box: JournalBox, plaintext: [UInt8])?
    {
        var plaintext: [UInt8] = [9]
        let result = (cipher ?? self.cipher()).open(bytes.span.bytes, appendingTo: &plaintext)
        guard let result else {
            #expect(plaintext == [9])
            return nil
        }
        return (result.box, Array(plaintext.dropFirst()))
    }

    @Test func whatWasSealedOpens() throws {
        let entries = StorageSamples.entries([[1, 2, 3], [4]], from: 41)
        let (bytes, tag) = sealed(entries)
        #expect(bytes.count == JournalBox.byteCount(forEntriesOf: entries.bytes.count))
        #expect(bytes.count % JournalBox.alignment == 0)
        #expect(JournalLink(last: bytes.span.bytes) == tag)
        // What is behind a box does not matter.
        let (box, plaintext) = try #require(open(bytes + [1, 2, 3]))
        #expect(box.byteCount == bytes.count)
        #expect(box.number == 5)
        #expect(box.firstLSN == LogSequenceNumber(41))
        #expect(box.eventCount == 2)
        #expect(box.link == JournalLink(high: 6, low: 7))
        #expect(box.durableLSN == LogSequenceNumber(40))
        #expect(box.clocks == StorageSamples.clocks)
        #expect(plaintext.starts(with: entries.bytes))
        #expect(plaintext.dropFirst(entries.bytes.count).allSatisfy { $0 == 0 })
        #expect(plaintext.count - entries.bytes.count < JournalBox.alignment)
    }

    @Test func everyFlippedBitAndEveryTruncationIsRefused() {
        let bytes = sealed(StorageSamples.entries([[1, 2, 3], [4]], from: 41)).bytes
        for bit in 0..<(8 * bytes.count) {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(open(changed) == nil, "bit \(bit)")
        }
        for count in bytes.indices {
            #expect(open(Array(bytes.prefix(count))) == nil, "\(count) bytes")
        }
    }

    @Test func itOpensNowhereElse() {
        let bytes = sealed(StorageSamples.entries()).bytes
        #expect(open(bytes) != nil)
        let otherStore = StorageID(high: 1, low: 2)
        #expect(open(bytes, cipher(StorageSamples.header(storeID: otherStore))) == nil, "another store")
        #expect(open(bytes, cipher(StorageSamples.header(number: 2))) == nil, "another segment")
        #expect(open(bytes, cipher(StorageSamples.header(seed: 2))) == nil, "another salt")
        #expect(open(bytes, cipher(keys: StorageSamples.otherKeys)) == nil, "another key")
    }

    @Test func theLengthIsBoundedBeforeAnythingIsDone() {
        let bytes = sealed(StorageSamples.entries()).bytes
        let room = [UInt8](repeating: 0, count: JournalBox.byteCountMax + 16)
        func scan(byteCount: Int, in fileByteCount: Int? = nil) -> Bool {
            var changed = bytes + room
            changed.replaceSubrange(4..<8, with: withUnsafeBytes(of: UInt32(byteCount).bigEndian) { Array($0) })
            changed = Array(changed.prefix(fileByteCount ?? changed.count))
            return JournalBox(scanning: changed.span.bytes) != nil
        }
        let least = JournalBox.overheadByteCount
        #expect(least == 120)
        #expect(!scan(byteCount: least - 8))
        #expect(!scan(byteCount: least - 1))
        #expect(scan(byteCount: least))
        #expect(!scan(byteCount: least + 1))
        #expect(scan(byteCount: least + 8))
        #expect(!scan(byteCount: JournalBox.byteCountMax - 1))
        #expect(scan(byteCount: JournalBox.byteCountMax))
        #expect(!scan(byteCount: JournalBox.byteCountMax + 1))
        #expect(!scan(byteCount: JournalBox.byteCountMax + 8))
        #expect(!scan(byteCount: 0))
        #expect(!scan(byteCount: Int(UInt32.max)))
        #expect(scan(byteCount: 1_024, in: 1_024))
        #expect(!scan(byteCount: 1_024, in: 1_023))
    }

    @Test(arguments: [-1, 0, 1])
    func theMostEntries(difference: Int) async {
        let byteCount = JournalBox.entriesByteCountMax + difference
        #expect((JournalBox.byteCount(forEntriesOf: byteCount) <= JournalBox.byteCountMax) == (difference <= 0))
        guard difference <= 0 else {
            await #expect(processExitsWith: .failure) { JournalBoxTests.sealFullBox(moreBy: 1) }
            return
        }
        Self.sealFullBox(moreBy: difference)
    }

    /// Seals entries of the greatest length and `difference` more, and opens them again.
    private static func sealFullBox(moreBy difference: Int) {
        let byteCount = JournalBox.entriesByteCountMax + difference
        var entries = JournalEntries()
        var lsn = LogSequenceNumber.zero
        while entries.bytes.count < byteCount {
            // The last one fills what is left behind its step and its length.
            let rest = byteCount - entries.bytes.count
            let eventByteCount = rest > 20_000 ? 16_000 : rest > 9_000 ? 8_000 : rest - 3
            lsn = lsn.next
            entries.append([UInt8](repeating: 1, count: eventByteCount).span.bytes, at: lsn)
        }
        precondition(entries.bytes.count == byteCount, "\(entries.bytes.count) bytes of entries, not \(byteCount)")
        let test = JournalBoxTests()
        let bytes = test.sealed(entries).bytes
        #expect(bytes.count == JournalBox.byteCountMax)
        #expect(test.open(bytes)?.box.eventCount == entries.count)
    }
}
