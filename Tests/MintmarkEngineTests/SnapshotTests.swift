import MintmarkEngine
import MintmarkWire
import Testing

/// What SNAPSHOT asks for, and what its answer has to wait for.
@Suite struct SnapshotTests {
    let snapshots = StepSnapshots()
    let fixture: EngineFixture

    init() throws {
        fixture = try EngineFixture(snapshots: snapshots)
    }

    @Test func eachRequestAsksForASnapshotAndItsAnswerWaitsForThat() throws {
        for number in 1...3 as ClosedRange<UInt64> {
            let answer = try fixture.perform(SnapshotRequest())
            #expect(answer.disposition == .awaitingSnapshot(SnapshotNumber(number)))
            #expect(answer.header?.responseKind == .snapshot)
            #expect(try SnapshotResponse(decoding: answer.body.span.bytes).serverTime == fixture.now)
            #expect(snapshots.requestedCount == number)
        }
        #expect(fixture.count("requests_snapshot") == 3)
    }

    @Test func serverWithoutFilesRefuses() throws {
        let fixture = try EngineFixture()
        let answer = try fixture.perform(SnapshotRequest())
        #expect(answer.status == .notConfigured)
        #expect(answer.disposition == .ready)
        #expect(fixture.count("requests_snapshot") == 1)
        #expect(fixture.count("status_not_configured") == 1)
    }

    /// A snapshot is the way back for a journal that has failed.
    @Test func failedJournalKeepsNobodyFromASnapshot() throws {
        fixture.journal.isWritable = false
        let answer = try fixture.perform(SnapshotRequest())
        #expect(answer.disposition == .awaitingSnapshot(SnapshotNumber(1)))
    }

    @Test func requestAtFaultAsksForNothing() throws {
        let body: [UInt8] = [MintmarkWire.Tag.all.rawValue, 1, 1]
        let frame = [0, 0, 0, 9, Kind.snapshot.requestByte, 0, 0, 0, 0, 1] + body
        let answer = try fixture.perform(frame: frame)
        #expect(answer.status == .fieldUnknown)
        #expect(answer.disposition == .ready)
        #expect(snapshots.requestedCount == 0)
    }

    @Test(
        arguments: [
            (4, .published), (5, .published), (6, .failed), (7, .failed), (8, nil), (9, nil),
        ] as [(UInt64, SnapshotProgress.Outcome?)]
    )
    func whatIsPublishedAnswersAllBeforeIt(number: UInt64, outcome: SnapshotProgress.Outcome?) {
        let progress = SnapshotProgress(published: SnapshotNumber(5), settled: SnapshotNumber(7))
        #expect(progress.outcome(of: SnapshotNumber(number)) == outcome)
    }

    @Test func nothingIsPublishedThatIsNotSettled() async {
        await #expect(processExitsWith: .failure) {
            _ = SnapshotProgress(published: SnapshotNumber(2), settled: SnapshotNumber(1))
        }
    }
}
