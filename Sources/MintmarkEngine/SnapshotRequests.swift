/// Takes snapshots of the session store when asked to; what the engine needs of the files. Called from any thread.
package protocol SnapshotRequests: Sendable {
    /// Asks for a snapshot that holds everything that is in the store now, and gives its number, which is never below
    /// one given before. Requests that one snapshot will answer may get the same number. Never waits for a disk.
    func request() -> SnapshotNumber

    /// How far requests have come. Neither number of it ever decreases.
    ///
    /// Whoever takes the snapshots wakes the event loops each time it has changed.
    var progress: SnapshotProgress { get }
}

/// Names a snapshot that was asked for. Ascending, from 1.
package struct SnapshotNumber: Comparable, Hashable, Sendable {
    /// Before every snapshot.
    package static let zero = Self(0)

    package let rawValue: UInt64

    package init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package var next: Self {
        Self(rawValue + 1)
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Which snapshots have been published, and which never will be.
///
/// A later snapshot holds all that an earlier one would have held. So what is published answers everything before it,
/// too, and two numbers tell it all.
package struct SnapshotProgress: Equatable, Sendable {
    /// The greatest number that was published: durable, and what a start would read.
    package var published: SnapshotNumber
    /// This and all before it were published or have failed. Never below `published`.
    package var settled: SnapshotNumber

    package init(published: SnapshotNumber = .zero, settled: SnapshotNumber = .zero) {
        precondition(published <= settled, "a snapshot was published and is not settled")
        self.published = published
        self.settled = settled
    }

    package enum Outcome: Equatable, Sendable {
        /// It, or a later one, was published.
        case published
        /// Writing it failed, and no later one was published yet.
        case failed
    }

    /// What became of a snapshot; nil while it is not settled.
    package func outcome(of number: SnapshotNumber) -> Outcome? {
        if number <= published {
            .published
        } else if number <= settled {
            .failed
        } else {
            nil
        }
    }
}
