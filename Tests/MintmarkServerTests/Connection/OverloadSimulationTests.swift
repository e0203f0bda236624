import Testing

@testable import MintmarkServer

/// What comes in time when more is asked for than can be done, on a clock of the test's own: a queue in front of a server that
/// takes bursts of it, and that `LoadShedding` tells what to refuse. `Tools/measure` measures the same of a real server.
@Suite struct OverloadSimulationTests {
    private static let microsecond: UInt64 = 1_000
    private static let signNanoseconds = 26 * microsecond
    private static let busyNanoseconds = microsecond / 2
    /// The default of `limits.queue_time`.
    private static let limitNanoseconds: UInt64 = 100_000 * microsecond
    /// In which an answer is of use.
    private static let deadlineNanoseconds: UInt64 = 50_000 * microsecond
    private static let endNanoseconds: UInt64 = 20_000_000 * microsecond

    private struct Outcome {
        var inTime: UInt64 = 0
        var late: UInt64 = 0
        var busy: UInt64 = 0

        /// What part of what the server can do in all the time was answered in time.
        var goodput: Double { Double(inTime * signNanoseconds) / Double(endNanoseconds) }
    }

    /// Requests to sign at even distances, `load` times as many as can be served.
    private static func outcome(load: Double) -> Outcome {
        var shedding = LoadShedding(limitNanoseconds: limitNanoseconds)
        var own = Lateness()
        var outcome = Outcome()
        let distance = Double(signNanoseconds) / load
        var now: UInt64 = 0
        var first: UInt64 = 0
        func arrival(_ number: UInt64) -> UInt64 { UInt64(Double(number) * distance) }
        while now < endNanoseconds {
            now = max(now, arrival(first))
            let isShed = shedding.mustShed(
                LoadShedding.Burst(now: now, arrival: arrival(first), lastBurst: 0, isBeyondShare: false),
                own: &own
            )
            let burstEnd = now + Connection.turnBurstNanosecondsMax
            var count = 0
            while now < burstEnd, count < Connection.framesPerBurstMax, arrival(first) <= now {
                now += isShed ? busyNanoseconds : signNanoseconds
                if isShed {
                    outcome.busy += 1
                } else if now - arrival(first) <= deadlineNanoseconds {
                    outcome.inTime += 1
                } else {
                    outcome.late += 1
                }
                first += 1
                count += 1
            }
        }
        return outcome
    }

    @Test(arguments: [1.2, 2, 4])
    func nineTenthsOfWhatIsPossibleComeInTime(load: Double) {
        let outcome = Self.outcome(load: load)
        #expect(outcome.goodput >= 0.9, "\(outcome)")
        #expect(outcome.busy > 0)
    }

    @Test func nothingIsRefusedOfWhatIsPossible() {
        let outcome = Self.outcome(load: 0.95)
        #expect(outcome.busy == 0)
        #expect(outcome.late == 0)
    }
}
