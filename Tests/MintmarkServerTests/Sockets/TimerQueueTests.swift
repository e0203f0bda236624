import NIOCore
import Testing

@testable import MintmarkServer

@Suite struct TimerQueueTests {
    private static func timer(_ seconds: Int64, _ action: @escaping @Sendable () -> Void = {}) -> TimerQueue.Timer {
        TimerQueue.Timer(deadline: .uptimeNanoseconds(0) + .seconds(seconds)) { _ in action() }
    }

    /// However many are set and cancelled, there is room for twice as many as are not at most.
    @Test(arguments: [0, TimerQueue.purgeCountMin - 1, TimerQueue.purgeCountMin, TimerQueue.purgeCountMin + 1])
    func cancelledTimersAreBounded(livingCount: Int) {
        var queue = TimerQueue()
        for number in 0..<livingCount { queue.insert(Self.timer(Int64(number))) }
        for _ in 0..<20_000 {
            let timer = Self.timer(3_600)
            queue.insert(timer)
            timer.cancel()
        }
        #expect(queue.count <= max(TimerQueue.purgeCountMin, 2 * livingCount))
        var firedCount = 0
        while queue.popDue(at: .uptimeNanoseconds(0) + .seconds(3_599)) != nil { firedCount += 1 }
        #expect(firedCount == livingCount)
    }

    @Test func whatACancelledTimerHeldIsGivenBack() {
        final class Held: Sendable {}
        var queue = TimerQueue()
        weak var first: Held?
        do {
            let held = Held()
            first = held
            let timer = Self.timer(3_600) { withExtendedLifetime(held) {} }
            queue.insert(timer)
            timer.cancel()
        }
        for _ in 0..<TimerQueue.purgeCountMin { queue.insert(Self.timer(1)) }
        #expect(first == nil)
    }
}
