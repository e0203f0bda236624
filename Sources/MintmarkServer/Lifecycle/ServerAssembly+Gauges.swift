import MintmarkCrypto
import MintmarkEngine
import MintmarkSessions
import MintmarkStorage
import MintmarkTokens

/// What is measured when somebody asks, under the names that STATS reports.
extension ServerAssembly {
    func registerGauges(_ statistics: ServerStatistics) {
        let gauges: [(String, @Sendable () -> UInt64)] = [
            ("connections_open", { [budget] in UInt64(budget.openCount) }),
            ("connections_held_bytes", { [memory] in UInt64(max(0, memory.heldBytes)) }),
            ("sessions", { [sessions] in UInt64(sessions.count) }),
            ("sessions_revoked", { [sessions] in UInt64(sessions.revokedCount) }),
            ("cut_offs", { [sessions] in UInt64(sessions.cutOffs.count) }),
            ("rotation_marks", { [sessions] in UInt64(sessions.forcedMarks.count) }),
            ("clock_jump_refused_seconds", { [clock] in clock.refusedJumpSeconds }),
            ("secrets_unlocked", { UInt64(SecretBytes.unlockedCount) }),
        ]
        register(gauges + journalGauges + snapshotGauges + tlsGauges + auditGauges, statistics)
        register(durationCounters(of: statistics), statistics)
        guard let cache = engine.tokens.now.cache else {
            return
        }
        let counters: [(String, @Sendable () -> UInt64)] = [
            ("verify_cache_hits", { cache.counters.hits }),
            ("verify_cache_misses", { cache.counters.misses }),
            ("verify_cache_evictions", { cache.counters.evictions }),
            ("verify_cache_bytes", { UInt64(cache.counters.byteCount) }),
        ]
        register(counters, statistics)
    }

    /// How many requests were measured, and how many of them took no longer than that.
    private func durationCounters(of statistics: ServerStatistics) -> [(String, @Sendable () -> UInt64)] {
        let names = [
            ("durations_measured", UInt64.max), ("durations_within_64_microseconds", 64),
            ("durations_within_1024_microseconds", 1_024), ("durations_within_16384_microseconds", 16_384),
        ]
        return names.map { name, microseconds in
            (name, { [unowned statistics] in statistics.durationCount(withinMicroseconds: microseconds) })
        }
    }

    private var journalGauges: [(String, @Sendable () -> UInt64)] {
        let journal = storage.journal
        return [
            ("journal_events", { journal.counters.events }),
            ("journal_commits", { journal.counters.boxes }),
            ("journal_bytes", { journal.counters.bytes }),
            ("journal_syncs", { journal.counters.syncs }),
            ("journal_segments", { journal.counters.segments }),
            ("journal_failures", { journal.counters.failures }),
            ("journal_lag_events", { journal.lagEvents }),
            ("journal_commit_max_milliseconds", { [threads] in threads.slowestCommitMilliseconds }),
        ]
    }

    private var tlsGauges: [(String, @Sendable () -> UInt64)] {
        guard let tls else {
            return []
        }
        return [("tls_certificate_valid_seconds", { tls.validForSeconds })]
    }

    private var auditGauges: [(String, @Sendable () -> UInt64)] {
        guard let audit else {
            return []
        }
        return [
            ("audit_events", { audit.recordedCount }),
            ("audit_events_lost", { audit.lostCount }),
            ("audit_failures", { audit.failureCount }),
        ]
    }

    private var snapshotGauges: [(String, @Sendable () -> UInt64)] {
        let storage = storage.storage
        return [
            ("snapshots", { storage.snapshots.publishedCount }),
            ("snapshot_failures", { storage.snapshots.failureCount }),
            ("snapshot_age_seconds", { [threads] in threads.snapshotAgeMilliseconds / 1_000 }),
            ("snapshot_bytes", { UInt64(storage.snapshots.byteCount) }),
            ("snapshot_sessions", { UInt64(storage.snapshots.sessionCount) }),
        ]
    }

    private func register(_ gauges: [(String, @Sendable () -> UInt64)], _ statistics: ServerStatistics) {
        for (name, read) in gauges {
            statistics.register(ServerStatistics.Gauge(name: name, read: read))
        }
    }
}
