import MintmarkAdmin
import MintmarkCrypto
import MintmarkEngine
import MintmarkSessions
import MintmarkStorage
import MintmarkTokens
import MintmarkWire
import NIOConcurrencyHelpers
import Synchronization

/// Everything that is counted and measured, read within a moment, one after the other: numbers that belong together may
/// differ by what happened meanwhile. What shows it reads it from here. Immutable.
struct MetricsSnapshot: Sendable {
    /// What there is a most of.
    struct Limited: Sendable {
        var now: UInt64
        var limit: UInt64
    }

    /// A signing key that is published, or was revoked.
    struct Key: Sendable {
        var keyID: String
        var state: KeyRecord.State
        /// Since it came into its state.
        var ageSeconds: UInt64
    }

    struct Audit: Sendable {
        var events: UInt64
        var lost: UInt64
        var failures: UInt64
    }

    struct Reloads: Sendable {
        var done: UInt64
        var refused: UInt64
    }

    var wallMilliseconds: UInt64
    var startMilliseconds: UInt64
    var usage: ProcessUsage
    var reasons: [Readiness.Reason]
    var reloads: Reloads
    var counters: CounterTotals
    /// Requests that were answered, or will be, with neither an error nor a token that is no good; by the number of the kind.
    /// Only grows.
    var successes: [UInt64]
    /// By what was asked for.
    var durations: [(kind: Kind, counts: DurationCounts)]
    var journalSyncs: DurationCounts
    /// Nil: there is none.
    var cache: VerifiedTokenCache.Counters?
    var cacheLimitBytes: UInt64
    var sessions: Limited
    var sessionsRevoked: UInt64
    var cutOffs: Limited
    var rotationMarks: UInt64
    var journal: JournalCounters
    var journalLagEvents: UInt64
    var snapshots: SnapshotRecord
    var snapshotAgeMilliseconds: UInt64
    var snapshotIntervalMilliseconds: UInt64
    var keys: [Key]
    /// 0: never.
    var keyRotationSeconds: UInt64
    /// Nil: nothing listens with TLS.
    var certificateSeconds: UInt64?
    var unlockedSecrets: UInt64
    var connections: Limited
    var connectionBytes: Limited
    var refusedJumpSeconds: UInt64
    /// Nil: no audit log is kept.
    var audit: Audit?
    var admin: AdminStatistics
}

/// How reloads went. Any thread may add and read.
final class ReloadCounts: Sendable {
    private let done = Atomic<UInt64>(0)
    private let refused = Atomic<UInt64>(0)

    func add(_ outcome: Reloader.Outcome) {
        switch outcome {
        case .done: done.add(1, ordering: .relaxed)
        case .refused: refused.add(1, ordering: .relaxed)
        }
    }

    var now: MetricsSnapshot.Reloads {
        MetricsSnapshot.Reloads(done: done.load(ordering: .relaxed), refused: refused.load(ordering: .relaxed))
    }
}

/// Takes snapshots of what is counted and measured. Immutable references to parts that guard themselves; nothing that it
/// reads makes a request wait for longer than copying a number takes.
struct MetricsReader: Sendable {
    let assembly: ServerAssembly
    let admin: AdminStatistics
    private let successes = NIOLockedValueBox(SuccessCounts())

    init(assembly: ServerAssembly, admin: AdminStatistics) {
        self.assembly = assembly
        self.admin = admin
    }

    func read() -> MetricsSnapshot {
        let configuration = assembly.configuration
        let sessions = assembly.sessions
        let journal = assembly.storage.journal
        let counters = assembly.engine.statistics.totals()
        return MetricsSnapshot(
            wallMilliseconds: ServerClock.wallMilliseconds,
            startMilliseconds: ProcessFacts.startMilliseconds,
            usage: ProcessUsage.now(),
            reasons: assembly.readiness.current,
            reloads: assembly.reloads.now,
            counters: counters,
            successes: successes.withLockedValue { $0.update(counters) },
            durations: RequestDurations.kinds.map { ($0, assembly.engine.statistics.durations(of: $0)) },
            journalSyncs: journal.syncDurations.now,
            cache: assembly.engine.tokens.now.cache?.counters,
            cacheLimitBytes: UInt64(configuration.tokens.cacheSizeBytes),
            sessions: limited(sessions.count, sessions.limits.sessionCountMax),
            sessionsRevoked: UInt64(sessions.revokedCount),
            cutOffs: limited(sessions.cutOffs.count, sessions.limits.cutOffCountMax),
            rotationMarks: UInt64(sessions.forcedMarks.count),
            journal: journal.counters,
            journalLagEvents: journal.lagEvents,
            snapshots: assembly.storage.storage.snapshots,
            snapshotAgeMilliseconds: assembly.threads.snapshotAgeMilliseconds,
            snapshotIntervalMilliseconds: UInt64(configuration.storage.snapshotInterval.wholeMilliseconds),
            keys: keys,
            keyRotationSeconds: assembly.keyKeeper.policy.rotationSeconds ?? 0,
            certificateSeconds: assembly.tls?.validForSeconds,
            unlockedSecrets: UInt64(SecretBytes.unlockedCount),
            connections: limited(assembly.budget.openCount, assembly.budget.connectionsMax),
            connectionBytes: limited(max(0, assembly.memory.heldBytes), configuration.limits.memoryBytes),
            refusedJumpSeconds: assembly.clock.refusedJumpSeconds,
            audit: assembly.audit.map {
                MetricsSnapshot.Audit(events: $0.recordedCount, lost: $0.lostCount, failures: $0.failureCount)
            },
            admin: admin
        )
    }

    private func limited(_ now: Int, _ limit: Int) -> MetricsSnapshot.Limited {
        MetricsSnapshot.Limited(now: UInt64(now), limit: UInt64(limit))
    }

    private var keys: [MetricsSnapshot.Key] {
        let now = assembly.keyKeeper.now
        return assembly.keyKeeper.records.compactMap { record in
            let since: UInt64
            switch record.state {
            case .prepared: since = record.preparedAt
            case .active: since = record.activatedAt
            case .retired: since = record.retiredAt
            case .revoked: since = record.endedAt
            case .removed: return nil
            }
            return MetricsSnapshot.Key(
                keyID: String(decoding: record.keyID, as: UTF8.self),
                state: record.state,
                ageSeconds: now > since ? now - since : 0
            )
        }
    }
}

extension CounterTotals {
    /// Tokens that requests of a kind found to be no good.
    func inactive(_ kind: Kind) -> UInt64 {
        switch kind {
        case .verify: self[.verifyInactive]
        case .introspect: self[.introspectInactive]
        default: 0
        }
    }
}
