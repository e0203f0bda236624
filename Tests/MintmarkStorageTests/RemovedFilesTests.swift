import Foundation
import Glibc
import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkStorage

/// Somebody removes the files of a store that serves: nothing is acknowledged that the next start cannot find.
@Suite struct RemovedFilesTests {
    @Test(arguments: [DurabilityMode.always, .interval(milliseconds: 3_600_000)])
    func nothingIsAcknowledgedIntoASegmentThatIsGone(mode: DurabilityMode) throws {
        let directory = MemoryDirectory()
        let fixture = StorageFixture(directory, mode: mode)
        try fixture.start()
        _ = fixture.open()
        fixture.work()
        directory.files = [:]
        directory.fault = { operation, _ in operation == .create ? ENOENT : nil }
        let opened = try #require(fixture.open().granted)
        fixture.work()
        #expect(fixture.journal.durableLSN < opened.after)
        #expect(fixture.journal.state == .failed(StorageFault(.stat, "journal-0000000001", code: ENOENT)))
        #expect(!fixture.journal.isWritable)
        fixture.comeBack()
        #expect(fixture.open().granted == nil)
    }

    /// Where files can be made a snapshot of everything leads on.
    @Test func whatIsInMemoryIsWrittenAgain() throws {
        let directory = MemoryDirectory()
        let fixture = StorageFixture(directory)
        try fixture.start()
        let first = try #require(fixture.open().granted)
        fixture.work()
        directory.files = [:]
        let second = try #require(fixture.open().granted)
        fixture.work()
        fixture.comeBack()
        #expect(fixture.journal.isWritable)
        fixture.kill()
        try fixture.start()
        for opened in [first, second] {
            #expect(fixture.refresh(opened.token).refreshOutcome == .rotated)
        }
    }

    /// A store that nobody uses finds out with the next snapshot.
    @Test func aSnapshotFindsOut() throws {
        let directory = MemoryDirectory()
        let fixture = StorageFixture(directory)
        try fixture.start()
        directory.files = [:]
        #expect(fixture.snapshot() == .system(StorageFault(.stat, "journal-0000000001", code: ENOENT)))
        #expect(fixture.open().granted == nil)
    }

    /// What keeps a new segment from being made, and is not a full disk, keeps changes from being taken.
    @Test(arguments: [(StorageFault.Operation.create, ENOENT), (.create, EIO), (.allocate, EIO)])
    func aSegmentThatCannotBeMadeStopsChanges(operation: StorageFault.Operation, code: Int32) throws {
        let directory = MemoryDirectory()
        let fixture = StorageFixture(directory)
        try fixture.start()
        directory.fault = { $0 == operation && $1.hasPrefix("journal-") ? code : nil }
        #expect(fixture.snapshot() != nil)
        guard case .stalled(let fault) = fixture.journal.state else {
            Issue.record("the journal is \(fixture.journal.state)")
            return
        }
        #expect(fault.code == code)
        #expect(fixture.open().granted == nil)
        directory.fault = nil
        fixture.comeBack()
        #expect(fixture.open().granted != nil)
    }

    /// On a real disk: as a hand that removes the whole directory does.
    @Test func aDirectoryThatIsRemovedIsNoticed() throws {
        let place = try TestDirectory()
        let fixture = StorageFixture(place.open())
        try fixture.start()
        _ = fixture.open()
        fixture.work()
        try FileManager.default.removeItem(atPath: place.path)
        let opened = try #require(fixture.open().granted)
        fixture.work()
        #expect(fixture.journal.durableLSN < opened.after)
        fixture.comeBack()
        #expect(fixture.open().granted == nil)
    }
}
