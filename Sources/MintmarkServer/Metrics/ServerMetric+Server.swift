import MintmarkAdmin
import MintmarkEngine
import MintmarkTokens

/// The process as a whole, its keys, clocks and audit log.
extension ServerMetric {
    static let process = [
        ServerMetric(.gauge, "process_start_time_seconds", "When the process started.") { snapshot -> Double in
            Double(snapshot.startMilliseconds) / 1_000
        },
        ServerMetric(
            .counter,
            "process_cpu_seconds_total",
            "Processor time used, by the process and by the system for it.",
            number: { $0.usage.processorSeconds }
        ),
        ServerMetric(
            .gauge,
            "process_resident_memory_bytes",
            "Memory that is resident: the program's own pages and those of its files.",
            value: { $0.usage.residentBytes }
        ),
        ServerMetric(
            .gauge,
            "mintmark_private_memory_bytes",
            "Memory that is resident and the process's alone (RssAnon).",
            value: { $0.usage.privateBytes }
        ),
        ServerMetric(
            .gauge,
            "mintmark_build_info",
            labels: [Label(name: "version")],
            "Always 1; `version` is that of the daemon, such as `0.1.0`."
        ) { _ in
            let version = Daemon.build.split(separator: "/").last.map(String.init) ?? Daemon.build
            return [MetricSample(.integer(1), labels: [MetricSample.Label("version", version)])]
        },
    ]

    static let readiness = [
        ServerMetric(.gauge, "mintmark_ready", "1 when every operation is served, else 0.") { snapshot -> UInt64? in
            snapshot.reasons.isEmpty ? 1 : 0
        },
        ServerMetric(
            .gauge,
            "mintmark_not_ready",
            by: "reason",
            Readiness.Reason.allCases.map(\.rawValue),
            """
            1 where this stands in the way of being ready, else 0. `storage`: the journal cannot be written. \
            `storage_full`: because the disk is full. `storage_slow`: the disk has not answered for a second or longer. \
            `audit`: the audit log cannot be written, so administrative operations are refused.
            """
        ) { snapshot, place in
            snapshot.reasons.contains(Readiness.Reason.allCases[place]) ? 1 : 0
        },
        ServerMetric(
            .counter,
            "mintmark_reloads_total",
            by: "outcome",
            ["done", "refused"],
            """
            Times that the configuration was read again; refused: something in it was wrong, and everything stayed as it \
            was.
            """
        ) { snapshot, place in
            place == 0 ? snapshot.reloads.done : snapshot.reloads.refused
        },
    ]

    private static let keyStates: [(name: String, state: KeyRecord.State)] = [
        ("prepared", .prepared), ("active", .active), ("retired", .retired), ("revoked", .revoked),
    ]

    static let keys = [
        ServerMetric(.gauge, "mintmark_signing_keys", by: "state", keyStates.map(\.name), "Signing keys.") {
            snapshot,
            place in
            UInt64(snapshot.keys.count { $0.state == keyStates[place].state })
        },
        ServerMetric(
            .gauge,
            "mintmark_signing_key_age_seconds",
            labels: [Label(name: "kid"), Label(name: "state")],
            "Since the key came into its state; one series for each key."
        ) { snapshot in
            snapshot.keys.map { key in
                let state = keyStates.first { $0.state == key.state }?.name ?? ""
                let labels = [MetricSample.Label("kid", key.keyID), MetricSample.Label("state", state)]
                return MetricSample(.integer(key.ageSeconds), labels: labels)
            }
        },
        ServerMetric(
            .gauge,
            "mintmark_signing_key_rotation_seconds",
            "After which time the active key is replaced by itself; 0: never.",
            value: { $0.keyRotationSeconds }
        ),
        ServerMetric(
            .gauge,
            "mintmark_tls_certificate_remaining_seconds",
            "Until the server's certificate expires; only where something listens with TLS.",
            value: { $0.certificateSeconds }
        ),
        ServerMetric(
            .gauge,
            "mintmark_unlocked_secrets",
            "Secrets that could not be locked into memory.",
            value: { $0.unlockedSecrets }
        ),
    ]

    static let others = [
        ServerMetric(
            .gauge,
            "mintmark_clock_jump_refused_seconds",
            """
            By how much the wall clock runs ahead after a jump of more than a day, which sessions do not follow; 0: there \
            was none.
            """,
            value: { $0.refusedJumpSeconds }
        ),
        ServerMetric(
            .counter,
            "mintmark_audit_events_total",
            "Events recorded; this and the next two only where there is an audit log.",
            value: { $0.audit?.events }
        ),
        ServerMetric(
            .counter,
            "mintmark_audit_events_lost_total",
            "Events that there was no room for.",
            value: { $0.audit?.lost }
        ),
        ServerMetric(
            .counter,
            "mintmark_audit_failures_total",
            "Times that the audit log could not be written.",
            value: { $0.audit?.failures }
        ),
    ]

    static let admin = [
        ServerMetric(
            .counter,
            "mintmark_admin_requests_total",
            labels: [
                Label(name: "endpoint", values: Endpoint.allCases.map(\.rawValue)),
                Label(name: "code", values: statusClasses.map { "\($0)xx" }),
            ],
            "HTTP requests that were answered."
        ) { snapshot in
            Endpoint.allCases.flatMap { endpoint in
                statusClasses.map { statusClass in
                    let kind = AdminStatistics.AnswerKind(endpoint: endpoint, statusClass: statusClass)
                    let labels = [
                        MetricSample.Label("endpoint", endpoint.rawValue),
                        MetricSample.Label("code", "\(statusClass)xx"),
                    ]
                    return MetricSample(.integer(snapshot.admin.count(of: kind)), labels: labels)
                }
            }
        },
        ServerMetric(
            .counter,
            "mintmark_authz_decisions_total",
            by: "outcome",
            AuthzOutcome.allCases.map(\.rawValue),
            """
            What `/authz` decided. `invalid_token`: one that is not good, or not good here. `insufficient_scope`: a good \
            one without the scope that was asked for. `invalid_request`: a malformed header or query. `rate_limited`: the \
            rate of the client that proxies are. `unavailable`: the server starts, or that client may not ask.
            """
        ) { snapshot, place in
            snapshot.admin.count(of: AuthzOutcome.allCases[place])
        },
        ServerMetric(.gauge, "mintmark_admin_connections", "HTTP connections open.") { snapshot -> UInt64? in
            UInt64(snapshot.admin.connections)
        },
        ServerMetric(
            .counter,
            "mintmark_admin_connections_refused_total",
            "HTTP connections that were closed at once because too many were open and all of them were being answered.",
            value: { $0.admin.connectionsRefused }
        ),
        ServerMetric(
            .counter,
            "mintmark_admin_connections_evicted_total",
            "HTTP connections that were closed to make room for others: idle, without a whole request, or not taking answers.",
            value: { $0.admin.connectionsEvicted }
        ),
    ]

    private static let statusClasses = [2, 3, 4, 5]
}
