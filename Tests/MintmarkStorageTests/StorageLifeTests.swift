import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkStorage

/// The lives of a store on a real directory.
@Suite struct StorageLifeTests {
    private let place: TestDirectory
    private let fixture: StorageFixture

    init() throws {
        place = try TestDirectory()
        fixture = StorageFixture(place.open())
    }

    @Test func aNewStoreBegins() throws {
        try fixture.start()
        #expect(
            try place.open().list().sorted() == [
                "journal-0000000001", "manifest", "snapshot-0000000001", "store.begun",
            ]
        )
        #expect(fixture.journal.isWritable)
        #expect(fixture.journal.durableLSN == fixture.journal.lastLSN)
    }

    @Test func whatWasAcknowledgedSurvivesAKill() throws {
        try fixture.start()
        let opened = try #require(fixture.open().granted)
        let rotated = try #require(fixture.refresh(opened.token).granted)
        #expect(fixture.journal.durableLSN < rotated.after)
        fixture.work()
        #expect(fixture.journal.durableLSN >= rotated.after)
        let records = fixture.records
        fixture.kill()
        try fixture.start()
        #expect(fixture.report.events == 3, "the epoch, the opening, the rotation")
        #expect(fixture.records.keys == records.keys)
        let again = try #require(fixture.refresh(rotated.token).granted)
        #expect(again.outcome == .rotated)
        #expect(fixture.refresh(opened.token).refusal == .reused)
        fixture.work()
        fixture.kill()
        try fixture.start()
        #expect(fixture.refresh(again.token).refusal == .revoked)
    }

    @Test func aCleanStopLeavesASnapshotAndNothingToRead() throws {
        try fixture.start()
        let tokens = try (0..<100).map { try #require(fixture.open(subject: "user \($0)").granted).token }
        #expect(fixture.revoke(.everything(of: .subject(Array("user 7".utf8)))) != .done(.zero))
        #expect(fixture.stop() == nil)
        try fixture.start()
        #expect(fixture.report.snapshotSessions == 100)
        #expect(fixture.report.events == 0)
        for (number, token) in tokens.enumerated() {
            #expect(fixture.refresh(token).refusal == (number == 7 ? .revoked : nil))
        }
    }

    @Test func snapshotsShortenTheJournal() throws {
        try fixture.start()
        var token = try #require(fixture.open().granted).token
        for _ in 0..<5 {
            for _ in 0..<10 {
                token = try #require(fixture.refresh(token).granted).token
                fixture.work()
            }
            #expect(fixture.snapshot() == nil)
        }
        token = try #require(fixture.refresh(token).granted).token
        fixture.work()
        #expect(
            try place.open().list().sorted() == [
                "journal-0000000005", "journal-0000000006", "manifest", "snapshot-0000000005", "snapshot-0000000006",
                "store.begun",
            ]
        )
        fixture.kill()
        try fixture.start()
        #expect(fixture.report.events == 1)
        #expect(fixture.refresh(token).refreshOutcome == .rotated)
    }

    @Test func segmentsFollowOneAnother() throws {
        try fixture.start()
        var tokens: [[UInt8]] = []
        for number in 0..<20_000 {
            tokens.append(try #require(fixture.open(subject: "user \(number)").granted).token)
            if number % 100 == 99 {
                fixture.work()
            }
        }
        #expect(fixture.journal.counters.segments > 1)
        fixture.kill()
        try fixture.start()
        #expect(fixture.store.count == 20_000)
        #expect(fixture.report.segments > 1)
        #expect(fixture.refresh(tokens[19_999]).refreshOutcome == .rotated)
    }

    @Test func aNewLifeMintsWithANewEpoch() throws {
        try fixture.start()
        let first = fixture.store.epoch
        fixture.kill()
        try fixture.start()
        let second = fixture.store.epoch
        #expect(second > first)
        #expect(fixture.stop() == nil)
        try fixture.start()
        #expect(fixture.store.epoch > second)
    }
}
