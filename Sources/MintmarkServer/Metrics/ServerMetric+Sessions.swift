import MintmarkAdmin
import MintmarkEngine
import MintmarkStorage
import MintmarkWire

/// Sessions, and what keeps them.
extension ServerMetric {
    private static let refreshes: [(name: String, counter: ServerCounter)] = [
        ("rotated", .refreshRotated), ("same_successor", .refreshSameSuccessor), ("unchanged", .refreshUnchanged),
        ("fast_forward", .refreshFastForward),
    ]

    static let sessions = [
        ServerMetric(
            .gauge,
            "mintmark_sessions",
            "Sessions held, revoked ones that are still remembered included.",
            value: { $0.sessions.now }
        ),
        ServerMetric(
            .gauge,
            "mintmark_sessions_revoked",
            "Those among them that were revoked one by one.",
            value: { $0.sessionsRevoked }
        ),
        ServerMetric(.gauge, "mintmark_sessions_limit", "The most that are held.", value: { $0.sessions.limit }),
        ServerMetric(
            .gauge,
            "mintmark_cut_offs",
            "Revocations by subject, client or all that are remembered.",
            value: { $0.cutOffs.now }
        ),
        ServerMetric(.gauge, "mintmark_cut_offs_limit", "The most that are remembered.", value: { $0.cutOffs.limit }),
        ServerMetric(
            .gauge,
            "mintmark_rotation_marks",
            "Forced rotations by subject, client or all that are remembered.",
            value: { $0.rotationMarks }
        ),
        ServerMetric(
            .counter,
            "mintmark_refreshes_total",
            by: "outcome",
            refreshes.map(\.name),
            """
            Refreshes that gave tokens. `rotated`: with a new refresh token. `same_successor`: grace, a retry got the \
            successor that the first try had got. `unchanged`: the refresh token stays. `fast_forward`: a token \
            newer than the session's record was taken and rotated: the server came back from an older state.
            """
        ) { snapshot, place in
            snapshot.counters[refreshes[place].counter]
        },
        ServerMetric(
            .counter,
            "mintmark_reuse_detected_total",
            by: "class",
            ["previous_after_window", "older_generation", "older_epoch"],
            """
            Refresh tokens that came back after they had been rotated away, and cost their session its life: the last one \
            behind its grace window, one from before that, one from before a change of epoch.
            """
        ) { snapshot, place in
            snapshot.counters[.reuse(ReuseClass.allCases[place])]
        },
    ]

    static let storage = [
        ServerMetric(.counter, "mintmark_journal_events_total", "Events written.", value: { $0.journal.events }),
        ServerMetric(
            .counter,
            "mintmark_journal_commits_total",
            "Boxes of events written, one for each commit.",
            value: { $0.journal.boxes }
        ),
        ServerMetric(.counter, "mintmark_journal_written_bytes_total", "Bytes written.", value: { $0.journal.bytes }),
        ServerMetric(.counter, "mintmark_journal_segments_total", "Segments begun.", value: { $0.journal.segments }),
        ServerMetric(
            .counter,
            "mintmark_journal_failures_total",
            "Times that writing or syncing failed, or that a segment could not be made.",
            value: { $0.journal.failures }
        ),
        ServerMetric(
            .gauge,
            "mintmark_journal_lag_events",
            "Events that are not durable yet.",
            value: { $0.journalLagEvents }
        ),
        ServerMetric(
            .histogram,
            "mintmark_journal_sync_duration_seconds",
            "How long the disk took to sync the journal."
        ) { [MetricSample(.distribution(MetricDistribution($0.journalSyncs)))] },
        ServerMetric(
            .counter,
            "mintmark_snapshots_total",
            by: "outcome",
            ["published", "failed"],
            "Snapshots, and attempts that failed."
        ) { snapshot, place in
            place == 0 ? snapshot.snapshots.publishedCount : snapshot.snapshots.failureCount
        },
        ServerMetric(
            .gauge,
            "mintmark_snapshot_age_seconds",
            "Since the last snapshot was published, or since the start.",
            number: { Double($0.snapshotAgeMilliseconds) / 1_000 }
        ),
        ServerMetric(
            .gauge,
            "mintmark_snapshot_interval_seconds",
            "From one snapshot to the next, as configured.",
            number: { Double($0.snapshotIntervalMilliseconds) / 1_000 }
        ),
        ServerMetric(
            .gauge,
            "mintmark_snapshot_size_bytes",
            "Size of the last snapshot: until one was taken, of the one that was read at the start.",
            value: { UInt64($0.snapshots.byteCount) }
        ),
        ServerMetric(
            .gauge,
            "mintmark_snapshot_sessions",
            "Sessions in it.",
            value: { UInt64($0.snapshots.sessionCount) }
        ),
    ]
}
