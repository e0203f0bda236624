import MintmarkCrypto
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkSessions

@Suite struct JournalSegmentHeaderTests {
    private let header = JournalSegmentHeader(
        origin: .continuation,
        keyID: 1,
        storeID: StorageSamples.storeID,
        number: 12,
        lastLSN: LogSequenceNumber(34),
        link: JournalLink(high: 5, low: 6),
        durableLSN: LogSequenceNumber(33),
        firstBoxNumber: 78,
        random: SeededRandom(seed: 9)
    )

    private func encoded(_ header: JournalSegmentHeader? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        _ = (header ?? self.header).encode(with: StorageSamples.keys, appendingTo: &bytes)
        return bytes
    }

    private func fault(_ bytes: [UInt8], keys: StorageKeys = StorageSamples.keys) -> StorageFormatFault? {
        do throws(StorageFormatFault) {
            _ = try JournalSegmentHeader.decode(bytes.span.bytes, with: keys)
            return nil
        } catch {
            return error
        }
    }

    /// The header with other bytes at `offset`, and a MAC that fits.
    private func forged(_ bytes: [UInt8], at offset: Int) -> [UInt8] {
        var header = Array(encoded().prefix(128))
        header.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        StorageSamples.keys.segmentHeader.appendTag(of: 0..<header.count, to: &header)
        return header
    }

    @Test func whatWasEncodedComesBack() throws {
        var bytes: [UInt8] = [1, 2, 3]
        let tag = header.encode(with: StorageSamples.keys, appendingTo: &bytes)
        bytes.removeFirst(3)
        #expect(bytes.count == JournalSegmentHeader.byteCount)
        #expect(tag == JournalLink(last: bytes.span.bytes))
        let decoded = try JournalSegmentHeader.decode((bytes + [9, 9]).span.bytes, with: StorageSamples.keys)
        #expect(decoded.header == header)
        #expect(decoded.tag == tag)
        #expect(JournalSegmentHeader.origin(of: bytes.span.bytes) == .continuation)
    }

    @Test(arguments: JournalSegmentHeader.Origin.allCases)
    func everyOriginComesBack(origin: JournalSegmentHeader.Origin) throws {
        let bytes = encoded(StorageSamples.header(origin: origin))
        #expect(try JournalSegmentHeader.decode(bytes.span.bytes, with: StorageSamples.keys).header.origin == origin)
    }

    @Test func everyFlippedBitIsRefused() {
        let bytes = encoded()
        for bit in 0..<(8 * bytes.count) {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(fault(changed) != nil, "bit \(bit)")
        }
    }

    @Test func everyTruncationIsToldAsSuch() {
        let bytes = encoded()
        for count in bytes.indices {
            #expect(fault(Array(bytes.prefix(count))) == .truncated, "\(count) bytes")
        }
    }

    @Test func whatIsWrongIsTold() {
        let bytes = encoded()
        #expect(fault(Array("MMSNAP\r\n".utf8) + bytes.dropFirst(8)) == .foreign)
        #expect(fault([UInt8](repeating: 0, count: 144)) == .foreign)
        #expect(fault(forged([0, 0], at: 8)) == .foreign)
        #expect(fault(forged([0, 2], at: 8)) == .newerVersion(2))
        #expect(fault(forged([0xFF, 0xFF], at: 8)) == .newerVersion(0xFFFF))
        #expect(fault(bytes, keys: StorageSamples.otherKeys) == .notAuthentic)
        #expect(fault(bytes, keys: StorageSamples.nextKeys) == .otherKey(id: 1))
        #expect(fault(forged([2], at: 11)) == .otherKey(id: 2))
    }

    @Test func authenticNonsenseIsAContradiction() {
        #expect(fault(forged([2], at: 10)) == nil)
        for origin in [0, 4, 255] as [UInt8] {
            #expect(fault(forged([origin], at: 10))?.isContradiction == true)
        }
        for offset in Array(12..<16) + Array(80..<96) {
            #expect(fault(forged([1], at: offset))?.isContradiction == true, "byte \(offset) is zero")
        }
        for offset in [40, 64] {
            #expect(fault(forged([0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], at: offset)) == nil)
            #expect(fault(forged([0, 1, 0, 0, 0, 0, 0, 0], at: offset))?.isContradiction == true)
        }
    }
}
