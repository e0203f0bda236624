import Foundation
import MintmarkCrypto
import MintmarkEngine
import MintmarkSessions
import MintmarkTokens
import MintmarkWire
import NIOCore
import NIOPosix

@testable import MintmarkServer

/// The daemon's connections, listeners and engine on a free port of this machine, inside the test's process.
final class TestServer: Sendable {
    struct Options: Sendable {
        var threads = 1
        var frameLengthMax = Limits.frameLengthMax
        var inFlightMax = Limits.inFlightMax
        var connectionsMax = 1024
        var memoryBytesMax = 1 << 30
        /// So long that no test on a busy machine meets it unasked.
        var queueTimeNanoseconds: UInt64 = 60_000_000_000
        var audit: (any AuditTrail)?
        var burstClock: @Sendable () -> UInt64 = { ServerClock.awakeNanoseconds }
        var timeouts = ConnectionTimeouts(handshake: .seconds(60), frame: .seconds(60), write: .seconds(60))
        var isJournalHeld = false
        /// Nil: the server keeps no files.
        var snapshots: HeldSnapshots?
        var cacheBytes: Int?
        var policy = ClientPolicy()
        var unixPath: String?
        var secondListener = false
        /// Where connections without a socket come from.
        var origin = ConnectionOrigin.tcp(serverAddress: "127.0.0.1:7420")
        /// Who is at the other end of the Unix socket.
        var unixOrigin = ConnectionOrigin.ofUnixSocket
        /// Nil: nothing listens with TLS.
        var tls: TLSSource?
        /// Who may call; nil: everybody is the client `local`, an administrator.
        var callers: CallerDirectory?
        var directory: CallerDirectory {
            callers ?? CallerDirectory(everybody: .administrator("local", policy: policy))
        }
        /// The machine's clocks.
        var reading: @Sendable () -> ServerClock.Reading = ServerClock.Reading.now
    }

    let ports: [Int]
    /// Of the listener with TLS, if there is one.
    let tlsPorts: [Int]
    let unixPath: String?
    let engine: Engine
    let clock: ServerClock
    let budget: ConnectionBudget
    let memory: ConnectionMemory
    let workers: WorkerPool
    let sockets: SocketLoopGroup
    let starter: ConnectionStarter
    private let held: HeldJournal?
    private let listeners: NIOLoopBoundListeners

    /// Listeners, closed once.
    private actor NIOLoopBoundListeners {
        private var listeners: ListenerSet
        init(_ listeners: ListenerSet) { self.listeners = listeners }
        func close() async {
            var listeners = listeners
            await listeners.close()
            self.listeners = listeners
        }
    }

    var port: Int { ports[0] }
    var tlsPort: Int { tlsPorts[0] }

    /// The journal that is durable on command.
    var journal: HeldJournal {
        guard let held else { preconditionFailure("this server was made with a journal that holds nothing") }
        return held
    }

    init(_ options: Options) async throws {
        let clock = ServerClock(reading: options.reading, tick: { _ in nil })
        self.clock = clock
        let held = options.isJournalHeld ? HeldJournal { clock.now().serviceMilliseconds } : nil
        let journal: any SessionJournal = held ?? MemoryJournal()
        self.held = held
        let engine = try Self.engine(options, journal: journal)
        let budget = ConnectionBudget(
            connectionsMax: options.connectionsMax,
            keepsPlaces: options.unixPath != nil
        )
        let memory = ConnectionMemory(bytesMax: options.memoryBytesMax, connections: budget)
        self.budget = budget
        self.memory = memory
        let sockets = try SocketLoopGroup(count: options.threads)
        let workers = try await WorkerPool(loops: sockets.loops) { eventLoop in
            LoopWorker(
                eventLoop: eventLoop,
                executor: RequestExecutor(engine: engine, claimsWriter: ClaimsWriter(random: SystemRandom())),
                settings: LoopWorker.Settings(
                    frameLengthMax: options.frameLengthMax,
                    inFlightMax: options.inFlightMax,
                    memory: memory,
                    queueTimeNanoseconds: options.queueTimeNanoseconds
                ),
                callers: options.directory,
                clock: clock,
                journal: journal,
                burstClock: options.burstClock
            )
        }
        journal.onAdvance { lsn, serviceMilliseconds in
            engine.sessions.durabilityAdvanced(to: lsn, atMilliseconds: serviceMilliseconds)
            workers.durabilityAdvanced()
        }
        options.snapshots?.onChange { workers.durabilityAdvanced() }
        let starter = ConnectionStarter(
            sockets: sockets,
            workers: workers,
            budget: budget,
            timeouts: options.timeouts
        )
        let listeners = try await Self.listeners(options, starter)
        engine.readiness.remove(.starting)
        ports = Self.ports(listeners.tcpAddresses)
        tlsPorts = Self.ports(listeners.tlsAddresses)
        unixPath = listeners.unixPath
        self.listeners = NIOLoopBoundListeners(listeners)
        self.engine = engine
        self.workers = workers
        self.sockets = sockets
        self.starter = starter
    }

    private static func listeners(_ options: Options, _ starter: ConnectionStarter) async throws -> ListenerSet {
        var listeners = ListenerSet(on: starter.sockets.loops[0], budget: starter.budget)
        guard let address = ListenAddress("127.0.0.1:0") else { preconditionFailure("no such address") }
        for _ in 0..<(options.secondListener ? 2 : 1) {
            try await listeners.bind(address, starter.acceptor(ConnectionOrigin.ofTCP))
        }
        if let tls = options.tls {
            try await listeners.bind(tls: address, starter.acceptor(tls))
        }
        if let path = options.unixPath {
            try await listeners.bind(unixPath: path, starter.acceptor(options.unixOrigin))
        }
        return listeners
    }

