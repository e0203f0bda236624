import MintmarkEngine
import MintmarkSessions
import MintmarkWire
import Testing

@testable import MintmarkServer

@Suite struct BurstDurationsTests {
    private let recorded = RequestDurations()

    private func count(_ kind: Kind) -> UInt64 { recorded.counts(of: kind).counts.reduce(0, +) }

    @Test func requestsOfABurstTakeAsLongAsTheBurst() {
        let durations = BurstDurations(recorded)
        durations.answered(Kind.verify.rawValue)
        durations.answered(Kind.verify.rawValue)
        durations.answered(Kind.sign.rawValue)
        durations.record(since: 1_000, now: 4_000)
        #expect(count(.verify) == 2)
        #expect(recorded.counts(of: .verify).nanoseconds == 6_000)
        #expect(recorded.counts(of: .sign).nanoseconds == 3_000)
    }

    /// Nothing is left over for the next burst.
    @Test func eachIsRecordedOnce() {
        let durations = BurstDurations(recorded)
        durations.answered(Kind.ping.rawValue)
        durations.released(ParkedOrigin(kind: Kind.open.rawValue, start: 0))
        durations.record(since: 0, now: 1)
        durations.record(since: 0, now: 2)
        #expect(count(.ping) == 1)
        #expect(count(.open) == 1)
    }

    /// The wait for the disk counts, and so does what is done after it.
    @Test func parkedRequestTakesUntilItsAnswerLeaves() {
        let durations = BurstDurations(recorded)
        durations.released(ParkedOrigin(kind: Kind.refresh.rawValue, start: 500))
        durations.record(since: 9_000, now: 9_500)
        #expect(recorded.counts(of: .refresh).nanoseconds == 9_000)
    }

    @Test(arguments: [31, 32, 33, 255] as [UInt8])
    func whatIsNoKindIsNotRecorded(kind: UInt8) {
        let durations = BurstDurations(recorded)
        durations.answered(kind)
        durations.record(since: 0, now: 1)
        #expect(RequestDurations.kinds.allSatisfy { count($0) == 0 })
    }
}
