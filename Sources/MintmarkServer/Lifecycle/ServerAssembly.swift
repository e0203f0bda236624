import Logging
import MintmarkCrypto
import MintmarkEngine
import MintmarkSessions
import MintmarkStorage
import MintmarkTokens
import NIOCore

/// The parts of a server, made from its configuration and keys, and wired together. Immutable.
struct ServerAssembly: Sendable {
    let configuration: Configuration
    let engine: Engine
    let sessions: SessionStore
    let readiness = Readiness()
    let budget: ConnectionBudget
    let tls: TLSSource?
    let memory: ConnectionMemory
    /// Nil: none is kept.
    let audit: AuditLog?
    let clock: ServerClock
    let storage: ServerStorage
    let threads: StorageThreads
    let keyKeeper: KeyKeeper
    /// Who may call, as of the start.
    let callers: CallerDirectory
    let authz: AuthzGate
    let reloads = ReloadCounts()
    /// What STATS tells of the settings in effect.
    let profile: ProfileReload

    init(
        configuration: Configuration,
        keys: ServerKeys,
        tls: TLSSource?,
        disk: any StorageDirectory,
        manager: ServiceManager,
        logger: Logger
    ) throws(DaemonFailure) {
        self.configuration = configuration
        self.tls = tls
        profile = ProfileReload(configuration)
        budget = Self.budget(configuration, logger)
        memory = ConnectionMemory(bytesMax: configuration.limits.memoryBytes, connections: budget)
        audit = configuration.auditFile == nil ? nil : AuditLog()
        callers = try CallerDirectory(configuration)
        var signingKeys: KeyStore?
        storage = try ServerStorage(
            configuration,
            masterKey: keys.masterKey,
            disk: disk,
            callers: callers.clients.map(\.session),
            manager: manager,
            logger: logger
        ) { () throws(DaemonFailure) in
            // Not earlier: a start that is refused changes nothing that is kept. And before the first manifest: where
            // that is, the ledger of keys is, too.
            signingKeys = try Self.settle(keys)
        }
        guard let signingKeys else { preconditionFailure("a store that begins has settled its keys") }
        threads = StorageThreads(
            storage.storage,
            journalSignal: storage.journalSignal,
            settings: StorageThreads.Settings(configuration.storage)
        )
        clock = storage.clock
        sessions = storage.sessions
        let statistics = ServerStatistics()
        keyKeeper = try Self.keeper(configuration, signingKeys, keys.place, clock: clock, audit: audit, logger: logger)
        engine = Engine(
            settings: Self.engineSettings(configuration, profile),
            tokens: keyKeeper.tokens,
            sessions: sessions,
            statistics: statistics,
            readiness: readiness,
            snapshots: StorageSnapshots(threads: threads),
            audit: audit,
            keys: keyKeeper
        )
        authz = AuthzGate(configuration.admin.authz, engine: engine, clock: clock, callers: callers)
        registerGauges(statistics)
    }

    private static func budget(_ configuration: Configuration, _ logger: Logger) -> ConnectionBudget {
        ConnectionBudget(
            connectionsMax: ResourceLimits.connectionsMax(
                configuration.limits.connections,
                loopCount: configuration.threads + (configuration.admin.listenerCount == 0 ? 0 : 1),
                others: AdminService.connectionsMax(configuration.admin)
            ),
            keepsPlaces: configuration.unix != nil,
            onFull: {
                logger.warning("limits.connections is reached: new connections wait until others close")
            }
        )
    }

    private static func engineSettings(_ configuration: Configuration, _ profile: ProfileReload) -> Engine.Settings {
        Engine.Settings(
            serverBuild: Daemon.build,
            frameLengthMax: configuration.limits.frameLengthBytes,
            inFlightMax: configuration.limits.inFlight,
            fillNonce: { SystemRandom().fill($0) },
            wallSeconds: { ServerClock.wallMilliseconds / 1_000 },
            profile: { profile.now }
        )
    }

    /// The worker of one event loop; called on that loop.
    func makeWorker(on eventLoop: any EventLoop) -> LoopWorker {
        LoopWorker(
            eventLoop: eventLoop,
            executor: RequestExecutor(engine: engine, claimsWriter: ClaimsWriter(random: SystemRandom())),
            settings: LoopWorker.Settings(
                frameLengthMax: configuration.limits.frameLengthBytes,
                inFlightMax: configuration.limits.inFlight,
                memory: memory,
                queueTimeNanoseconds: UInt64(TimeAmount(configuration.limits.queueTime).nanoseconds)
            ),
            callers: callers,
            clock: clock,
            journal: storage.journal
        )
    }

    private static func settle(_ keys: ServerKeys) throws(DaemonFailure) -> KeyStore {
        do throws(ServerKeys.Fault) {
            return try keys.settle(random: SystemRandom())
        } catch {
            throw DaemonFailure("\(error)", error.exit)
        }
    }

    private static func keeper(
        _ configuration: Configuration,
        _ signingKeys: KeyStore,
        _ place: SecretPlace,
        clock: ServerClock,
        audit: AuditLog?,
        logger: Logger
    ) throws(DaemonFailure) -> KeyKeeper {
        let tokens = configuration.tokens
        let cache =
            tokens.cacheSizeBytes == 0
            ? nil : VerifiedTokenCache(byteCountMax: tokens.cacheSizeBytes, random: SystemRandom())
        do throws(KeyRingError) {
            return try KeyKeeper(
                store: signingKeys,
                issuers: configuration.trustedIssuers,
                profile: KeyKeeper.Profile(
                    tokens: TokenProfile(issuer: Array(configuration.issuer.utf8), type: Array(tokens.type.utf8)),
                    cache: cache,
                    leewaySeconds: UInt32(tokens.leeway.components.seconds)
                ),
                instant: { clock.now() },
                place: place,
                audit: audit,
                logger: logger
            )
        } catch {
            throw DaemonFailure("the signing keys make no key ring: \(error)")
        }
    }
}
