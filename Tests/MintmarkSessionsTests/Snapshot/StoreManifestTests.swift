import MintmarkCrypto
import Testing

@testable import MintmarkSessions

@Suite struct StoreManifestTests {
    private static func manifest(previous: StoreManifest.Snapshot?) -> StoreManifest {
        StoreManifest(
            keyID: 1,
            storeID: StorageSamples.storeID,
            snapshot: .init(id: StorageID(high: 1, low: 2), firstSegment: 3),
            snapshotTag: JournalLink(high: 4, low: 5),
            snapshotByteCount: 6,
            lastLSN: LogSequenceNumber(7),
            epoch: StoreEpoch(rawValue: 8),
            previous: previous,
            clocks: StorageSamples.clocks
        )
    }

    private let bytes = manifest(previous: .init(id: StorageID(high: 9, low: 10), firstSegment: 2))
        .encode(with: StorageSamples.keys)

    private func fault(_ bytes: [UInt8], keys: StorageKeys = StorageSamples.keys) -> StorageFormatFault? {
        do throws(StorageFormatFault) {
            _ = try StoreManifest(decoding: bytes.span.bytes, with: keys)
            return nil
        } catch {
            return error
        }
    }

    private func forged(_ bytes: [UInt8], at offset: Int) -> [UInt8] {
        var manifest = Array(self.bytes.prefix(152))
        manifest.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        StorageSamples.keys.manifest.appendTag(of: 0..<manifest.count, to: &manifest)
        return manifest
    }

    @Test(arguments: [nil, StoreManifest.Snapshot(id: StorageID(high: 9, low: 10), firstSegment: 2)])
    func whatWasEncodedComesBack(previous: StoreManifest.Snapshot?) throws {
        let manifest = Self.manifest(previous: previous)
        let bytes = manifest.encode(with: StorageSamples.keys)
        #expect(bytes.count == StoreManifest.byteCount)
        #expect(try StoreManifest(decoding: bytes.span.bytes, with: StorageSamples.keys) == manifest)
        #expect(try StoreManifest.keyID(of: bytes.span.bytes) == 1)
    }

    @Test func everyFlippedBitIsRefused() {
        for bit in 0..<(8 * bytes.count) {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(fault(changed) != nil, "bit \(bit)")
        }
    }

    @Test func everyOtherLengthIsRefused() {
        for count in bytes.indices {
            #expect(fault(Array(bytes.prefix(count))) == .truncated, "\(count) bytes")
        }
        #expect(fault(bytes + [0])?.isContradiction == true)
    }

    @Test func whatIsWrongIsTold() {
        #expect(fault(Array("MMSNAP\r\n".utf8) + bytes.dropFirst(8)) == .foreign)
        #expect(fault(forged([0, 2], at: 8)) == .newerVersion(2))
        #expect(fault(forged([2], at: 10)) == .otherKey(id: 2))
        #expect(fault(bytes, keys: StorageSamples.otherKeys) == .notAuthentic)
        #expect(throws: StorageFormatFault.newerVersion(2)) {
            _ = try StoreManifest.keyID(of: forged([0, 2], at: 8).span.bytes)
        }
    }

    @Test func authenticNonsenseIsAContradiction() {
        #expect(fault(forged([7], at: 95)) == nil)
        for offset in Array(11..<16) + Array(72..<80) + Array(144..<152) {
            #expect(fault(forged([1], at: offset))?.isContradiction == true, "byte \(offset) is zero")
        }
        #expect(fault(forged([0, 1, 0, 0, 0, 0, 0, 0], at: 88))?.isContradiction == true, "an LSN above the greatest")
        #expect(fault(forged([0, 1, 0, 0, 0, 0, 0, 0], at: 128))?.isContradiction == true, "a clock above its bound")
        let nobody = [UInt8](repeating: 0, count: 16)
        #expect(fault(forged(nobody, at: 104))?.isContradiction == true, "a number without a snapshot before")
        #expect(fault(forged(nobody + nobody.prefix(8), at: 104)) == nil)
    }
}
