import Glibc
import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkStorage

/// Storage's real threads, over a disk whose calls fail or wait on command.
@Suite struct ThreadedFaultTests {
    private let memory = MemoryDirectory()
    private let directory: CommandedDirectory

    init() {
        directory = CommandedDirectory(memory)
    }

    private static func isSyncOfJournal(_ operation: StorageFault.Operation, _ name: String) -> Bool {
        operation == .synchronize && name.hasPrefix("journal-")
    }

    /// Lets the snapshot thread begin a snapshot, wait in the middle of it, and the journal fail meanwhile.
    private func failDuringASnapshot(_ lives: ThreadedStore) async throws {
        directory.hold { operation, name in operation == .synchronize && name.hasPrefix("snapshot-") }
        _ = lives.threads.requestSnapshot()
        await directory.holdBegan()
        directory.fail(EIO, Self.isSyncOfJournal)
        _ = try #require(lives.open())
        await lives.waitUntilFailed()
    }

    @Test(.timeLimit(.minutes(10))) func theJournalMayFailWhileASnapshotIsWritten() async throws {
        let lives = try ThreadedStore(directory)
        try await failDuringASnapshot(lives)
        #expect(!lives.journal.isWritable)
        directory.heal()
        directory.letGo()
        // It is open before that, and takes everything again.
        await lives.wait { event in
            guard case .snapshot = event else { return false }
            return true
        }
        let opened = try #require(lives.open())
        await lives.waitUntilDurable(opened.after)
        #expect(await lives.threads.stop() == nil)
        let next = try ThreadedStore(memory)
        #expect(next.store.count == 2)
        #expect(await next.threads.stop() == nil)
    }

    /// So that a stop with a large store is told from one whose disk hangs.
    @Test(.timeLimit(.minutes(10))) func aLastSnapshotIsSeenToGetOn() async throws {
        let lives = try ThreadedStore(directory)
        let opened = try #require(lives.open())
        await lives.waitUntilDurable(opened.after)
        let before = lives.threads.progress
        #expect(await lives.threads.stop() == nil)
        #expect(lives.threads.progress > before)
    }

    @Test(.timeLimit(.minutes(10))) func aStopEndsThoughTheJournalFailedWhileASnapshotIsWritten() async throws {
        let lives = try ThreadedStore(directory)
        try await failDuringASnapshot(lives)
        async let stopped = lives.threads.stop()
        directory.letGo()
        // The disk has not healed.
        #expect(await stopped != nil)
    }

    /// Each snapshot that somebody waits for is settled, and told of, whatever becomes of it and whoever takes it.
    @Test(.timeLimit(.minutes(10))) func requestsAreSettledByAttemptsToFindAWayBack() async throws {
        let lives = try ThreadedStore(directory)
        directory.hold { operation, name in operation == .create && name.hasPrefix("snapshot-") }
        directory.fail(EIO) { operation, name in
            Self.isSyncOfJournal(operation, name) || (operation == .create && name.hasPrefix("snapshot-"))
        }
        _ = try #require(lives.open())
        await lives.waitUntilFailed()
        // The first attempt has begun; what is asked for now is for the next one, or for the one that fails at once.
        await directory.holdBegan()
        let number = lives.threads.requestSnapshot()
        directory.letGo()
        await lives.wait { event in
            guard case .noSnapshot = event else { return false }
            return lives.threads.snapshots.settled >= number
        }
        directory.heal()
        await lives.waitUntilOpen()
        #expect(await lives.threads.stop() == nil)
    }

    /// Whatever fails, and for however long: the store comes back, and nothing acknowledged is lost.
    @Test(.timeLimit(.minutes(10)), arguments: StorageFault.Operation.allCases)
    func theStoreComesBack(operation: StorageFault.Operation) async throws {
        let lives = try ThreadedStore(directory)
        let first = try #require(lives.open())
        await lives.waitUntilDurable(first.after)
        directory.fail(EIO) { failing, _ in failing == operation }
        _ = lives.open()
        let number = lives.threads.requestSnapshot()
        await lives.wait { event in
            switch event {
            case .snapshot, .noSnapshot: lives.threads.snapshots.settled >= number
            default: false
            }
        }
        directory.heal()
        let again = lives.threads.requestSnapshot()
        await lives.wait { event in
            guard case .snapshot(let record) = event else { return false }
            return record.published >= again || lives.journal.isWritable
        }
        let last = try #require(lives.open())
        await lives.waitUntilDurable(last.after)
        #expect(await lives.threads.stop() == nil)
        let next = try ThreadedStore(memory)
        var grant = GrantBuffer()
        for opened in [first, last] {
            let outcome = next.store.refresh(opened.token, now: TestClocks().now, grant: &grant)
            #expect(outcome.refreshOutcome == .rotated)
        }
        #expect(await next.threads.stop() == nil)
    }
}
