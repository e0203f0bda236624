import Glibc
import MintmarkSessions
import MintmarkSessionsTestSupport
import NIOConcurrencyHelpers
import Testing

@testable import MintmarkStorage

/// Lives on a disk that failed once.
@Suite struct FailedDiskTests {
    private func store(seed: UInt64 = 1) throws -> (SimulatedDisk, StorageFixture) {
        let disk = SimulatedDisk(seed: seed)
        let fixture = StorageFixture(disk, seed: seed)
        try fixture.start()
        return (disk, fixture)
    }

    private func fail(_ operation: StorageFault.Operation, on disk: SimulatedDisk) {
        disk.inject(DiskFault(.fail(EIO), at: disk.callCount(of: operation) + 1, of: operation))
    }

    private func comeBack(_ fixture: StorageFixture) {
        fixture.comeBack()
        #expect(fixture.journal.isWritable)
    }

    /// What the failure caught on its way into the next segment is in the snapshot that leads back, and must not be
    /// written behind it.
    @Test(arguments: [StorageFault.Operation.truncate, .synchronize])
    func aSegmentThatCannotBeEndedTakesNothingIntoTheNext(operation: StorageFault.Operation) throws {
        let (disk, fixture) = try store()
        let claims = #"{"a":""# + String(repeating: "a", count: 4_000) + #""}"#
        func openMany() {
            for _ in 0..<200 {
                #expect(fixture.open(claims: claims).granted != nil)
            }
        }
        openMany()
        fixture.work()
        openMany()
        fixture.work()
        // No room is left for these.
        openMany()
        fail(operation, on: disk)
        fixture.work()
        #expect(fixture.journal.state.fault == StorageFault(operation, "journal-0000000001", code: EIO))
        comeBack(fixture)
        let last = try #require(fixture.open().granted)
        fixture.work()
        fixture.kill()
        disk.crash(power: .lost)
        try fixture.start()
        #expect(fixture.store.count == 601)
        #expect(fixture.refresh(last.token).refreshOutcome == .rotated)
    }

    /// A kill would bring the session back: nobody may be told for good that it is revoked before that is on the disk.
    @Test func aRevocationThatIsHeldIsToldToNobody() throws {
        let (disk, fixture) = try store()
        let opened = try #require(fixture.open().granted)
        fixture.work()
        fail(.synchronize, on: disk)
        _ = fixture.open()
        fixture.work()
        #expect(!fixture.journal.isWritable)
        #expect(fixture.revoke(.session(opened.sessionID)) == .refused(.storage))
        #expect(fixture.refresh(opened.token).refusal == .storage)
        #expect(fixture.introspect(opened.token) == .inactive(.storage, after: .zero))
        #expect(fixture.store.liveness(of: opened.sessionID, now: fixture.now).isLive == nil)
        comeBack(fixture)
        // What others change now is no proof of it, however durable. A refresh has it written.
        _ = fixture.open()
        #expect(fixture.introspect(opened.token) == .inactive(.storage, after: .zero))
        let rejection = try #require(fixture.refresh(opened.token).rejection)
        #expect(rejection.refusal == .revoked)
        #expect(rejection.after == fixture.journal.lastLSN)
        // Writing what was held is found to be due, and then done.
        fixture.work()
        fixture.work()
        #expect(fixture.introspect(opened.token) == .inactive(.revoked, after: .zero))
        fixture.kill()
        disk.crash(power: .lost)
        try fixture.start()
        #expect(fixture.refresh(opened.token).refusal == .revoked)
    }

    /// A number was skipped meanwhile, and nothing will ever be written for it.
    @Test func aSnapshotIsTakenAfterAStall() throws {
        let (disk, fixture) = try store()
        fail(.create, on: disk)
        let claims = #"{"a":""# + String(repeating: "a", count: 4_000) + #""}"#
        var last = LogSequenceNumber.zero
        while fixture.journal.isWritable {
            last = try #require(fixture.open(claims: claims).granted).after
            fixture.work()
        }
        #expect(fixture.snapshot() != nil)
        comeBack(fixture)
        #expect(fixture.journal.durableLSN >= last)
        #expect(fixture.journal.durableLSN == fixture.journal.lastLSN)
        #expect(fixture.snapshot() == nil)
    }

