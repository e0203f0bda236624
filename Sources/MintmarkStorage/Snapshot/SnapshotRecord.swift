/// How the snapshots of one life have gone, by their numbers: 1, 2, 3 …
package struct SnapshotRecord: Equatable, Sendable {
    /// The number of the snapshot begun last; 0: none.
    package private(set) var begun: UInt64 = 0
    /// The number of the snapshot settled last. They settle in their order.
    package private(set) var settled: UInt64 = 0
    /// The number of the snapshot published last.
    package private(set) var published: UInt64 = 0
    package private(set) var publishedCount: UInt64 = 0
    /// Why the last one that failed did.
    package private(set) var lastFailure: SnapshotFailure?
    /// Of the one published last; until then, of the one that was read at the start.
    package private(set) var byteCount = 0
    package private(set) var sessionCount = 0

    package init() {}

    /// - Parameters:
    ///   - byteCount: of the snapshot that was read at the start.
    ///   - sessionCount: of that one.
    init(byteCount: Int, sessionCount: Int) {
        self.byteCount = byteCount
        self.sessionCount = sessionCount
    }

    /// Attempts to find a way back after a failure of the journal are snapshots, too.
    package var failureCount: UInt64 {
        settled - publishedCount
    }

    mutating func begin() {
        begun += 1
    }

    mutating func publish(byteCount: Int, sessionCount: Int) {
        settled = begun
        published = begun
        publishedCount += 1
        self.byteCount = byteCount
        self.sessionCount = sessionCount
    }

    mutating func fail(_ failure: SnapshotFailure) {
        settled = begun
        lastFailure = failure
    }
}
