import MintmarkSessions
import MintmarkSessionsTestSupport
import MintmarkTestSupport
import Testing

@testable import MintmarkStorage

/// Damage that no stop of a healthy disk leaves: it is refused with file and offset, and nothing is changed.
@Suite struct DamageTests {
    private let sample = CorruptionSample.shared

    /// Bits to flip in the byte at `offset`: in the long form each.
    private func masks(at offset: Int) -> [UInt8] {
        CorruptionSample.isLong ? (0..<8).map { 1 << $0 } : [1 << UInt8(offset % 8)]
    }

    private func flipped(_ name: String, _ mask: UInt8, at offset: Int) -> [String: [UInt8]] {
        var bytes = sample.bytes(name)
        bytes[offset] ^= mask
        return sample.files(with: bytes, as: name)
    }

    private func expectRefused(
        _ files: [String: [UInt8]],
        _ name: String,
        at offset: Int? = nil,
        _ comment: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let result = Recovery.failure(files)
        #expect(result.failure?.file == name, "\(comment): \(result)", sourceLocation: sourceLocation)
        if let offset {
            #expect(result.failure?.offset == offset, "\(comment): \(result)", sourceLocation: sourceLocation)
        }
        #expect(result.isUnchanged, "\(comment)", sourceLocation: sourceLocation)
    }

    // MARK: The last segment

    @Test func aFlippedBitOfTheLastSegmentsHeader() {
        let name = CorruptionSample.lastSegment
        for offset in 0..<JournalSegmentHeader.byteCount {
            for mask in masks(at: offset) {
                expectRefused(flipped(name, mask, at: offset), name, at: 0, "byte \(offset)")
            }
        }
    }

    /// In a box that a later one proves durable: refused there. In the last: nothing proves it, so it is cut.
    @Test(arguments: 0..<8)
    func aFlippedBitOfTheLastSegmentsBoxes(part: Int) throws {
        let name = CorruptionSample.lastSegment
        let range = JournalSegmentHeader.byteCount..<sample.contentByteCount
        let places = sample.places(in: range, count: 100, seed: 3)
        for offset in places.enumerated().filter({ $0.offset % 8 == part }).map(\.element) {
            let boxCount = sample.boxCount(before: offset)
            let start = sample.checkpoints[boxCount].offset
            for mask in masks(at: offset) {
                let files = flipped(name, mask, at: offset)
                guard boxCount == sample.checkpoints.count - 2 else {
                    expectRefused(files, name, at: start, "byte \(offset)")
                    continue
                }
                let result = try Recovery.run(MemoryDirectory(files))
                #expect(result.content == sample.checkpoints[boxCount].content, "byte \(offset)")
                #expect(result.report.cut?.offset == start)
            }
        }
    }

    @Test func aFlippedBitBehindTheLastBox() throws {
        let name = CorruptionSample.lastSegment
        for offset in stride(from: sample.contentByteCount, to: sample.bytes(name).count, by: 17) {
            let result = try Recovery.run(MemoryDirectory(flipped(name, 0x10, at: offset)))
            #expect(result.content == sample.checkpoints.last?.content)
            #expect(result.report.cut?.byteCount == offset - sample.contentByteCount + 1)
        }
    }

    /// Boxes in another order, one missing, one from elsewhere in place of another.
    @Test func splicedBoxes() throws {
        let name = CorruptionSample.lastSegment
        let bytes = sample.bytes(name)
        let offsets = sample.checkpoints.map(\.offset)
        func box(_ number: Int) -> ArraySlice<UInt8> { bytes[offsets[number]..<offsets[number + 1]] }
        func files(_ parts: [ArraySlice<UInt8>]) -> [String: [UInt8]] {
            sample.files(with: parts.flatMap(\.self), as: name)
        }
        let start = bytes.prefix(offsets[10])
        let end = bytes.suffix(from: offsets[12])
        expectRefused(files([start, box(11), box(10), end]), name, at: offsets[10], "two boxes swapped")
        expectRefused(files([start, box(11), end]), name, at: offsets[10], "a box missing")
        expectRefused(files([start, box(10), box(10), box(11), end]), name, at: offsets[11], "a box twice")
        let other = try StorageHistory(seed: 2, rounds: 2).directory
        let foreign = try #require(other[name])[offsets[10]..<offsets[12]]
        expectRefused(files([start, foreign, end]), name, at: offsets[10], "boxes of another store")
        let older = sample.bytes(CorruptionSample.firstSegment)[144...].prefix(offsets[12] - offsets[10])
        expectRefused(files([start, older, end]), name, at: offsets[10], "boxes of an older segment")
    }

