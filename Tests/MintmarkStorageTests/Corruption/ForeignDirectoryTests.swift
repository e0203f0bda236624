import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkStorage

/// Directories that are not this store's, not all of it, or not of this version.
@Suite struct ForeignDirectoryTests {
    private let sample = CorruptionSample.shared

    private func expectRefused(
        _ files: [String: [UInt8]],
        _ name: String,
        _ reason: RecoveryFailure.Reason,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let result = Recovery.failure(files)
        #expect(result.failure?.file == name, sourceLocation: sourceLocation)
        #expect(result.failure?.reason == reason, sourceLocation: sourceLocation)
        #expect(result.isUnchanged, sourceLocation: sourceLocation)
    }

    // MARK: Half-deleted

    @Test func eachFileThatCountsIsMissed() {
        for name in [CorruptionSample.snapshot, CorruptionSample.firstSegment] {
            expectRefused(sample.files(with: nil, as: name), name, .missing)
        }
        expectRefused(
            sample.files(with: nil, as: CorruptionSample.manifest),
            CorruptionSample.manifest,
            .withoutManifest
        )
    }

    @Test func aSegmentInTheMiddleIsMissed() throws {
        let directory = MemoryDirectory()
        let lives = StorageFixture(directory)
        for _ in 0..<3 {
            try lives.start()
            _ = lives.open()
            lives.work()
            lives.kill()
        }
        var files = directory.files
        files[StoreFiles.segment(2)] = nil
        let result = Recovery.failure(files)
        #expect(result.failure == RecoveryFailure(StoreFiles.segment(2), .missing))
        #expect(result.isUnchanged)
    }

    /// What is kept for people is not needed.
    @Test(arguments: [StoreFiles.snapshot(1), StoreFiles.segment(1)])
    func whatTheSnapshotBeforeNeedsIsNotMissed(name: String) throws {
        let result = try Recovery.run(MemoryDirectory(sample.files(with: nil, as: name)))
        #expect(result.content == sample.checkpoints.last?.content)
    }

    /// The one loss that no rule can tell, as the specification says: the store is as it was before the last segment.
    @Test func withoutTheLastSegmentTheOneBeforeIsTheEnd() throws {
        let result = try Recovery.run(MemoryDirectory(sample.files(with: nil, as: CorruptionSample.lastSegment)))
        #expect(result.content == sample.checkpoints.first?.content)
    }

    /// Without the manifest, whatever else is missing too, no store begins anew while anything of the old one is there.
    @Test func withoutAManifestNoStoreBeginsAnew() {
        let others = sample.files.keys.filter { $0 != CorruptionSample.manifest }.sorted()
        for kept in 1..<(1 << others.count) {
            let names = others.indices.filter { kept & 1 << $0 != 0 }.map { others[$0] }
            let files = sample.files.filter { names.contains($0.key) }
            expectRefused(files, CorruptionSample.manifest, names == [StoreFiles.mark] ? .lost : .withoutManifest)
        }
    }

