import NIOCore

/// Keeps timers that are due waiting for what had come by then: it came in time, where the loop did not get to it because
/// the process was stopped. One wait may tell of a part of that only, and some of it has turns to wait for.
struct TimerPatience {
    /// For so long, where there is always something.
    static let durationMax = TimeAmount.milliseconds(20)

    /// Since when a timer is due.
    private var start: NIODeadline?
    /// How often the loop has been told of something since then.
    private var waitCount = 0

    /// Whether the timers that are due at `now` wait no longer. To be asked once behind each wait for descriptors.
    ///
    /// - Parameters:
    ///   - isQuiet: The wait has told of nothing, and nobody waits for a turn.
    ///   - waitCountOfAll: How many waits tell of everything that there may be.
    mutating func isOver(at now: NIODeadline, isQuiet: Bool, waitCountOfAll: Int) -> Bool {
        let start = start ?? now
        waitCount += 1
        let isToldOfAll = waitCount > waitCountOfAll
        guard isQuiet || isToldOfAll && now - start >= Self.durationMax else {
            self.start = start
            return false
        }
        reset()
        return true
    }

    /// No timer is due.
    mutating func reset() {
        (start, waitCount) = (nil, 0)
    }
}
