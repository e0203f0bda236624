import MintmarkEngine
import MintmarkWire
import Testing

@testable import MintmarkServer

/// What a scrape reads between the two halves of a request's counting is never less than what one read before.
@Suite struct SuccessCountsTests {
    /// Holds them, so that what changes them may be expected to say something.
    private final class Holder {
        private var counts = SuccessCounts()

        func update(_ counters: CounterTotals) -> [UInt64] { counts.update(counters) }
    }

    @Test func aRequestThatEndsAsAnErrorLaterTakesNothingBack() {
        let statistics = ServerStatistics()
        let block = statistics.makeBlock()
        let successes = Holder()
        let sign = Int(Kind.sign.rawValue)
        block.add(.requests(.sign))
        #expect(successes.update(statistics.totals())[sign] == 1)
        block.add(.errors(.sign))
        #expect(successes.update(statistics.totals())[sign] == 1, "0 would tell of a new start")
        block.add(.requests(.sign))
        #expect(successes.update(statistics.totals())[sign] == 1, "the number has caught up")
        block.add(.requests(.sign))
        #expect(successes.update(statistics.totals())[sign] == 2)
        #expect(successes.update(statistics.totals())[Int(Kind.verify.rawValue)] == 0)
    }

    /// An error may be counted, and read, before its request is.
    @Test func anErrorThatIsReadFirstIsNoSuccessAndNoTrap() {
        let statistics = ServerStatistics()
        let block = statistics.makeBlock()
        let successes = Holder()
        for kind in [Kind.open, .verify, .introspect] { block.add(.errors(kind)) }
        block.add(.verifyInactive)
        #expect(successes.update(statistics.totals()).allSatisfy { $0 == 0 })
    }

    /// A token that is no good is an answer of its own.
    @Test func inactiveTokensAreNoSuccesses() {
        let statistics = ServerStatistics()
        let block = statistics.makeBlock()
        let successes = Holder()
        for _ in 0..<5 { block.add(.requests(.verify)) }
        for _ in 0..<2 { block.add(.verifyInactive) }
        block.add(.errors(.verify))
        #expect(successes.update(statistics.totals())[Int(Kind.verify.rawValue)] == 2)
    }
}