    private static func ports(_ addresses: [String]) -> [Int] {
        addresses.compactMap { $0.split(separator: ":").last.flatMap { Int($0) } }
    }

    static func engine(_ options: Options, journal: any SessionJournal) throws -> Engine {
        let random = SystemRandom()
        let key = Ed25519SigningKey(random: random)
        let ring = try KeyRing([KeyRing.Key(key.publicKey, state: .active)], signingKey: key)
        let master = SecretBytes(count: KeyDerivation.masterByteCount, random: random)
        let codec = RefreshTokenCodec(
            keys: [RefreshTokenKey(id: 1, firstEpoch: StoreEpoch(rawValue: 0), master: master)]
        )
        let sessions = SessionStore(
            limits: SessionStoreLimits(),
            codec: codec,
            epoch: StoreEpoch(rawValue: 1_000 << 20),
            journal: journal,
            random: random
        )
        return Engine(
            settings: Engine.Settings(
                serverBuild: "mintmarkd/test",
                frameLengthMax: options.frameLengthMax,
                inFlightMax: options.inFlightMax,
                fillNonce: { SystemRandom().fill($0) },
                wallSeconds: { [reading = options.reading] in reading().wallMilliseconds / 1_000 }
            ),
            tokens: CurrentTokenService(
                TokenService(
                    keys: ring,
                    profile: TokenProfile(issuer: Array("https://issuer.example".utf8)),
                    cache: options.cacheBytes.map { VerifiedTokenCache(byteCountMax: $0, random: random) },
                    leewaySeconds: 30
                )
            ),
            sessions: sessions,
            statistics: ServerStatistics(),
            readiness: Readiness(),
            snapshots: options.snapshots,
            audit: options.audit
        )
    }

    /// A connection that has shaken hands, or has not yet.
    func connect(greets: Bool = true, port: Int? = nil) throws -> RawClient {
        let client = try RawClient(port: port ?? self.port)
        if greets { try client.greet() }
        return client
    }

    var openConnectionsCount: Int { budget.openCount }
    var sessionsCount: Int { engine.sessions.count }

    /// What a counter stands at.
    func count(_ name: String) -> UInt64 {
        engine.statistics.read().first { $0.name == name }?.value ?? 0
    }

    /// Begins to stop as the daemon does.
    func startDraining(timeout: TimeAmount) -> EventLoopFuture<Void> {
        drain(timeout: timeout).map { _ in }
    }

    /// The same; tells what was cut.
    func drain(timeout: TimeAmount) -> EventLoopFuture<CutConnections> {
        sockets.loops[0].makeFutureWithTask {
            await self.listeners.close()
            return await self.workers.drain(timeout: timeout)
        }
    }

    /// Ends a drain as the daemon does when it is asked again.
    func cut() throws {
        try sockets.loops[0].makeFutureWithTask { await self.workers.cut() }.wait()
    }

    func stop() async throws {
        try await startDraining(timeout: .zero).get()
        await sockets.stop()
    }
}

/// Runs `body` against a server of its own, on a thread of its own: clients block.
func withServer<Result: Sendable>(
    _ change: (inout TestServer.Options) -> Void = { _ in },
    _ body: @escaping @Sendable (TestServer) throws -> Result
) async throws -> Result {
    var options = TestServer.Options()
    change(&options)
    let server = try await TestServer(options)
    // A task, so that what fails is known to belong to this test.
    let task = Task(executorPreference: BlockingThreads()) { try body(server) }
    let result = await task.result
    try await server.stop()
    return try result.get()
}

/// Runs each job on a thread of its own, so that a test may block without holding up the others.
final class BlockingThreads: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

extension TestServer {
    struct Impatient: Error {
        var open: Int
    }

    /// Waits until so many connections are open.
    func awaitConnections(_ count: Int) throws {
        try awaitTrue { self.budget.openCount == count }
    }

    /// Waits for something that event loops bring about.
    func awaitTrue(_ condition: @Sendable () -> Bool) throws {
        let end = NIODeadline.now() + .seconds(60)
        while !condition() {
            guard NIODeadline.now() < end else { throw Impatient(open: budget.openCount) }
            poll(nil, 0, 1)
        }
    }
}

/// One more listener of a server's, whose accepting is the test's business.
struct TestListener: Sendable {
    let port: Int
    fileprivate let listener: NIOLoopBound<SocketListener>
    fileprivate let loop: SocketLoop

    func close() throws {
        try loop.submit { [listener] in listener.value.close() }.wait()
    }
}

extension TestServer {
    func listen(accepting acceptCall: @escaping @Sendable (Int32) -> Int32) throws -> TestListener {
        guard let address = ListenAddress("127.0.0.1:0") else { preconditionFailure("no such address") }
        let descriptor = try ListeningSocket.bind(address)
        let loop = sockets.loops[0]
        let listener = try loop.submit { [budget, starter] in
            NIOLoopBound(
                try SocketListener(
                    descriptor,
                    on: loop,
                    budget: budget,
                    acceptCall: acceptCall,
                    accept: starter.acceptor(ConnectionOrigin.ofTCP)
                ),
                eventLoop: loop
            )
        }.wait()
        return TestListener(port: SocketName.ofServer(descriptor)?.port ?? 0, listener: listener, loop: loop)
    }
}
