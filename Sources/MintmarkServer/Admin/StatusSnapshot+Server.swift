import MintmarkAdmin
import MintmarkEngine
import MintmarkSessions
import MintmarkStorage
import MintmarkTokens
import MintmarkWire

extension StatusSnapshot {
    /// What the status page tells of all that is counted.
    ///
    /// - Parameter now: when it was read, of a clock that never goes back.
    init(_ metrics: MetricsSnapshot, atMilliseconds now: UInt64) {
        self.init()
        counts = StatusCounts(metrics)
        counts.uptimeNanoseconds = now * 1_000_000
        operations = metrics.durations.map { $0.kind.name.lowercased() }
        refusals = Status.allCases.map { $0.name.lowercased() }
        boundsMicroseconds = DurationHistogram.boundsMicroseconds
        build = Daemon.build
        wallMilliseconds = metrics.wallMilliseconds
        startMilliseconds = metrics.startMilliseconds
        reasons = metrics.reasons.map(\.rawValue)
        cacheBytes = Limited(UInt64(metrics.cache?.byteCount ?? 0), of: metrics.cacheLimitBytes)
        cacheEntries = UInt64(metrics.cache?.entryCount ?? 0)
        sessions = Limited(metrics.sessions.now, of: metrics.sessions.limit)
        sessionsRevoked = metrics.sessionsRevoked
        connections = Limited(metrics.connections.now, of: metrics.connections.limit)
        connectionBytes = Limited(metrics.connectionBytes.now, of: metrics.connectionBytes.limit)
        residentBytes = metrics.usage.residentBytes
        journalLagEvents = metrics.journalLagEvents
        journalFailures = metrics.journal.failures
        journalSegments = metrics.journal.segments
        snapshotsPublished = metrics.snapshots.publishedCount
        snapshotsFailed = metrics.snapshots.failureCount
        snapshotAgeSeconds = metrics.snapshotAgeMilliseconds / 1_000
        snapshotIntervalSeconds = metrics.snapshotIntervalMilliseconds / 1_000
        snapshotBytes = UInt64(metrics.snapshots.byteCount)
        snapshotSessions = UInt64(metrics.snapshots.sessionCount)
        keys = metrics.keys.compactMap { key in
            KeyState(key.state).map { Key(key.keyID, $0, ageSeconds: key.ageSeconds) }
        }
        keyRotationSeconds = metrics.keyRotationSeconds
    }
}

extension StatusSnapshot.KeyState {
    /// Nil: nothing is left of the key.
    fileprivate init?(_ state: KeyRecord.State) {
        switch state {
        case .prepared: self = .prepared
        case .active: self = .active
        case .retired: self = .retired
        case .revoked: self = .revoked
        case .removed: return nil
        }
    }
}

extension StatusCounts {
    fileprivate init(_ metrics: MetricsSnapshot) {
        self.init()
        requests = metrics.durations.map { metrics.counters[.requests($0.kind)] }
        errors = metrics.durations.map { metrics.counters[.errors($0.kind)] }
        durations = metrics.durations.map(\.counts.counts)
        refusals = Status.allCases.map { metrics.counters[.status($0)] }
        journalSyncs = metrics.journalSyncs.counts
        journalEvents = metrics.journal.events
        journalBytes = metrics.journal.bytes
        cacheHits = metrics.cache?.hits ?? 0
        cacheMisses = metrics.cache?.misses ?? 0
        processorSeconds = metrics.usage.processorSeconds
        sessions = metrics.sessions.now
        privateBytes = metrics.usage.privateBytes
    }
}
