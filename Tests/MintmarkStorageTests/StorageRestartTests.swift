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
}
