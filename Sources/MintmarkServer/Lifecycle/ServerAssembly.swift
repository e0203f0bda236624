import Logging
import MintmarkCrypto
import MintmarkEngine
import MintmarkSessions
import MintmarkTokens
import NIOCore

/// The parts of a server, made from its configuration and keys, and wired together. Immutable.
struct ServerAssembly: Sendable {
    let configuration: Configuration
    let engine: Engine
    let sessions: SessionStore
    let readiness = Readiness()
    let budget: ConnectionBudget
    let clock: ServerClock
    /// Sessions live in memory: nothing is written, so everything is as durable as it gets at once.
    let journal: any SessionJournal = MemoryJournal()

    private let localCaller: SessionCaller

    init(configuration: Configuration, keys: ServerKeys, logger: Logger) throws(DaemonFailure) {
        self.configuration = configuration
        clock = ServerClock(onRefusedJump: { seconds in
            logger.warning(
                "the wall clock jumped ahead by more than a day; the deadlines of sessions do not follow it",
                metadata: ["seconds": .stringConvertible(seconds)]
            )
        })
        budget = ConnectionBudget(connectionsMax: ResourceLimits.connectionsMax(configuration.limits.connections))
        guard let local = configuration.clients[Configuration.localClientID] else {
            preconditionFailure("a configuration always holds the client 'local'")
        }
        let localID = Array(Configuration.localClientID.utf8)
        localCaller = SessionCaller(clientID: localID, policy: try Self.policy(local))
        sessions = try Self.sessions(configuration, keys, journal)
        let statistics = ServerStatistics()
        let tokens = try Self.tokens(configuration.tokens, issuer: configuration.issuer, keys)
        engine = Engine(
            settings: Engine.Settings(
                serverBuild: Daemon.build,
                frameLengthMax: configuration.limits.frameLengthBytes,
                inFlightMax: configuration.limits.inFlight,
                fillNonce: { SystemRandom().fill($0) },
                wallSeconds: { ServerClock.wallMilliseconds / 1_000 }
            ),
            tokens: tokens,
            sessions: sessions,
            statistics: statistics,
            readiness: readiness
        )
        registerGauges(statistics)
    }

    /// The worker of one event loop; called on that loop.
    func makeWorker(on eventLoop: any EventLoop) -> LoopWorker {
        LoopWorker(
            eventLoop: eventLoop,
            executor: RequestExecutor(engine: engine, claimsWriter: ClaimsWriter(random: SystemRandom())),
            settings: LoopWorker.Settings(
                frameLengthMax: configuration.limits.frameLengthBytes,
                inFlightMax: configuration.limits.inFlight,
                caller: localCaller
            ),
            clock: clock,
            journal: journal
        )
    }

    private static func tokens(
        _ tokens: Configuration.Tokens,
        issuer: String,
        _ keys: ServerKeys
    ) throws(DaemonFailure) -> TokenService {
        let algorithm: KeyRing.Algorithm =
            switch tokens.algorithm {
            case .edDSA: .edDSA
            case .ed25519: .ed25519
            }
        let key = KeyRing.Key(keys.signingKey.publicKey, state: .active, algorithm: algorithm)
        let ring: KeyRing
        do throws(KeyRingError) {
            ring = try KeyRing([key], signingKey: keys.signingKey)
        } catch {
            throw DaemonFailure("the signing key makes no key ring: \(error)")
        }
        let cache =
            tokens.cacheSizeBytes == 0
            ? nil : VerifiedTokenCache(byteCountMax: tokens.cacheSizeBytes, random: SystemRandom())
        return TokenService(
            keys: ring,
            profile: TokenProfile(issuer: Array(issuer.utf8), type: Array(tokens.type.utf8)),
            cache: cache,
            leewaySeconds: UInt32(tokens.leeway.components.seconds)
        )
    }

    private func registerGauges(_ statistics: ServerStatistics) {
        let gauges: [(String, @Sendable () -> UInt64)] = [
            ("connections_open", { [budget] in UInt64(budget.openCount) }),
            ("sessions", { [sessions] in UInt64(sessions.count) }),
            ("sessions_revoked", { [sessions] in UInt64(sessions.revokedCount) }),
            ("cut_offs", { [sessions] in UInt64(sessions.cutOffs.count) }),
            ("rotation_marks", { [sessions] in UInt64(sessions.forcedMarks.count) }),
            ("clock_jump_refused_seconds", { [clock] in clock.refusedJumpSeconds }),
            ("secrets_unlocked", { UInt64(SecretBytes.unlockedCount) }),
        ]
        for (name, read) in gauges {
            statistics.register(ServerStatistics.Gauge(name: name, read: read))
        }
        guard let cache = engine.tokens.cache else {
            return
        }
        let counters: [(String, @Sendable () -> UInt64)] = [
            ("verify_cache_hits", { cache.counters.hits }),
            ("verify_cache_misses", { cache.counters.misses }),
            ("verify_cache_evictions", { cache.counters.evictions }),
            ("verify_cache_bytes", { UInt64(cache.counters.byteCount) }),
        ]
        for (name, read) in counters {
            statistics.register(ServerStatistics.Gauge(name: name, read: read))
        }
    }
}
