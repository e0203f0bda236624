import MintmarkSessionsTestSupport
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

        func makePace() -> WorkPace {
            WorkPace(
                now: { [self] in
                    nanoseconds += stepNanoseconds
                    return nanoseconds
                },
                rest: { [self] in
                    rests.append($0)
                    nanoseconds += UInt64($0)
                }
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
}
