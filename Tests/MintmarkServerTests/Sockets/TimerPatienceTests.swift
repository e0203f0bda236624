import NIOCore
import Testing

@testable import MintmarkServer

@Suite struct TimerPatienceTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000)

    @Test func whereNothingElseIsToBeDoneNobodyWaits() {
        var patience = TimerPatience()
        let isOver = patience.isOver(at: Self.start, isQuiet: true, waitCountOfAll: 9)
        #expect(isOver)
    }

    /// When everything was told, as late as it may be.
    @Test(arguments: [-1, 0, 1] as [Int64])
    func whereThereIsAlwaysSomethingItEnds(excessNanoseconds: Int64) {
        var patience = TimerPatience()
        let first = patience.isOver(at: Self.start, isQuiet: false, waitCountOfAll: 1)
        let end = Self.start + TimerPatience.durationMax + .nanoseconds(excessNanoseconds)
        let second = patience.isOver(at: end, isQuiet: false, waitCountOfAll: 1)
        #expect(!first)
        #expect(second == (excessNanoseconds >= 0))
    }

    /// However long that takes: one wait tells of a part.
    @Test(arguments: [-1, 0, 1])
    func everythingIsToldFirst(excess: Int) {
        var patience = TimerPatience()
        let most = 4
        var ends = [Bool]()
        for number in 0..<most + excess {
            let now = Self.start + TimerPatience.durationMax * number
            ends.append(patience.isOver(at: now, isQuiet: false, waitCountOfAll: most - 1))
        }
        #expect(ends.firstIndex(of: true) == (excess < 0 ? nil : most - 1))
    }

    /// The next timer's patience is its own.
    @Test(arguments: [true, false])
    func itBeginsAnew(isReset: Bool) {
        var patience = TimerPatience()
        _ = patience.isOver(at: Self.start, isQuiet: false, waitCountOfAll: 1)
        if isReset {
            patience.reset()
        } else {
            _ = patience.isOver(at: Self.start, isQuiet: true, waitCountOfAll: 1)
        }
        let later = Self.start + TimerPatience.durationMax
        let isOver = patience.isOver(at: later, isQuiet: false, waitCountOfAll: 0)
        #expect(!isOver)
    }
}
