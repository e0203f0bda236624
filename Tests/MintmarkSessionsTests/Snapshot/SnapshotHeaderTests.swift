import MintmarkCrypto
import Testing

@testable import MintmarkSessions

@Suite struct SnapshotHeaderTests {
    private func fault(_ bytes: [UInt8]) -> StorageFormatFault? {
        do throws(StorageFormatFault) {
            _ = try SnapshotHeader(decoding: bytes.span.bytes, with: StorageSamples.keys)
            return nil
        } catch {
            return error
        }
    }

    private func forged(_ bytes: [UInt8], at offset: Int) -> [UInt8] {
        var header = Array(SnapshotSample.header().encode(with: StorageSamples.keys).prefix(112))
        header.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        StorageSamples.keys.snapshotHeader.appendTag(of: 0..<header.count, to: &header)
        return header
    }

    @Test func whatWasEncodedComesBack() throws {
        let header = SnapshotSample.header()
        let bytes = header.encode(with: StorageSamples.keys)
        #expect(try SnapshotHeader(decoding: bytes.span.bytes, with: StorageSamples.keys) == header)
        #expect(try SnapshotHeader(decoding: (bytes + [1]).span.bytes, with: StorageSamples.keys) == header)
    }

    @Test func everyTruncationIsToldAsSuch() {
        let bytes = SnapshotSample.header().encode(with: StorageSamples.keys)
        for count in bytes.indices {
            #expect(fault(Array(bytes.prefix(count))) == .truncated, "\(count) bytes")
        }
    }

    @Test func whatIsWrongIsTold() {
        let bytes = SnapshotSample.header().encode(with: StorageSamples.keys)
        #expect(fault(Array("MMJOUR\r\n".utf8) + bytes.dropFirst(8)) == .foreign)
        #expect(fault(forged([0, 0], at: 8)) == .foreign)
        #expect(fault(forged([0, 2], at: 8)) == .newerVersion(2))
        #expect(fault(forged([2], at: 10)) == .otherKey(id: 2))
        #expect(fault(forged([1], at: 11))?.isContradiction == true)
    }

    @Test(arguments: [0, 1, 2, 3, 255, 256, 257, 65_535, 65_536, 65_537, 131_072, .max] as [UInt32])
    func shardsAreAPowerOfTwo(count: UInt32) {
        let isPossible = count.nonzeroBitCount == 1 && count <= 65_536
        let bytes = withUnsafeBytes(of: count.bigEndian) { Array($0) }
        #expect((fault(forged(bytes, at: 12)) == nil) == isPossible)
    }
}
