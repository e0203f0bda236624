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
            operation == .synchronize && name.hasPrefix("journal-") && !name.hasSuffix(".new") ? EIO : nil
        }
        fixture.work()
        directory.fault = nil
    }

    private func findWayBack() {
        fixture.advance(milliseconds: SessionStorage.restartIntervalMilliseconds)
        fixture.work()
        #expect(fixture.journal.isWritable)
    }

    @Test func aStoreThatFoundItsWayBackStartsAgain() throws {
        try fixture.start()
        let opened = try #require(fixture.open().granted)
        failSync()
        #expect(!fixture.journal.isWritable)
        findWayBack()
        let rotated = try #require(fixture.refresh(opened.token).granted)
        fixture.work()
        fixture.kill()
        try fixture.start()
        #expect(fixture.refresh(rotated.token).refreshOutcome == .rotated)
    }
}