    /// The truncated header: it was durable before anything counted on the segment.
    @Test func theLastSegmentWithoutAWholeHeader() {
        let name = CorruptionSample.lastSegment
        let bytes = sample.bytes(name)
        for count in 0..<JournalSegmentHeader.byteCount {
            expectRefused(sample.files(with: Array(bytes.prefix(count)), as: name), name, at: 0, "\(count) bytes")
            let zeros = [UInt8](repeating: 0, count: bytes.count - count)
            expectRefused(sample.files(with: bytes.prefix(count) + zeros, as: name), name, at: 0, "zeros from \(count)")
        }
    }

    // MARK: An earlier segment

    @Test func aFlippedBitOfAnEarlierSegment() {
        let name = CorruptionSample.firstSegment
        for offset in sample.places(in: 0..<sample.bytes(name).count, count: 150, seed: 4) {
            for mask in masks(at: offset) {
                expectRefused(flipped(name, mask, at: offset), name, "byte \(offset)")
            }
        }
    }

    /// Where it ends at a box, the next segment does not follow.
    @Test func aTruncationOfAnEarlierSegment() {
        let name = CorruptionSample.firstSegment
        let bytes = sample.bytes(name)
        for count in sample.places(in: 0..<bytes.count, count: 60, seed: 5) {
            for files in [
                sample.files(with: Array(bytes.prefix(count)), as: name),
                sample.files(with: bytes.prefix(count) + [UInt8](repeating: 0, count: bytes.count - count), as: name),
            ] {
                let result = Recovery.failure(files)
                #expect([name, CorruptionSample.lastSegment].contains(result.failure?.file), "\(count): \(result)")
                #expect(result.isUnchanged)
            }
        }
    }

    @Test func aTailOfAnEarlierSegment() {
        let name = CorruptionSample.firstSegment
        let bytes = sample.bytes(name)
        #expect(Recovery.failure(sample.files(with: bytes + [0, 0, 0], as: name)).failure == nil)
        expectRefused(sample.files(with: bytes + [0, 0, 1], as: name), name, at: bytes.count, "a byte behind")
    }

    // MARK: Snapshot and manifest

    @Test func aFlippedBitOfTheSnapshot() {
        let name = CorruptionSample.snapshot
        let range = 0..<sample.bytes(name).count
        for offset in Array(0..<SnapshotHeader.byteCount) + sample.places(in: range, count: 120, seed: 6) {
            for mask in masks(at: offset) {
                expectRefused(flipped(name, mask, at: offset), name, "byte \(offset)")
            }
        }
    }

    @Test func anyOtherLengthOfTheSnapshot() {
        let name = CorruptionSample.snapshot
        let bytes = sample.bytes(name)
        for count in sample.places(in: 0..<bytes.count, count: 120, seed: 7) {
            expectRefused(sample.files(with: Array(bytes.prefix(count)), as: name), name, "\(count) bytes")
        }
        expectRefused(sample.files(with: bytes + [0], as: name), name, at: bytes.count, "a byte behind")
        // A length that no chunk has, where the first one begins: refused before anything is read or reserved.
        for length in [0, 17, 65_554, UInt32.max] {
            var changed = bytes
            changed.replaceSubrange(128..<132, with: withUnsafeBytes(of: length.bigEndian) { Array($0) })
            expectRefused(sample.files(with: changed, as: name), name, at: 128, "a chunk of \(length) bytes")
        }
    }

    @Test func anotherSnapshotUnderTheName() {
        let other = sample.bytes(StoreFiles.snapshot(1))
        expectRefused(
            sample.files(with: other, as: CorruptionSample.snapshot),
            CorruptionSample.snapshot,
            "the snapshot before"
        )
    }

    @Test func aFlippedBitOfTheManifest() {
        let name = CorruptionSample.manifest
        for offset in 0..<StoreManifest.byteCount {
            for mask in (0..<8).map({ 1 << $0 }) as [UInt8] {
                expectRefused(flipped(name, mask, at: offset), name, at: 0, "byte \(offset)")
            }
        }
    }

    @Test func anyOtherLengthOfTheManifest() {
        let name = CorruptionSample.manifest
        let bytes = sample.bytes(name)
        for count in bytes.indices {
            expectRefused(sample.files(with: Array(bytes.prefix(count)), as: name), name, at: 0, "\(count) bytes")
        }
        expectRefused(sample.files(with: bytes + [0], as: name), name, at: 0, "a byte behind")
    }
}
