import MintmarkSessions
import MintmarkSessionsTestSupport
import MintmarkStorage
import Testing

/// The mode `interval`: what was written is synced when its time is over, whether anything comes after it or not.
@Suite struct SyncIntervalTests {
    private static let interval: UInt64 = 1_000
    private let disk = SimulatedDisk(seed: 1)
    private let fixture: StorageFixture

    init() {
        fixture = StorageFixture(disk, mode: .interval(milliseconds: Self.interval))
    }

    private var syncCount: Int { disk.callCount(of: .synchronize) }

    @Test(arguments: [-1, 0, 1])
    func whatNothingComesAfterIsSyncedInTime(difference: Int) throws {
        try fixture.start()
        let opened = try #require(fixture.open().granted)
        fixture.work()
        let (before, written) = (syncCount, fixture.milliseconds)
        #expect(fixture.journal.dueMilliseconds(atMilliseconds: written) == written + Self.interval)
        fixture.advance(milliseconds: UInt64(Int(Self.interval) + difference))
        fixture.work()
        #expect(syncCount == before + (difference < 0 ? 0 : 1))
        guard difference >= 0 else { return }
        fixture.kill()
        disk.crash(power: .lost)
        try fixture.start()
        #expect(fixture.refresh(opened.token).refreshOutcome == .rotated)
    }

    /// Events that go on coming put nothing off: the time counts from the oldest that is not synced.
    @Test func whatComesAfterPutsNothingOff() throws {
        try fixture.start()
        var tokens: [[UInt8]] = []
        let before = syncCount
        for _ in 0...10 {
            tokens.append(try #require(fixture.open().granted).token)
            fixture.work()
            fixture.advance(milliseconds: Self.interval / 10)
        }
        #expect(syncCount == before + 1)
        fixture.kill()
        disk.crash(power: .lost)
        try fixture.start()
        for token in tokens[..<10] {
            #expect(fixture.refresh(token).refreshOutcome == .rotated)
        }
    }
}
