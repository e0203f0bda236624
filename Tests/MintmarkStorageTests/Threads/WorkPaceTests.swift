import MintmarkSessions
import MintmarkSessionsTestSupport
import NIOConcurrencyHelpers
import Testing

@testable import MintmarkStorage

/// The rests of a thread in the background.
@Suite struct WorkPaceTests {
    /// Time as a test makes it pass, and what was rested.
    private final class Clock {
        var nanoseconds: UInt64 = 1_000
        /// How much passes with each look at the clock.
        var stepNanoseconds: UInt64 = 0
        var rests: [Int] = []

        func makePace(isInHurry: @escaping () -> Bool = { false }) -> WorkPace {
            WorkPace(
                now: { [self] in
                    nanoseconds += stepNanoseconds
                    return nanoseconds
                },
                rest: { [self] in
                    rests.append($0)
                    nanoseconds += UInt64($0)
                },
                isInHurry: isInHurry
            )
        }
    }

    @Test(arguments: [(-1, 0), (0, 1), (1, 1)])
    func itIsDueAfterSoMuchWork(difference: Int, restCount: Int) {
        let clock = Clock()
        let pace = clock.makePace()
        for round in 1...3 {
            clock.rests = []
            clock.nanoseconds += UInt64(Int(WorkPace.workNanoseconds) + difference)
            pace.restIfDue()
            #expect(clock.rests == Array(repeating: WorkPace.restNanoseconds, count: restCount), "round \(round)")
            if restCount == 0 {
                // What was worked counts on, and a rest is no work.
                clock.nanoseconds += 1
                pace.restIfDue()
                #expect(clock.rests.count == 1)
            }
        }
    }

    @Test func whoIsInAHurryDoesNotRest() {
        let clock = Clock()
        var isInHurry = true
        let pace = clock.makePace { isInHurry }
        clock.nanoseconds += 10 * WorkPace.workNanoseconds
        pace.restIfDue()
        #expect(clock.rests.isEmpty)
        isInHurry = false
        pace.restIfDue()
        #expect(clock.rests.count == 1)
    }

    /// A rest for every two sessions, as a look at the clock takes more than half of a stretch; and the snapshot is one.
    @Test func aSnapshotRestsBetweenItsSessions() throws {
        let fixture = StorageFixture(MemoryDirectory())
        try fixture.start()
        for _ in 0..<200 {
            _ = try #require(fixture.open().granted)
        }
        fixture.work()
        let clock = Clock()
        clock.stepNanoseconds = WorkPace.workNanoseconds / 2 + 1
        let now = fixture.milliseconds
        #expect(fixture.storage.takeSnapshot(atMilliseconds: { now }, pace: clock.makePace()) == nil)
        #expect(clock.rests.count >= 100)
        let records = fixture.records
        fixture.kill()
        try fixture.start()
        #expect(fixture.records.keys == records.keys)
        #expect(fixture.report.snapshotSessions == 200)
    }

    @Test func aSnapshotRestsBetweenItsCutOffs() throws {
        let fixture = StorageFixture(MemoryDirectory())
        try fixture.start()
        for number in 0..<2_000 {
            _ = fixture.revoke(.everything(of: .subject(Array("subject \(number)".utf8))))
        }
        fixture.work()
        let clock = Clock()
        clock.stepNanoseconds = WorkPace.workNanoseconds / 2 + 1
        let now = fixture.milliseconds
        #expect(fixture.storage.takeSnapshot(atMilliseconds: { now }, pace: clock.makePace()) == nil)
        #expect(clock.rests.count >= 1_000)
    }

    /// Nothing is written or read at the disk twice without a rest between.
    @Test func aSnapshotRestsBetweenItsCallsOfTheSystem() throws {
        let directory = MemoryDirectory()
        let fixture = StorageFixture(directory)
        try fixture.start()
        for _ in 0..<1_500 {
            _ = try #require(fixture.open().granted)
        }
        fixture.work()
        let rests = NIOLockedValueBox(0)
        let calls = NIOLockedValueBox<[StorageFault.Operation: [Int]]>([:])
        directory.fault = { operation, name in
            if name.hasPrefix("snapshot-") {
                calls.withLockedValue { $0[operation, default: []].append(rests.withLockedValue(\.self)) }
            }
            return nil
        }
        let time = NIOLockedValueBox<UInt64>(0)
        let pace = WorkPace(
            now: {
                time.withLockedValue { time in
                    time += WorkPace.workNanoseconds
                    return time
                }
            },
            rest: { _ in rests.withLockedValue { $0 += 1 } }
        )
        let now = fixture.milliseconds
        #expect(fixture.storage.takeSnapshot(atMilliseconds: { now }, pace: pace) == nil)
        for operation in [StorageFault.Operation.write, .read] {
            let restCounts = calls.withLockedValue { $0[operation] ?? [] }
            #expect(restCounts.count >= 2, "\(operation)")
            #expect(zip(restCounts, restCounts.dropFirst()).allSatisfy { $0 < $1 }, "\(operation): \(restCounts)")
        }
    }
}
