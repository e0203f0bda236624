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
    let memory: ConnectionMemory
    /// Nil: none is kept.
    let audit: AuditLog?
    let clock: ServerClock
    let storage: ServerStorage
    let threads: StorageThreads
    private let localCaller: SessionCaller

    init(
        configuration: Configuration,
        keys: ServerKeys,
        disk: any StorageDirectory,
        logger: Logger
    ) throws(DaemonFailure) {
        self.configuration = configuration
        budget = ConnectionBudget(connectionsMax: ResourceLimits.connectionsMax(configuration.limits.connections))
        memory = ConnectionMemory(bytesMax: configuration.limits.memoryBytes, connections: budget)
        audit = configuration.auditFile == nil ? nil : AuditLog()
        guard let local = configuration.clients[Configuration.localClientID] else {
            preconditionFailure("a configuration always holds the client 'local'")
        }
        let localID = Array(Configuration.localClientID.utf8)
        localCaller = SessionCaller(clientID: localID, policy: try Self.policy(local))
        storage = try ServerStorage(
            configuration,
            masterKey: keys.masterKey,
            disk: disk,
            callers: [localCaller],
            logger: logger
        )
        threads = StorageThreads(
            storage.storage,
            journalSignal: storage.journalSignal,
            settings: StorageThreads.Settings(configuration.storage)
        )
        clock = storage.clock
        sessions = storage.sessions
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
            readiness: readiness,
            snapshots: StorageSnapshots(threads: threads),
            audit: audit
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
                memory: memory,
                caller: localCaller
            ),
            clock: clock,
            journal: storage.journal
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
}