    /// A snapshot begins a segment of its own. One that finds no room for it leaves the present one as it was.
    @Test(arguments: [StorageFault.Operation.create, .allocate])
    func aSnapshotOnAFullDiskStopsNothing(operation: StorageFault.Operation) throws {
        let directory = MemoryDirectory()
        let fixture = StorageFixture(directory)
        try fixture.start()
        _ = fixture.open()
        fixture.work()
        let names = Set(directory.files.keys)
        directory.fault = { $0 == operation && $1.hasPrefix("journal") ? ENOSPC : nil }
        guard case .system(let fault) = fixture.snapshot() else {
            Issue.record("a snapshot without a segment")
            return
        }
        #expect(fault.operation == operation)
        #expect(fixture.journal.isWritable)
        let opened = try #require(fixture.open().granted)
        fixture.work()
        #expect(fixture.journal.durableLSN >= opened.after)
        #expect(directory["journal-0000000001"]?.count == FileJournal.segmentByteCountMin)
        #expect(Set(directory.files.keys) == names)
    }

    /// Where room that was allocated is not kept, a full disk shows while a box is written. Nothing of it was synced.
    @Test func aFullDiskInTheMiddleOfABoxNeedsNoSnapshot() throws {
        let (disk, fixture) = try store()
        let first = try #require(fixture.open().granted)
        fixture.work()
        let second = try #require(fixture.open().granted)
        disk.inject(DiskFault(.fail(ENOSPC), at: disk.callCount(of: .write) + 1, of: .write))
        fixture.work()
        guard case .stalled = fixture.journal.state else {
            Issue.record("the journal is \(fixture.journal.state)")
            return
        }
        comeBack(fixture)
        #expect(fixture.storage.snapshots.begun == 0)
        #expect(fixture.journal.durableLSN >= second.after)
        fixture.kill()
        disk.crash(power: .lost)
        try fixture.start()
        for opened in [first, second] {
            #expect(fixture.refresh(opened.token).refreshOutcome == .rotated)
        }
    }

    /// A cut-off that was made while nothing could be written has the number behind the last one. Nothing counts as durable
    /// up to it before it is written, or an answer would leave that a power loss makes untrue.
    @Test(arguments: [EIO, ENOSPC]) func noAnswerLeavesForACutOffBeforeItIsWritten(code: Int32) throws {
        let (disk, fixture) = try store()
        _ = fixture.open()
        fixture.work()
        _ = fixture.open()
        disk.inject(DiskFault(.fail(code), at: disk.callCount(of: .write) + 1, of: .write))
        fixture.work()
        #expect(!fixture.journal.isWritable)
        let held = fixture.journal.lastLSN.next
        #expect(fixture.revoke(.everything(of: .subject(Array("alice".utf8)))) == .refused(.storage))
        let seen = NIOLockedValueBox<LogSequenceNumber?>(nil)
        let journal = fixture.journal
        journal.onReopening { [cutOffs = fixture.store.cutOffs] journal in
            seen.withLockedValue { $0 = journal.durableLSN }
            _ = cutOffs.journalHeld(journal)
        }
        comeBack(fixture)
        let durable = try #require(seen.withLockedValue { $0 })
        #expect(durable < held)
        fixture.work()
        #expect(journal.durableLSN == journal.lastLSN)
    }

    /// Whether the disk keeps the name of the next segment is not known: a snapshot leads on.
    @Test func aNameThatCannotBeSyncedEndsTheSegment() throws {
        let (disk, fixture) = try store()
        _ = fixture.open()
        fixture.work()
        fail(.synchronizeDirectory, on: disk)
        #expect(fixture.snapshot() != nil)
        guard case .failed = fixture.journal.state else {
            Issue.record("the journal is \(fixture.journal.state)")
            return
        }
        comeBack(fixture)
    }