    /// The mark tells what nothing else does: that a directory with nothing but keys had a store.
    @Test func aStoreOfWhichNothingIsLeftIsMissed() throws {
        expectRefused([StoreFiles.mark: [], "keys.state": [1]], CorruptionSample.manifest, .lost)
        // Also where what is left could be a first start's that was cut off.
        let directory = MemoryDirectory()
        let fixture = StorageFixture(directory)
        try fixture.start()
        fixture.kill()
        let header = directory.files[StoreFiles.segment(1)]?.prefix(JournalSegmentHeader.byteCount)
        let files = [StoreFiles.mark: [], StoreFiles.segment(1): Array(try #require(header))]
        expectRefused(files, CorruptionSample.manifest, .withoutManifest)
    }

    /// Directories that were begun before there were marks have none.
    @Test func aStoreWithoutTheMarkIsMarkedByItsNextStart() throws {
        let directory = MemoryDirectory(sample.files(with: nil, as: StoreFiles.mark))
        let fixture = StorageFixture(directory)
        try fixture.start()
        fixture.kill()
        #expect(directory.files[StoreFiles.mark] == sample.files[StoreFiles.mark])
        #expect(sample.files[StoreFiles.mark] != nil)
    }

    @Test func noMasterKeyIsMadeOverALostStore() throws {
        #expect(try StoreOpening.mayMakeMasterKey(in: MemoryDirectory(["other": []])))
        #expect(try !StoreOpening.mayMakeMasterKey(in: MemoryDirectory([StoreFiles.mark: []])))
    }

    // MARK: A first start that was cut off

    /// From everything that a first start can leave before its mark, a store begins.
    @Test func anUnfinishedFirstStartBeginsAnew() throws {
        let directory = MemoryDirectory()
        let fixture = StorageFixture(directory)
        try fixture.start()
        fixture.kill()
        let whole = directory.files
        let segment = StoreFiles.segment(1)
        let header = Array(try #require(whole[segment]).prefix(JournalSegmentHeader.byteCount))
        let unused = header + [UInt8](repeating: 0, count: 1_000)
        for files in [
            [:], [segment: unused], [segment: unused, StoreFiles.snapshot(1): whole[StoreFiles.snapshot(1)] ?? []],
            [segment: unused, "snapshot-0000000001.new": [1, 2, 3], "manifest.new": []],
            whole.filter { $0.key != StoreFiles.mark },
            whole.filter { $0.key != StoreFiles.mark }.merging(["store.begun.new": []]) { $1 },
        ] as [[String: [UInt8]]] {
            let next = MemoryDirectory(files)
            let again = StorageFixture(next, seed: 9)
            try again.start()
            let opened = try #require(again.open().granted)
            again.work()
            again.kill()
            try again.start()
            #expect(again.refresh(opened.token).refreshOutcome == .rotated)
            again.kill()
            #expect(next.files.keys.allSatisfy { !$0.hasSuffix(".new") })
        }
    }

    // MARK: Other keys, versions and files

    @Test func anotherMasterKeyIsRefused() {
        let other = SecretBytes(count: 32, random: SeededRandom(seed: 99))
        let result = Recovery.failure(sample.files, master: other)
        #expect(result.failure == RecoveryFailure("manifest", at: 0, .format(.notAuthentic)))
        #expect(result.isUnchanged)
        // Also where there is no manifest yet.
        let files = sample.files.filter { $0.key == StoreFiles.segment(1) }
        #expect(Recovery.failure(files, master: other).failure?.reason == .format(.notAuthentic))
    }

    /// What was being made is removed by a start that goes on from the rest, and by no other.
    @Test func aStartThatIsRefusedRemovesNothing() throws {
        var files = sample.files
        files["manifest.new"] = [1, 2, 3]
        files["snapshot-0000000009.new"] = []
        let other = SecretBytes(count: 32, random: SeededRandom(seed: 99))
        #expect(Recovery.failure(files, master: other).isUnchanged)
        var damaged = files
        damaged[CorruptionSample.lastSegment]?[8] ^= 0xFF
        let result = Recovery.failure(damaged)
        #expect(result.failure != nil)
        #expect(result.isUnchanged)
        let directory = MemoryDirectory(files)
        _ = try Recovery.run(directory)
        #expect(directory.files.keys.allSatisfy { !$0.hasSuffix(".new") })
    }

    @Test(arguments: [CorruptionSample.manifest, CorruptionSample.snapshot, CorruptionSample.lastSegment])
    func aNewerVersionIsToldAsSuch(name: String) {
        var bytes = sample.bytes(name)
        bytes[9] = 2
        expectRefused(sample.files(with: bytes, as: name), name, .format(.newerVersion(2)))
    }

    @Test(arguments: [CorruptionSample.manifest, CorruptionSample.snapshot, CorruptionSample.lastSegment])
    func aForeignFileIsToldAsSuch(name: String) {
        let bytes = Array("#!/bin/sh\necho something else\n".utf8) + [UInt8](repeating: 10, count: 500)
        expectRefused(sample.files(with: bytes, as: name), name, .format(.foreign))
        expectRefused(sample.files(with: [], as: name), name, .format(.truncated))
    }

    /// Files of another store under the same master key, one by one.
    @Test func filesOfAnotherStoreAreRefused() throws {
        let other = try StorageHistory(seed: 2, rounds: 1).directory
        for name in [CorruptionSample.manifest, CorruptionSample.snapshot] {
            let result = Recovery.failure(sample.files(with: other[name], as: name))
            #expect(result.failure?.file == CorruptionSample.snapshot)
            #expect(result.failure?.reason == .otherThanNamed)
            #expect(result.isUnchanged)
        }
        for name in [CorruptionSample.firstSegment, CorruptionSample.lastSegment] {
            expectRefused(sample.files(with: other[name], as: name), name, .format(.otherStore))
        }
    }

    /// A segment under another's name, longer than any, or behind a gap.
    @Test func segmentsThatCannotBeAreRefused() throws {
        let segment = sample.bytes(CorruptionSample.lastSegment)
        expectRefused(
            sample.files(with: segment, as: CorruptionSample.firstSegment),
            CorruptionSample.firstSegment,
            .format(.outOfSequence)
        )
        expectRefused(
            sample.files(with: segment, as: StoreFiles.segment(4)),
            StoreFiles.segment(4),
            .format(.outOfSequence)
        )
        expectRefused(sample.files(with: segment, as: StoreFiles.segment(5)), StoreFiles.segment(4), .missing)
        let long = segment + [UInt8](repeating: 0, count: FileJournal.segmentByteCountMax - segment.count)
        #expect(Recovery.failure(sample.files(with: long, as: CorruptionSample.lastSegment)).failure == nil)
        expectRefused(
            sample.files(with: long + [0], as: CorruptionSample.lastSegment),
            CorruptionSample.lastSegment,
            .tooLong(byteCountMax: FileJournal.segmentByteCountMax)
        )
    }

    /// Whatever else lies there is left alone, also what ends like a file that is being made.
    @Test func otherFilesAreLeftAlone() throws {
        let others: [String: [UInt8]] = [
            "notes.new": [1], "new": [2], ".new": [3], "journal-1": [4], "journal-00000000001": [5],
            "journal-000000000x.new": [6], "snapshot-0000000001.bak": [7], "manifest.old": [8],
            "journal-0000000001.cut-144": [9], "master.key": [10],
        ]
        let unfinished = ["manifest.new", "journal-0000000009.new", "snapshot-0000000009.new", "master.key.123.new"]
        let directory = MemoryDirectory(others)
        for name in unfinished {
            directory[name] = [1]
        }
        let fixture = StorageFixture(directory)
        try fixture.start()
        fixture.kill()
        try fixture.start()
        #expect(fixture.snapshot() == nil)
        #expect(fixture.snapshot() == nil)
        #expect(fixture.snapshot() == nil)
        #expect(fixture.stop() == nil)
        for (name, bytes) in others {
            #expect(directory[name] == bytes, "\(name)")
        }
        #expect(unfinished.allSatisfy { directory[$0] == nil })
    }

    /// A segment of a rekeying that did not come to its end is no part of the store; anything else under another key is
    /// damage.
    @Test func anUnusedSegmentUnderTheNextKeyIsRemoved() throws {
        let master = SecretBytes(count: 32, random: SeededRandom(seed: 99))
        func segment(_ origin: JournalSegmentHeader.Origin) -> [UInt8] {
            let header = JournalSegmentHeader(
                origin: origin,
                keyID: 2,
                storeID: StorageID(random: SeededRandom(seed: 1)),
                number: 4,
                lastLSN: .max,
                link: .zero,
                durableLSN: .max,
                firstBoxNumber: 1,
                random: SeededRandom(seed: 1)
            )
            var bytes: [UInt8] = []
            _ = header.encode(with: StorageKeys(id: 2, master: master), appendingTo: &bytes)
            return bytes
        }
        let name = StoreFiles.segment(4)
        let directory = MemoryDirectory(sample.files(with: segment(.restart) + [0, 0, 0], as: name))
        #expect(try Recovery.run(directory).content == sample.checkpoints.last?.content)
        #expect(directory[name] == nil)
        expectRefused(sample.files(with: segment(.restart) + [0, 0, 1], as: name), name, .format(.otherKey(id: 2)))
        expectRefused(sample.files(with: segment(.continuation), as: name), name, .format(.otherKey(id: 2)))
        expectRefused(sample.files(with: segment(.first), as: name), name, .format(.otherKey(id: 2)))
    }
}
