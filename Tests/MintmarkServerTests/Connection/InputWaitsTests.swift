import Testing

@testable import MintmarkServer

/// Since when input may have waited that a loop is told of.
@Suite struct InputWaitsTests {
    private static let gap = InputWaits.idleGapNanoseconds

    /// What is told after a round of work may have come at its beginning.
    @Test func inputOfTheNextRoundMayHaveWaitedForTheRoundBefore() {
        var waits = InputWaits()
        waits.note(1_000_000, in: 7)
        #expect(waits.arrival == 1_000_000, "nobody knows of a round before")
        waits.noteEnd(9_000_000)
        waits.note(9_000_001, in: 8)
        #expect(waits.arrival == 1_000_000)
        waits.note(20_000_000, in: 8)
        #expect(waits.arrival == 1_000_000, "told in the same round")
        waits.note(20_000_001, in: 9)
        #expect(waits.arrival == 9_000_001)
    }

    @Test(arguments: [-1, 0, 1])
    func loopThatWasIdleIsToldOfWhatComesAtOnce(excess: Int) {
        var waits = InputWaits()
        waits.note(1_000_000, in: 1)
        waits.noteEnd(9_000_000)
        let next = UInt64(Int(9_000_000 + Self.gap) + excess)
        waits.note(next, in: 2)
        #expect(waits.arrival == (excess < 0 ? 1_000_000 : next))
    }

    /// In a round of which nothing is known anything may have happened, idling too.
    @Test func roundsWithoutABurstEndIt() {
        var waits = InputWaits()
        waits.note(1_000_000, in: 1)
        waits.note(1_000_001, in: 3)
        #expect(waits.arrival == 1_000_001)
    }

    @Test func whatALoopWithoutRoundsTellsHasJustCome() {
        var waits = InputWaits()
        for now: UInt64 in [5, 5, 6] {
            waits.note(now, in: nil)
            #expect(waits.arrival == now)
        }
    }
}