    /// In the mode `interval` something acknowledged may wait to be synced when there is no room for the next segment.
    @Test func whatWasAcknowledgedIsSyncedBeforeTheJournalWaitsForRoom() throws {
        let disk = SimulatedDisk(seed: 1)
        let fixture = StorageFixture(disk, mode: .interval(milliseconds: 3_600_000))
        try fixture.start()
        let opened = try #require(fixture.open().granted)
        fixture.work()
        #expect(fixture.journal.durableLSN >= opened.after)
        disk.inject(DiskFault(.fail(ENOSPC), at: disk.callCount(of: .allocate) + 1, of: .allocate, isLasting: true))
        let claims = #"{"a":""# + String(repeating: "a", count: 4_000) + #""}"#
        while fixture.journal.isWritable {
            _ = fixture.open(claims: claims)
            fixture.work()
        }
        fixture.kill()
        disk.heal()
        disk.crash(power: .lost)
        try fixture.start()
        #expect(fixture.refresh(opened.token).refreshOutcome == .rotated)
    }

    /// The system shows what a failed sync has not written, and the next sync works without writing it.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func whatAFailedSyncLeftInTheCacheIsWrittenBeforeItCounts(seed: UInt64) throws {
        let (disk, fixture) = try store(seed: seed)
        let first = try #require(fixture.open().granted)
        fixture.work()
        _ = fixture.open(claims: #"{"a":""# + String(repeating: "a", count: 4_000) + #""}"#)
        fail(.synchronize, on: disk)
        fixture.work()
        fixture.kill()
        disk.crash(power: .kept)
        try fixture.start()
        let second = try #require(fixture.open().granted)
        fixture.work()
        #expect(fixture.journal.durableLSN >= second.after)
        fixture.kill()
        disk.crash(power: .lost)
        try fixture.start()
        #expect(fixture.refresh(first.token).refreshOutcome == .rotated)
        #expect(fixture.refresh(second.token).refreshOutcome == .rotated)
    }

    /// Whether a stop without a last snapshot loses anything.
    @Test(arguments: [(DurabilityMode.snapshot, true), (.always, false), (.interval(milliseconds: 3_600_000), false)])
    func aStopWithoutASnapshotKnowsWhetherItLosesAnything(mode: DurabilityMode, loses: Bool) throws {
        let disk = SimulatedDisk(seed: 1)
        let fixture = StorageFixture(disk, mode: mode)
        try fixture.start()
        _ = fixture.open()
        fixture.work()
        disk.inject(DiskFault(.fail(ENOSPC), at: disk.callCount(of: .allocate) + 1, of: .allocate, isLasting: true))
        let storage = fixture.storage
        #expect(fixture.stop() != nil)
        #expect(storage.endsShort == loses)
    }

    @Test func aStopThatCannotWriteItsJournalMayLoseSomething() throws {
        let (disk, fixture) = try store()
        _ = fixture.open()
        disk.inject(DiskFault(.fail(EIO), at: disk.callCount(of: .write) + 1, of: .write, isLasting: true))
        let storage = fixture.storage
        #expect(fixture.stop() != nil)
        #expect(storage.endsShort)
    }

    @Test func aStopAsItShouldBeLosesNothing() throws {
        let (_, fixture) = try store()
        _ = fixture.open()
        let storage = fixture.storage
        #expect(fixture.stop() == nil)
        #expect(!storage.endsShort)
    }

    /// A life that is over is forgotten, however long its clocks are needed.
    @Test func aLifeThatIsOverLeavesNothingBehind() throws {
        let (_, fixture) = try store()
        weak let store = fixture.store
        #expect(store != nil)
        fixture.kill()
        #expect(store == nil)
    }
}
