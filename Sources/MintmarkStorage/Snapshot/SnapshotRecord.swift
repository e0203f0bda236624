/// How the snapshots of one life have gone, by their numbers: 1, 2, 3 …
package struct SnapshotRecord: Equatable, Sendable {
    /// The number of the snapshot begun last; 0: none.
    package private(set) var begun: UInt64 = 0
    /// The number of the snapshot settled last. They settle in their order.
    package private(set) var settled: UInt64 = 0
    package private(set) var publishedCount: UInt64 = 0
    /// Why the last one that failed did.
    package private(set) var lastFailure: SnapshotFailure?
    /// Of the one published last.
    package private(set) var byteCount = 0
    package private(set) var sessionCount = 0

    private var failed: [UInt64] = []

    /// The most failed numbers remembered: nobody asks for older ones.
    private static let failedCountMax = 256

    package init() {}

    package var failureCount: UInt64 {
        settled - publishedCount
    }

    /// Whether a settled snapshot counts.
    package func isPublished(_ number: UInt64) -> Bool {
        number <= settled && !failed.contains(number)
    }

    mutating func begin() {
        begun += 1
    }

    mutating func published(byteCount: Int, sessionCount: Int) {
        settled = begun
        publishedCount += 1
        self.byteCount = byteCount
        self.sessionCount = sessionCount
    }

    mutating func failed(_ failure: SnapshotFailure) {
        settled = begun
        lastFailure = failure
        failed.append(begun)
        if failed.count > Self.failedCountMax {
            failed.removeFirst()
        }
    }
}
