/// What became of an attempt to go on after a failure of the journal.
package enum WayBack: Equatable, Sendable {
    /// Events are taken again.
    case found
    case notFound(SnapshotFailure)

    var failure: SnapshotFailure? {
        switch self {
        case .found: nil
        case .notFound(let failure): failure
        }
    }
}

/// When a store that has failed tries to go on: at once, and ever later while the attempts follow one another, because
/// each writes everything that is in memory.
package struct RestartSchedule: Equatable, Sendable {
    package static let intervalMillisecondsMin: UInt64 = 1_000
    package static let intervalMillisecondsMax: UInt64 = 30_000

    /// When the next attempt may begin.
    package private(set) var dueMilliseconds: UInt64 = 0
    private var intervalMilliseconds = Self.intervalMillisecondsMin

    package init() {}

    /// Takes note of an attempt, whether it led back or not: a disk on which snapshots work and the journal does not
    /// fails again soon.
    package mutating func attempted(from began: UInt64, to ended: UInt64) {
        if began >= dueMilliseconds + Self.intervalMillisecondsMax {
            intervalMilliseconds = Self.intervalMillisecondsMin
        }
        dueMilliseconds = ended + intervalMilliseconds
        intervalMilliseconds = min(2 * intervalMilliseconds, Self.intervalMillisecondsMax)
    }
}
