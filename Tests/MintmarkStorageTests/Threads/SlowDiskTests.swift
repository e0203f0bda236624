import MintmarkCrypto
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

    /// A disk that does not answer is told of, changes are refused, and all goes on by itself when it answers again.
    @Test(.timeLimit(.minutes(10))) func changesAreRefusedWhileTheDiskDoesNotAnswer() async throws {
        // No real disk, which may take a second of its own.
        let directory = CommandedDirectory(MemoryDirectory())
        let lives = try ThreadedStore(directory, watchIntervalMilliseconds: 1)
        let first = try #require(lives.open())
        await lives.waitUntilDurable(first.after)
        directory.hold { operation, name in operation == .synchronize && name.hasPrefix("journal-") }
        let parked = try #require(lives.open(subject: "bob"))
        await lives.wait { event in
            guard case .heldUp(true) = event else { return false }
            return true
        }
        #expect(lives.journal.isHeldUp)
        #expect(!lives.journal.isWritable)
        #expect(lives.journal.mayAdvance, "what waits goes on waiting")
        #expect(lives.open(subject: "carol") == nil)
        let waiting = lives.journal.lagEvents
        var grant = GrantBuffer()
        let refused = lives.store.refresh(first.token, now: TestClocks().now, grant: &grant)
        #expect(refused.refusal == .storage)
        #expect(lives.journal.lagEvents == waiting, "nothing is appended without end")
        // A revocation holds in any case, and is written with the rest.
        #expect(lives.store.revoke(.session(parked.sessionID), now: TestClocks().now) { 0 } != .refused(.storage))
        let revoked = lives.journal.lastLSN

        directory.letGo()
        await lives.wait { event in
            guard case .heldUp(false) = event else { return false }
            return true
        }
        await lives.waitUntilDurable(revoked)
        #expect(lives.store.refresh(first.token, now: TestClocks().now, grant: &grant).refreshOutcome == .rotated)
        #expect(lives.open(subject: "carol") != nil)
        #expect(lives.journal.counters.failures == 0)
        #expect(await lives.threads.stop() == nil)
    }

    /// The bound: a millisecond before it, at it, and behind it.
    @Test(.timeLimit(.minutes(10)), arguments: [-1, 0, 1])
    func theDiskHasAWhileToAnswer(milliseconds: Int) async throws {
        let (calls, told) = AsyncStream.makeStream(of: Void.self)
        let journal = FileJournal(in: directory, random: SystemRandom()) {}
        try journal.begin(
            JournalStore(id: .zero, keys: StorageKeys(id: 1, master: StorageFixture.master)) { .zero },
            origin: .first,
            segment: 1,
            position: JournalPosition(boxNumber: 0, link: .zero, lastLSN: .zero),
            lastLSN: .zero
        )
        journal.watch(atMilliseconds: .max)
        #expect(!journal.isHeldUp, "a disk that has nothing to do is not slow")
        directory.hold { operation, _ in operation == .synchronize }
        let event: [UInt8] = [JournalEvent.clockKind]
        #expect(journal.append(event.span.bytes, isAlwaysSynced: false) != nil)
        let began: UInt64 = 5_000
        SystemThread.start(name: "commit", isInBackground: false) {
            journal.commit(atMilliseconds: began)
            told.finish()
        }
        await directory.holdBegan()
        let now = began + FileJournal.lagMillisecondsMax
        journal.watch(atMilliseconds: milliseconds < 0 ? now - 1 : now + UInt64(milliseconds))
        let isTaken = milliseconds < 0
        #expect(journal.isHeldUp != isTaken)
        #expect(journal.isWritable == isTaken)
        #expect(journal.isServing(atMilliseconds: now - 1) == isTaken)
        #expect((journal.append(event.span.bytes, isAlwaysSynced: false) != nil) == isTaken)
        #expect(journal.append(event.span.bytes, isAlwaysSynced: true) != nil)
        directory.letGo()
        for await _ in calls {}
        #expect(!journal.isHeldUp)
        #expect(journal.isWritable)
        #expect(journal.append(event.span.bytes, isAlwaysSynced: false) != nil)
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
