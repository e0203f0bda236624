import Glibc
import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkStorage

/// The way back after a failed write or sync, and the starts after it.
@Suite struct StorageRestartTests {
    private let directory = MemoryDirectory()
    private let fixture: StorageFixture

    init() {
        fixture = StorageFixture(directory)
    }

    /// Lets the next sync of the segment under way fail, and writes.
    private func failSync() {
        directory.fault = { operation, name in
            operation == .synchronize && name.hasPrefix("journal-") ? EIO : nil
        }
        fixture.work()
        directory.fault = nil
        #expect(!fixture.journal.isWritable)
    }

    private func findWayBack() {
        fixture.comeBack()
    }

    @Test func aStoreThatFoundItsWayBackStartsAgain() throws {
        try fixture.start()
        let opened = try #require(fixture.open().granted)
        failSync()
        findWayBack()
        #expect(fixture.journal.isWritable)
        let rotated = try #require(fixture.refresh(opened.token).granted)
        fixture.work()
        fixture.kill()
        try fixture.start()
        #expect(fixture.refresh(rotated.token).refreshOutcome == .rotated)
    }

    /// Also when nothing was written behind it, and when it has to find its way back again and again.
    @Test func waysBackMayFollowOneAnother() throws {
        try fixture.start()
        for _ in 0..<3 {
            for _ in 0..<2 {
                _ = try #require(fixture.open().granted)
                failSync()
                findWayBack()
                #expect(fixture.journal.isWritable)
            }
            let records = fixture.records
            fixture.kill()
            try fixture.start()
            #expect(fixture.records.keys == records.keys)
        }
        #expect(fixture.store.count == 6)
        #expect(fixture.snapshot() == nil)
        fixture.kill()
        try fixture.start()
        #expect(fixture.store.count == 6)
    }

    @Test func whatWasRevokedMeanwhileIsRevokedAfterwards() throws {
        try fixture.start()
        let single = try #require(fixture.open(subject: "single").granted)
        let listed = try #require(fixture.open(subject: "listed").granted)
        let alive = try #require(fixture.open(subject: "alive").granted)
        fixture.work()
        _ = fixture.open(subject: "lost")
        failSync()
        #expect(fixture.revoke(.session(single.sessionID)) == .refused(.storage))
        #expect(fixture.revoke(.everything(of: .subject(Array("listed".utf8)))) == .refused(.storage))
        findWayBack()
        fixture.work()
        fixture.kill()
        try fixture.start()
        #expect(fixture.refresh(single.token).refusal == .revoked)
        #expect(fixture.refresh(listed.token).refusal == .revoked)
        #expect(fixture.refresh(alive.token).refreshOutcome == .rotated)
    }

    /// A way back whose manifest could not be written leaves a segment that never counted: it is removed, and what was
    /// acknowledged before the failure is there.
    @Test func aSegmentThatNeverCountedIsRemoved() throws {
        try fixture.start()
        let opened = try #require(fixture.open().granted)
        fixture.work()
        _ = fixture.open(subject: "lost")
        failSync()
        directory.fault = { operation, name in operation == .rename && name == "manifest.new" ? EIO : nil }
        findWayBack()
        findWayBack()
        directory.fault = nil
        #expect(!fixture.journal.isWritable)
        let unused = [StoreFiles.segment(2), StoreFiles.segment(3)]
        #expect(unused.allSatisfy { directory[$0] != nil })
        fixture.kill()
        try fixture.start()
        #expect(directory[unused[1]] == nil, "the next life begins with segment 2")
        #expect(fixture.report.segments == 1)
        #expect(fixture.refresh(opened.token).refreshOutcome == .rotated)
    }

    /// Whatever lies in the segments before the restart does not matter any more.
    @Test func nothingBeforeTheRestartIsRead() throws {
        try fixture.start()
        let opened = try #require(fixture.open().granted)
        failSync()
        findWayBack()
        fixture.kill()
        directory[StoreFiles.segment(1)] = [1, 2, 3]
        try fixture.start()
        #expect(fixture.refresh(opened.token).refreshOutcome == .rotated)
    }

    /// Attempts that follow one another come ever later, but not later than their ceiling.
    @Test func attemptsToFindAWayBackComeEverLater() throws {
        try fixture.start()
        _ = try #require(fixture.open().granted)
        failSync()
        directory.fault = { operation, name in operation == .create && name.hasPrefix("snapshot-") ? EIO : nil }
        var waits: [UInt64] = []
        for _ in 0..<8 {
            fixture.comeBack()
            waits.append(fixture.storage.wayBackDueMilliseconds - fixture.milliseconds)
        }
        #expect(waits == [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
        #expect(fixture.storage.snapshots.begun == 8)
        directory.fault = nil
        fixture.comeBack()
        #expect(fixture.journal.isWritable)
        // A store that has been well for as long is tried at once, and then soon.
        fixture.advance(milliseconds: 2 * RestartSchedule.intervalMillisecondsMax)
        _ = try #require(fixture.open().granted)
        failSync()
        directory.fault = { operation, name in operation == .create && name.hasPrefix("snapshot-") ? EIO : nil }
        fixture.work()
        #expect(fixture.storage.snapshots.begun == 10)
        #expect(fixture.storage.wayBackDueMilliseconds == fixture.milliseconds + 1_000)
    }

