import MintmarkAdmin
import MintmarkEngine
import MintmarkSessions
import MintmarkTokens
import MintmarkWire

/// What was asked for, what came of it, and who asked.
extension ServerMetric {
    static let operations = Kind.allCases.map { $0.name.lowercased() }

    private static let outcomes = ["ok", "inactive", "error"]

    static let requests = [
        ServerMetric(
            .counter,
            "mintmark_requests_total",
            labels: [Label(name: "operation", values: operations), Label(name: "outcome", values: outcomes)],
            """
            Requests that were executed, by how they were answered. `inactive`: VERIFY or INTROSPECT told that a token is \
            not good. `error`: the answer is an error. Questions to `/authz` count as `verify`; a good token that lacks a \
            scope is `ok` there.
            """
        ) { snapshot in
            Kind.allCases.flatMap { kind in
                let counts = [
                    snapshot.successes[Int(kind.rawValue)], snapshot.counters.inactive(kind),
                    snapshot.counters[.errors(kind)],
                ]
                return zip(outcomes, counts).map { outcome, count in
                    let operation = MetricSample.Label("operation", kind.name.lowercased())
                    return MetricSample(.integer(count), labels: [operation, MetricSample.Label("outcome", outcome)])
                }
            }
        },
        ServerMetric(
            .histogram,
            "mintmark_request_duration_seconds",
            labels: [Label(name: "operation", note: "those above without `hello` and `auth`")],
            """
            From reading the request's last bytes to handing its answer to the socket. Answers that wait for the disk are \
            in it with their wait.
            """
        ) { snapshot in
            snapshot.durations.map { kind, counts in
                let operation = MetricSample.Label("operation", kind.name.lowercased())
                return MetricSample(.distribution(MetricDistribution(counts)), labels: [operation])
            }
        },
        ServerMetric(
            .counter,
            "mintmark_refusals_total",
            labels: [
                Label(
                    name: "reason",
                    note: """
                        a status of the protocol in lower case, such as `token_expired`, `reused`, `not_permitted`, \
                        `rate_limited`, `busy`, `storage`, `not_ready`
                        """
                )
            ],
            "Errors that were answered, and reasons that VERIFY and INTROSPECT gave for a token that is not good."
        ) { snapshot in
            Status.allCases.map { status in
                MetricSample(
                    .integer(snapshot.counters[.status(status)]),
                    labels: [MetricSample.Label("reason", status.name.lowercased())]
                )
            }
        },
        ServerMetric(
            .counter,
            "mintmark_requests_shed_total",
            by: "reason",
            ["waiting", "memory"],
            """
            Requests that were answered BUSY: `waiting`, they had waited longer than `limits.queue_time` allows; `memory`, \
            connections hold as much as they may, and the caller's more than its share.
            """
        ) { snapshot, place in
            snapshot.counters[place == 0 ? .shedWaiting : .shedMemory]
        },
    ]

    static let tokens = [
        ServerMetric(
            .counter,
            "mintmark_verify_cache_hits_total",
            "Verifications that found their token in the cache.",
            value: { $0.cache?.hits }
        ),
        ServerMetric(
            .counter,
            "mintmark_verify_cache_misses_total",
            "Verifications that had to check the signature.",
            value: { $0.cache?.misses }
        ),
        ServerMetric(
            .counter,
            "mintmark_verify_cache_evictions_total",
            "Tokens that gave way to others in the cache.",
            value: { $0.cache?.evictions }
        ),
        ServerMetric(.gauge, "mintmark_verify_cache_entries", "Tokens in the cache.") { snapshot -> UInt64? in
            snapshot.cache.map { UInt64($0.entryCount) }
        },
        ServerMetric(.gauge, "mintmark_verify_cache_bytes", "Memory of the cache.") { snapshot -> UInt64? in
            snapshot.cache.map { UInt64($0.byteCount) }
        },
        ServerMetric(
            .gauge,
            "mintmark_verify_cache_limit_bytes",
            "The most it may take; 0: there is no cache, and none of the five above.",
            value: { $0.cacheLimitBytes }
        ),
    ]

    private static let refusedCallers: [(name: String, counter: ServerCounter)] =
        TLSRefusal.allCases.map { ($0.rawValue, $0.counter) }
        + HandshakeRefusal.allCases.map { ($0.rawValue, ServerCounter($0)) }

    private static let failures: [(name: String, counter: ServerCounter)] = [
        ("socket", .connectionErrors), ("protocol", .connectionFaults), ("stalled", .connectionsStalled),
    ]

    static let connections = [
        ServerMetric(.gauge, "mintmark_connections", "Connections open.", value: { $0.connections.now }),
        ServerMetric(.gauge, "mintmark_connections_limit", "The most that may be.", value: { $0.connections.limit }),
        counter("mintmark_connections_opened_total", .connectionsOpened, "Connections accepted."),
        counter("mintmark_connections_closed_total", .connectionsClosed, "Connections closed, for whatever reason."),
        ServerMetric(
            .counter,
            "mintmark_connections_failed_total",
            by: "reason",
            failures.map(\.name),
            """
            Connections that did not end well: an error of the socket, an error that closes the connection, a peer that \
            took no bytes, or few while memory was full.
            """
        ) { snapshot, place in
            snapshot.counters[failures[place].counter]
        },
        ServerMetric(
            .counter,
            "mintmark_connections_refused_total",
            by: "reason",
            refusedCallers.map(\.name),
            "Callers that were turned away, under the name that the audit log has for it."
        ) { snapshot, place in
            snapshot.counters[refusedCallers[place].counter]
        },
        counter(
            "mintmark_connections_held_back_total",
            .connectionsHeldBack,
            "Times that a connection was not read because it held more than its share of memory."
        ),
        ServerMetric(
            .gauge,
            "mintmark_connection_memory_bytes",
            "What all connections hold.",
            value: { $0.connectionBytes.now }
        ),
        ServerMetric(
            .gauge,
            "mintmark_connection_memory_limit_bytes",
            "What they may hold; beyond it OPEN and REFRESH of those who hold more than a share are answered BUSY.",
            value: { $0.connectionBytes.limit }
        ),
        counter("mintmark_tls_handshakes_total", .tlsHandshakes, "TLS handshakes that were completed."),
        counter(
            "mintmark_authentications_total",
            .handshakesAuthenticated,
            "Callers that proved by AUTH who they are."
        ),
        counter(
            "mintmark_callers_gone_total",
            .callersGone,
            "Connections that ended because a reload had removed their client."
        ),
    ]

    static func counter(_ name: String, _ counter: ServerCounter, _ meaning: String) -> ServerMetric {
        ServerMetric(.counter, name, meaning) { snapshot -> UInt64? in snapshot.counters[counter] }
    }
}

extension MetricDistribution {
    init(_ durations: DurationCounts) {
        self.init(
            bounds: DurationHistogram.boundsMicroseconds.map { Double($0) / 1_000_000 },
            counts: durations.counts,
            sum: Double(durations.nanoseconds) / 1_000_000_000
        )
    }
}
