import Glibc
import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkStorage

/// Grace windows run on the time that the store has been serving, over all its lives.
@Suite struct GraceWindowTests {
    private let directory = MemoryDirectory()
    private let fixture: StorageFixture

    init() {
        fixture = StorageFixture(directory)
    }

    private func pass(seconds: Int) {
        for _ in 0..<seconds {
            fixture.advance(milliseconds: 1_000)
            fixture.work()
        }
    }

    private func restart() throws {
        fixture.kill()
        try fixture.start()
    }

    @Test func aDowntimeUsesUpNoWindow() throws {
        try fixture.start()
        let opened = try #require(fixture.open().granted)
        let rotated = try #require(fixture.refresh(opened.token).granted)
        fixture.work()
        try restart()
        fixture.advance(milliseconds: 9_000)
        #expect(fixture.refresh(opened.token).granted?.token == rotated.token)
    }

    @Test func aKilledStoreRemembersHowLongItServed() throws {
        try fixture.start()
        let opened = try #require(fixture.open().granted)
        _ = try #require(fixture.refresh(opened.token).granted)
        fixture.work()
        pass(seconds: 12)
        try restart()
        #expect(fixture.refresh(opened.token).refusal == .reused)
    }

    /// Clocks are written each second, so a stop gives back of a window at most what came since, and what it began before.
    @Test(arguments: [0, 1, 300, 700, 999])
    func aStopGivesBackTwoSecondsAtMost(millisecondsLater: UInt64) throws {
        try fixture.start()
        let opened = try #require(fixture.open().granted)
        _ = try #require(fixture.refresh(opened.token).granted)
        fixture.work()
        pass(seconds: 10)
        fixture.advance(milliseconds: millisecondsLater)
        fixture.work()
        try restart()
        fixture.advance(milliseconds: 2_000)
        #expect(fixture.refresh(opened.token).refusal == .reused)
    }

    /// Even when nothing was rotated in the life during which the window went by.
    @Test func aLaterLifeRemembersIt() throws {
        try fixture.start()
        let opened = try #require(fixture.open().granted)
        _ = try #require(fixture.refresh(opened.token).granted)
        fixture.work()
        try restart()
        pass(seconds: 12)
        try restart()
        #expect(fixture.refresh(opened.token).refusal == .reused)
    }

    /// The clock is written for no longer than windows last: an idle store leaves the disk alone.
    @Test func anIdleStoreWritesNoClock() throws {
        try fixture.start()
        pass(seconds: 60)
        let boxes = fixture.journal.counters.boxes
        #expect((60...62).contains(boxes))
        pass(seconds: 30)
        #expect(fixture.journal.counters.boxes <= boxes + 1)
    }

    /// The rotation is released when the journal goes on, though nothing is written for it: its window begins then.
    @Test(arguments: [EIO, ENOSPC])
    func aWindowThatBeginsAtTheWayBackDoesNotBeginAgain(code: Int32) throws {
        let disk = SimulatedDisk(seed: 1)
        let fixture = StorageFixture(disk)
        try fixture.start()
        let opened = try #require(fixture.open().granted)
        fixture.work()
        for _ in 0..<120 {
            fixture.advance(milliseconds: 1_000)
            fixture.work()
        }
        #expect(fixture.refresh(opened.token).refreshOutcome == .rotated)
        disk.inject(DiskFault(.fail(code), at: disk.callCount(of: .write) + 1, of: .write))
        fixture.work()
        #expect(!fixture.journal.isWritable)
        for _ in 0..<3_600 {
            fixture.advance(milliseconds: 1_000)
            fixture.work()
        }
        #expect(fixture.journal.isWritable)
        fixture.kill()
        disk.crash(power: .kept)
        try fixture.start()
        #expect(fixture.refresh(opened.token).refusal == .reused)
    }

    /// The answer to a rotation is lost, and then the disk fails for longer than the window: the client's next try finds
    /// it open.
    @Test func anOutageUsesUpNoWindow() throws {
        let disk = SimulatedDisk(seed: 1)
        let fixture = StorageFixture(disk)
        try fixture.start()
        let opened = try #require(fixture.open().granted)
        fixture.work()
        let rotated = try #require(fixture.refresh(opened.token).granted)
        fixture.work()
        fixture.advance(milliseconds: 1_000)
        _ = fixture.open()
        disk.inject(DiskFault(.fail(EIO), at: disk.callCount(of: .synchronize) + 1, of: .synchronize))
        fixture.work()
        #expect(!fixture.journal.isWritable)
        fixture.advance(milliseconds: 20_000)
        #expect(fixture.refresh(opened.token).refusal == .storage)
        fixture.work()
        #expect(fixture.journal.isWritable)
        #expect(fixture.refresh(opened.token).granted?.token == rotated.token)
        #expect(fixture.grantOutcome == .sameSuccessor)
    }
}
