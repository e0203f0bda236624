import MintmarkCrypto
import MintmarkSessionsTestSupport
import MintmarkTestSupport

@testable import MintmarkSessions

/// Keys, ids and pieces of a journal, the same in every run.
enum StorageSamples {
    static let keys = StorageKeys(id: 1, master: SecretBytes(count: 32, random: SeededRandom(seed: 1)))
    /// The same id, another master key.
    static let otherKeys = StorageKeys(id: 1, master: SecretBytes(count: 32, random: SeededRandom(seed: 2)))
    /// The same master key, another id.
    static let nextKeys = StorageKeys(id: 2, master: SecretBytes(count: 32, random: SeededRandom(seed: 1)))
    static let storeID = StorageID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10)
    static let clocks = JournalClocks(serviceMilliseconds: 1_000, storeSeconds: 2_000, issuedAtMax: 3_000)

    static func header(
        origin: JournalSegmentHeader.Origin = .first,
        number: UInt64 = 1,
        storeID: StorageID = storeID,
        lastLSN: UInt64 = 0,
        link: JournalLink = .zero,
        firstBoxNumber: UInt64 = 0,
        seed: UInt64 = 1
    ) -> JournalSegmentHeader {
        JournalSegmentHeader(
            origin: origin,
            keyID: 1,
            storeID: storeID,
            number: number,
            lastLSN: LogSequenceNumber(lastLSN),
            link: link,
            durableLSN: LogSequenceNumber(lastLSN),
            firstBoxNumber: firstBoxNumber,
            random: SeededRandom(seed: seed)
        )
    }

    /// Entries with these events, one after the other from `firstLSN` on.
    static func entries(_ events: [[UInt8]] = [[10]], from firstLSN: UInt64 = 1) -> JournalEntries {
        var entries = JournalEntries()
        for (index, event) in events.enumerated() {
            entries.append(event.span.bytes, at: LogSequenceNumber(firstLSN + UInt64(index)))
        }
        return entries
    }
}

/// Writes a segment in memory, box by box.
struct SegmentSample {
    let header: JournalSegmentHeader
    private(set) var bytes: [UInt8] = []
    private(set) var position: JournalPosition
    /// Where each box begins.
    private(set) var boxOffsets: [Int] = []
    private let cipher: JournalSegmentCipher
    private let random = SeededRandom(seed: 3)
    let tag: JournalLink

    init(_ header: JournalSegmentHeader = StorageSamples.header(), keys: StorageKeys = StorageSamples.keys) {
        self.header = header
        tag = header.encode(with: keys, appendingTo: &bytes)
        cipher = JournalSegmentCipher(header, keys: keys)
        position = JournalPosition(boxNumber: header.firstBoxNumber, link: tag, lastLSN: header.lastLSN)
    }

    /// Appends a box that follows the one before, but for what is given.
    mutating func append(
        _ events: [[UInt8]] = [[10]],
        firstLSN: UInt64? = nil,
        number: UInt64? = nil,
        link: JournalLink? = nil,
        durableLSN: UInt64? = nil,
        clocks: JournalClocks = StorageSamples.clocks
    ) {
        let entries = StorageSamples.entries(events, from: firstLSN ?? position.lastLSN.rawValue + 1)
        boxOffsets.append(bytes.count)
        let tag = cipher.seal(
            entries,
            number: number ?? position.boxNumber,
            link: link ?? position.link,
            durableLSN: durableLSN.map { LogSequenceNumber($0) } ?? position.lastLSN,
            clocks: clocks,
            random: random,
            appendingTo: &bytes
        )
        position = JournalPosition(boxNumber: position.boxNumber + 1, link: tag, lastLSN: entries.lastLSN)
    }

    /// Appends a box whose header says what its content does not.
    mutating func appendRaw(plaintext: [UInt8], firstLSN: UInt64, eventCount: Int) {
        boxOffsets.append(bytes.count)
        let key = StorageSamples.keys.segmentKey(store: header.storeID, number: header.number, salt: header.salt)
        var box: [UInt8] = Array("MMBX".utf8)
        box.append(UInt64(JournalBox.overheadByteCount + plaintext.count), byteCount: 4)
        box.append(position.boxNumber, byteCount: 8)
        box.append(firstLSN, byteCount: 8)
        box.append(UInt64(eventCount), byteCount: 4)
        box.append(0, byteCount: 4)
        position.link.append(to: &box)
        box.append(position.lastLSN.rawValue, byteCount: 8)
        StorageSamples.clocks.append(to: &box)
        var additional = box
        header.storeID.append(to: &additional)
        additional.append(header.number, byteCount: 8)
        AEAD(key: key).seal(
            plaintext.span.bytes,
            additionalData: additional.span.bytes,
            random: random,
            appendingTo: &box
        )
        bytes.append(contentsOf: box)
    }

    /// Reads the whole segment: the boxes until the end or the first fault, and what is there.
    func read(_ bytes: [UInt8]? = nil) -> (
        boxes: [JournalBox], fault: StorageFormatFault?, tail: JournalSegmentReader.Tail
    ) {
        let bytes = bytes ?? self.bytes
        var reader = JournalSegmentReader(header, tag: tag, keys: StorageSamples.keys)
        var boxes: [JournalBox] = []
        while true {
            switch reader.next(in: bytes.span.bytes) {
            case .box(let box): boxes.append(box)
            case .end: return (boxes, nil, reader.tail(in: bytes.span.bytes))
            case .fault(let fault): return (boxes, fault, reader.tail(in: bytes.span.bytes))
            }
        }
    }
}
