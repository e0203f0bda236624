import Glibc
import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkStorage

/// A snapshot that comes to nothing leaves nothing behind: a full disk needs the room.
@Suite struct SnapshotLeftoversTests {
    private static let codes = [EIO, ENOSPC]

    /// The files of snapshots that no manifest names.
    private func leftovers(on disk: SimulatedDisk, but kept: Set<String>) -> [String] {
        disk.contents.fileNames.filter { $0.hasPrefix("snapshot-") && !kept.contains($0) }.sorted()
    }

    /// A store with one snapshot more than the first, and sessions that no snapshot holds.
    private func store(_ change: (inout FileJournal.Settings) -> Void = { _ in }) throws
        -> (SimulatedDisk, StorageFixture)
    {
        let disk = SimulatedDisk(seed: 1)
        let fixture = StorageFixture(disk, seed: 1, change)
        try fixture.start()
        _ = fixture.open()
        fixture.work()
        #expect(fixture.snapshot() == nil)
        _ = fixture.open()
        fixture.work()
        return (disk, fixture)
    }

    /// How many calls a snapshot makes.
    private func callCount() throws -> Int {
        let (disk, fixture) = try store()
        _ = fixture.open()
        let before = disk.callCount
        #expect(fixture.snapshot() == nil)
        return disk.callCount - before
    }

    /// Whatever call fails, the next attempt leaves nothing of the one that came to nothing.
    @Test(arguments: codes) func nothingIsLeftWhicheverCallFails(code: Int32) throws {
        for number in 1...(try callCount()) {
            let (disk, fixture) = try store()
            _ = fixture.open()
            let kept = disk.contents.fileNames
            disk.inject(DiskFault(.fail(code), at: disk.callCount + number))
            let failure = fixture.snapshot()
            disk.heal()
            if failure != nil, !isOfManifest(failure) {
                #expect(leftovers(on: disk, but: kept) == [], "call \(number): \(String(describing: failure))")
            }
            for _ in 0..<4 {
                fixture.comeBack()
            }
            #expect(fixture.snapshot() == nil)
            #expect(!disk.contents.fileNames.contains { $0.hasSuffix(".new") })
            #expect(disk.contents.fileNames.count { $0.hasPrefix("snapshot-") } <= 2, "call \(number)")
        }
    }

    /// Which manifest the disk holds is not known: what either names is kept.
    private func isOfManifest(_ failure: SnapshotFailure?) -> Bool {
        guard case .system(let fault) = failure else { return false }
        return (fault.operation == .rename && fault.name.hasPrefix("manifest"))
            || fault.operation == .synchronizeDirectory
    }

    /// A snapshot whose events cannot be made durable does not count.
    @Test func aSnapshotThatIsNotFlushedLeavesNothing() throws {
        let (disk, fixture) = try store()
        let kept = disk.contents.fileNames
        var turns = 0
        let failure = fixture.takeSnapshot { turn in
            turns += 1
            if turns == 2 {
                // The disk has filled up meanwhile, and something waits that the snapshot may hold.
                _ = fixture.open()
                let number = disk.callCount(of: .write) + 1
                disk.inject(DiskFault(.fail(ENOSPC), at: number, of: .write, isLasting: true))
            }
            turn()
        }
        #expect(failure == .journal)
        guard case .stalled = fixture.journal.state else {
            Issue.record("the journal is \(fixture.journal.state)")
            return
        }
        #expect(leftovers(on: disk, but: kept) == [])
        disk.heal()
        fixture.comeBack()
        #expect(fixture.journal.isWritable)
    }

    /// What cannot be removed at once is removed while the journal waits for room.
    @Test func whatCannotBeRemovedAtOnceIsRemovedInAStall() throws {
        let directory = MemoryDirectory()
        let fixture = StorageFixture(directory)
        try fixture.start()
        _ = fixture.open()
        fixture.work()
        directory.fault = { operation, name in
            switch operation {
            case .remove where name.hasPrefix("snapshot-"): EIO
            case .rename where name.hasPrefix("snapshot-"): EIO
            default: nil
            }
        }
        #expect(fixture.snapshot() != nil)
        #expect(directory["snapshot-0000000002.new"] != nil)
        directory.fault = { operation, name in operation == .write && name.hasPrefix("journal-") ? ENOSPC : nil }
        _ = fixture.open()
        fixture.work()
        guard case .stalled = fixture.journal.state else {
            Issue.record("the journal is \(fixture.journal.state)")
            return
        }
        fixture.advance(milliseconds: JournalWriter.retryMilliseconds)
        fixture.work()
        #expect(directory["snapshot-0000000002.new"] == nil)
    }

    /// One that is being written now is left alone.
    @Test func whatIsWrittenAgainIsNotRemoved() throws {
        let directory = MemoryDirectory()
        let leftovers = SnapshotLeftovers(in: directory)
        _ = try directory.create("snapshot-0000000002.new")
        directory.fault = { operation, _ in operation == .remove ? EIO : nil }
        leftovers.discard(2)
        directory.fault = nil
        leftovers.forget(2)
        leftovers.remove()
        #expect(directory["snapshot-0000000002.new"] != nil)
        leftovers.discard(2)
        #expect(directory.files.isEmpty)
    }

    /// What a life that is over has left is removed by the next one, or by its first snapshot.
    @Test func aStartAndASnapshotRemoveWhatOthersLeft() throws {
        let directory = MemoryDirectory()
        let fixture = StorageFixture(directory)
        try fixture.start()
        fixture.kill()
        directory["snapshot-0000000007.new"] = [1]
        directory["of-others.new"] = [1]
        try fixture.start()
        #expect(directory["snapshot-0000000007.new"] == nil)
        directory["snapshot-0000000008.new"] = [1]
        directory["journal-0000000099.new"] = [1]
        #expect(fixture.snapshot() == nil)
        #expect(directory["snapshot-0000000008.new"] == nil)
        #expect(directory["journal-0000000099.new"] != nil, "the journal may be making it now")
        #expect(directory["of-others.new"] != nil)
    }
}