    @Test(arguments: [-1, 0, 1])
    func theScheduleBeginsAnew(difference: Int) {
        var schedule = RestartSchedule()
        schedule.attempted(from: 100_000, to: 100_500)
        #expect(schedule.dueMilliseconds == 101_500)
        let next = UInt64(101_500 + Int(RestartSchedule.intervalMillisecondsMax) + difference)
        schedule.attempted(from: next, to: next)
        #expect(schedule.dueMilliseconds == next + (difference < 0 ? 2_000 : 1_000))
    }

    /// The disk works again, and nothing has tried yet: what is in memory only is not lost by stopping cleanly.
    @Test(arguments: [DurabilityMode.always, .interval(milliseconds: 1_000), .snapshot])
    func aCleanStopBehindAFailureLosesNothing(mode: DurabilityMode) throws {
        let disk = SimulatedDisk(seed: 1)
        let fixture = StorageFixture(disk, mode: mode)
        try fixture.start()
        let kept = try #require(fixture.open().granted)
        let other = try #require(fixture.open().granted)
        fixture.work()
        disk.inject(DiskFault(.fail(EIO), at: disk.callCount(of: .synchronize) + 1, of: .synchronize))
        _ = fixture.revoke(.session(other.sessionID))
        fixture.work()
        #expect(!fixture.journal.isWritable)
        #expect(fixture.stop() == nil)
        disk.crash(power: .lost)
        try fixture.start()
        #expect(fixture.refresh(kept.token).refreshOutcome == .rotated)
        #expect(fixture.refresh(other.token).refusal == .revoked)
    }

    /// The segment is full, and a disk that was full has room again at the stop.
    @Test func aCleanStopBehindAFullDiskLosesNothing() throws {
        let disk = SimulatedDisk(seed: 1)
        let fixture = StorageFixture(disk, mode: .interval(milliseconds: 1_000))
        try fixture.start()
        disk.inject(DiskFault(.fail(ENOSPC), at: disk.callCount(of: .allocate) + 1, of: .allocate, isLasting: true))
        let claims = #"{"a":""# + String(repeating: "a", count: 4_000) + #""}"#
        var tokens: [[UInt8]] = []
        while fixture.journal.isWritable {
            tokens.append(try #require(fixture.open(claims: claims).granted).token)
            fixture.work()
        }
        disk.heal()
        #expect(fixture.stop() == nil)
        disk.crash(power: .lost)
        try fixture.start()
        #expect(fixture.store.count == tokens.count)
    }

    /// A cut-off that was made during an outage reaches what was opened before its end, and nothing that came after:
    /// neither in memory nor in the journal.
    @Test(arguments: [EIO, ENOSPC])
    func aCutOffOfAnOutageReachesNoLaterSession(code: Int32) throws {
        let disk = SimulatedDisk(seed: 1)
        let fixture = StorageFixture(disk)
        try fixture.start()
        let before = try #require(fixture.open().granted)
        fixture.work()
        _ = fixture.open()
        disk.inject(DiskFault(.fail(code), at: disk.callCount(of: .write) + 1, of: .write))
        fixture.work()
        #expect(fixture.revoke(.everything(of: .all)) == .refused(.storage))
        // Not before what made it: the journal is the one that opens the gate.
        if case .failed = fixture.journal.state {
            _ = fixture.storage.findWayBack { fixture.milliseconds }
        } else {
            fixture.journal.commit(atMilliseconds: fixture.milliseconds + 1_000)
        }
        let after = try #require(fixture.open().granted)
        for _ in 0..<3 {
            fixture.work()
        }
        #expect(fixture.refresh(before.token).refusal == .revoked)
        let next = try #require(fixture.refresh(after.token).granted)
        fixture.work()
        fixture.kill()
        disk.crash(power: .lost)
        try fixture.start()
        #expect(fixture.refresh(before.token).refusal == .revoked)
        #expect(fixture.refresh(next.token).refreshOutcome == .rotated)
    }

    /// Too much waits, so a revocation is not taken, though nothing has failed. It is written when there is room.
    @Test func aRevocationThatFoundTheQueueFullIsWrittenLater() throws {
        let disk = SimulatedDisk(seed: 1)
        let fixture = StorageFixture(disk) { $0.waitingByteCountMax = 5_000 }
        try fixture.start()
        let opened = try #require(fixture.open().granted)
        fixture.work()
        let claims = #"{"a":""# + String(repeating: "a", count: 4_000) + #""}"#
        while fixture.open(claims: claims).granted != nil {}
        // Shorter than a revocation.
        while fixture.force(.session(opened.sessionID)) != .refused(.storage) {}
        #expect(fixture.revoke(.session(opened.sessionID)) == .refused(.storage))
        for _ in 0..<2 {
            fixture.work()
        }
        fixture.kill()
        disk.crash(power: .lost)
        try fixture.start()
        #expect(fixture.refresh(opened.token).refusal == .revoked)
    }
}
