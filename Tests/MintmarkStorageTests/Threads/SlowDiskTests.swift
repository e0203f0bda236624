import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkStorage

/// A disk that takes its time: nothing that answers requests waits for it.
@Suite struct SlowDiskTests {
    private let place: TestDirectory
    private let directory: CommandedDirectory

    init() throws {
        place = try TestDirectory()
        directory = CommandedDirectory(place.open())
    }

    @Test(.timeLimit(.minutes(10))) func requestsNeverWaitForASync() async throws {
        let lives = try ThreadedStore(directory)
        let store = lives.store
        let first = try #require(lives.open())
        await lives.waitUntilDurable(first.after)

        directory.hold { operation, _ in operation == .synchronize }
        let held = try #require(lives.open(subject: "bob"))
        await directory.holdBegan()
        // The disk is busy, and will be until it is let go. Everything below would never end if it waited.
        #expect(store.journal.durableLSN < held.after)
        var grant = GrantBuffer()
        var newest = first.token
        for _ in 0..<100 {
            newest = try #require(store.refresh(newest, now: TestClocks().now, grant: &grant).granted).token
        }
        #expect(store.revoke(.session(held.sessionID), now: TestClocks().now) { 0 } != .refused(.storage))
        // A disk that holds up answers uses up no grace window.
        let now = MonotonicClock.milliseconds
        #expect(!lives.journal.isServing(atMilliseconds: now + FileJournal.lagMillisecondsMax))
        // What STATS tells.
        #expect(lives.journal.counters.events > 0)
        #expect(lives.journal.state == .open)
        #expect(lives.threads.snapshots.begun == 0)
        #expect(store.journal.durableLSN < held.after)
        let last = store.journal.lastLSN

        directory.letGo()
        await lives.waitUntilDurable(last)
        #expect(await lives.threads.stop() == nil)
    }

    @Test(.timeLimit(.minutes(10))) func snapshotsAreTakenOnRequest() async throws {
        let lives = try ThreadedStore(directory)
        _ = try #require(lives.open())
        // Many, so that the threads meet in every order.
        for _ in 0..<10 {
            let number = lives.threads.requestSnapshot()
            await lives.wait { event in
                guard case .snapshot(let record) = event, record.settled >= number else { return false }
                #expect(record.published >= number)
                return true
            }
        }
        #expect(lives.threads.snapshots.sessionCount == 1)
        #expect(await lives.threads.stop() == nil)
        #expect(lives.journal.isWritable == false)
    }
}
