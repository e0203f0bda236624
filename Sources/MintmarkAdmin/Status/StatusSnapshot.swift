/// What the status page tells of the server, as of one moment. Holds no subject, no token and no secret.
package struct StatusSnapshot: Sendable {
    /// What there is a most of.
    package struct Limited: Sendable {
        package var now: UInt64
        package var limit: UInt64

        package init(_ now: UInt64 = 0, of limit: UInt64 = 0) {
            self.now = now
            self.limit = limit
        }

        /// Whether nine tenths of it are used.
        var isNearLimit: Bool { limit > 0 && now >= limit - limit / 10 }
    }

    package enum KeyState: String, Sendable {
        case prepared
        case active
        case retired
        case revoked
    }

    package struct Key: Sendable {
        package var keyID: String
        package var state: KeyState
        /// Since it came into its state.
        package var ageSeconds: UInt64

        package init(_ keyID: String, _ state: KeyState, ageSeconds: UInt64) {
            self.keyID = keyID
            self.state = state
            self.ageSeconds = ageSeconds
        }
    }

    /// What grows, and what lines are drawn of.
    package var counts = StatusCounts()
    /// The names of what `counts` counts, in the same order.
    package var operations: [String] = []
    package var refusals: [String] = []
    /// The upper bounds of all buckets of durations but the last, in microseconds.
    package var boundsMicroseconds: [UInt64] = []

    package var build = ""
    /// Since 1970.
    package var wallMilliseconds: UInt64 = 0
    package var startMilliseconds: UInt64 = 0
    package var uptimeMilliseconds: UInt64 {
        wallMilliseconds > startMilliseconds ? wallMilliseconds - startMilliseconds : 0
    }
    /// Why not every operation is served; empty when it is.
    package var reasons: [String] = []

    /// The verified tokens that are kept; the limit is in bytes, 0: none are.
    package var cacheBytes = Limited()
    package var cacheEntries: UInt64 = 0
    package var sessions = Limited()
    package var sessionsRevoked: UInt64 = 0
    package var connections = Limited()
    package var connectionBytes = Limited()
    package var residentBytes: UInt64 = 0

    package var journalLagEvents: UInt64 = 0
    package var journalFailures: UInt64 = 0
    /// Begun since the start.
    package var journalSegments: UInt64 = 0
    package var snapshotsPublished: UInt64 = 0
    package var snapshotsFailed: UInt64 = 0
    package var snapshotAgeSeconds: UInt64 = 0
    package var snapshotIntervalSeconds: UInt64 = 0
    package var snapshotBytes: UInt64 = 0
    package var snapshotSessions: UInt64 = 0

    package var keys: [Key] = []
    /// 0: never.
    package var keyRotationSeconds: UInt64 = 0

    package init() {}
}

/// What a ring of samples keeps of a snapshot: numbers alone.
package struct StatusCounts: Sendable {
    /// Of a clock that never goes back.
    package var uptimeNanoseconds: UInt64 = 0
    /// By operation.
    package var requests: [UInt64] = []
    package var errors: [UInt64] = []
    /// By operation, then by bucket.
    package var durations: [[UInt64]] = []
    /// By reason.
    package var refusals: [UInt64] = []
    /// By bucket.
    package var journalSyncs: [UInt64] = []
    package var journalEvents: UInt64 = 0
    package var journalBytes: UInt64 = 0
    package var cacheHits: UInt64 = 0
    package var cacheMisses: UInt64 = 0
    package var processorSeconds = 0.0
    package var sessions: UInt64 = 0
    package var privateBytes: UInt64 = 0

    package init() {}

    /// Of all operations together.
    var allRequests: UInt64 { requests.reduce(0, &+) }

    /// Of all operations together, by bucket.
    var allDurations: [UInt64] {
        guard var sum = durations.first else {
            return []
        }
        for one in durations.dropFirst() {
            for place in sum.indices { sum[place] &+= one[orZero: place] }
        }
        return sum
    }

    /// How long ago `earlier` was then.
    func seconds(since earlier: StatusCounts) -> Double {
        uptimeNanoseconds > earlier.uptimeNanoseconds
            ? Double(uptimeNanoseconds - earlier.uptimeNanoseconds) / 1_000_000_000 : 0
    }
}
