/// Store time: seconds since 1970 that never go back, for session deadlines.
///
/// At the start it is the greater of the wall clock and what was persisted; then it follows the monotonic clock, and is
/// pulled forward when the wall clock runs ahead. A wall clock that jumps far ahead is not believed, because believing it
/// would expire every session for good; a start believes more than a running store does. Pure arithmetic on readings; a
/// value whose owner serialises access.
package struct StoreClock: Equatable, Sendable {
    /// The greatest jump ahead that is adopted at a start: 400 days.
    package static let startJumpMillisecondsMax: UInt64 = 400 * 86_400_000

    /// The greatest jump ahead against the monotonic clock that is adopted while running: one day.
    package static let runningJumpMillisecondsMax: UInt64 = 86_400_000

    /// The present reading in milliseconds.
    package private(set) var milliseconds: UInt64

    /// By how much the wall clock runs ahead without being believed. Nil: not at all.
    package private(set) var refusedJumpMilliseconds: UInt64?

    private var lastMonotonicMilliseconds: UInt64

    /// - Parameters:
    ///   - persistedSeconds: the greatest store time known to be durable; nil for a new store, which believes any wall
    ///     clock.
    ///   - wallMilliseconds: the wall clock now, since 1970.
    ///   - monotonicMilliseconds: the machine's monotonic clock now.
    package init(persistedSeconds: UInt64?, wallMilliseconds: UInt64, monotonicMilliseconds: UInt64) {
        lastMonotonicMilliseconds = monotonicMilliseconds
        guard let persistedSeconds else {
            milliseconds = wallMilliseconds
            return
        }
        milliseconds = persistedSeconds * 1_000
        follow(wallMilliseconds: wallMilliseconds, jumpMax: Self.startJumpMillisecondsMax)
    }

    /// The present reading in whole seconds.
    package var seconds: UInt64 {
        milliseconds / 1_000
    }

    /// Moves the clock on to the given readings and gives the result in whole seconds.
    @discardableResult
    package mutating func advance(wallMilliseconds: UInt64, monotonicMilliseconds: UInt64) -> UInt64 {
        if monotonicMilliseconds > lastMonotonicMilliseconds {
            milliseconds += monotonicMilliseconds - lastMonotonicMilliseconds
            lastMonotonicMilliseconds = monotonicMilliseconds
        }
        follow(wallMilliseconds: wallMilliseconds, jumpMax: Self.runningJumpMillisecondsMax)
        return seconds
    }

    private mutating func follow(wallMilliseconds: UInt64, jumpMax: UInt64) {
        refusedJumpMilliseconds = nil
        guard wallMilliseconds > milliseconds else { return }
        let jump = wallMilliseconds - milliseconds
        if jump <= jumpMax {
            milliseconds = wallMilliseconds
        } else {
            refusedJumpMilliseconds = jump
        }
    }
}
