import Logging
import MintmarkAdmin
import MintmarkCrypto
import MintmarkEngine
import MintmarkSessions
import MintmarkStorage
import MintmarkTokens
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// The daemon as a whole: from arguments to a configuration, and from that to a running server.
package enum Daemon {
    /// Name and version, as `--version` and the protocol's `server_build` tell it.
    package static let build = "mintmarkd/0.1.0"

    /// Merges flags, environment and file; every fault is in the message.
    ///
    /// - Parameter running: at a reload, what the server runs with.
    package static func configuration(
        from arguments: ConfigurationArguments,
        running: Configuration? = nil
    ) throws(DaemonFailure) -> Configuration {
        do throws(ConfigurationErrors) {
            return try Configuration.load(
                arguments: arguments,
                environment: ProcessFacts.environment,
                readFile: ConfigurationFile.read,
                processors: ProcessFacts.processorCount,
                running: running
            )
        } catch {
            throw DaemonFailure(error)
        }
    }

    /// Serves until SIGTERM or SIGINT; SIGHUP reads the configuration again, from the same sources.
    package static func run(_ arguments: ConfigurationArguments) async throws(DaemonEnd) {
        // Before the configuration is read: what changes from here on is taken over.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let configuration: Configuration
        do throws(DaemonFailure) {
            configuration = try Self.configuration(from: arguments)
        } catch {
            throw DaemonEnd(error, isJSON: LogControl.isJSON(environment: ProcessFacts.environment))
        }
        let log = LogControl.standardError(configuration.log)
        do {
            try await run(configuration, arguments, log, hangups)
        } catch {
            throw DaemonEnd(error, isJSON: log.isJSON)
        }
    }

    private static func run(
        _ configuration: Configuration,
        _ arguments: ConfigurationArguments,
        _ log: LogControl,
        _ hangups: UnixSignalsSequence
    ) async throws {
        _ = ProcessFacts.startMilliseconds
        let manager = ServiceManager(environment: ProcessFacts.environment)
        ServiceManager.forgetVariables()
        ResourceLimits.forbidCoreDumps()
        ResourceLimits.ignoreBrokenPipes()
        let logger = Logger(label: "mintmarkd") { ServerLogHandler(label: $0, control: log) }
        do throws(SelfTest.Failure) {
            try SelfTest.run()
        } catch {
            throw DaemonFailure(
                "the cryptography's self-test failed: \(error); install libsodium and libcrypto (OpenSSL) anew"
            )
        }
        // A start that is refused changes nothing that is kept: store, states of keys, sessions. Where nothing was,
        // it may leave something new: the data directory, an empty audit file, a master key. So what needs none of
        // them is tried before they are made.
        let tls = try configuration.tls.map(loadTLS)
        let isNew = DataDirectory.isAbsentOrEmpty(configuration.dataDirectory)
        if isNew {
            try ListenTrial.run(configuration)
        }
        let directory = try openDataDirectory(configuration)
        if !isNew {
            // Not before: another daemon may serve from this directory, and the addresses are its own.
            try ListenTrial.run(configuration)
        }
        let auditFile = try configuration.auditFile.map(openAuditFile)
        let disk = try openDisk(directory)
        let keys = try loadKeys(configuration, directory, disk)
        warn(about: configuration, keys: keys, logger)
        let assembly = try ServerAssembly(
            configuration: configuration,
            keys: keys,
            tls: tls,
            disk: disk,
            manager: manager,
            logger: logger
        )
        let surroundings = Surroundings(manager: manager, log: log, hangups: hangups, auditFile: auditFile)
        try await serve(assembly, arguments, surroundings, logger)
        // The lock is held until the last event is on the disk.
        _ = consume directory
    }

    private static func serve(
        _ assembly: ServerAssembly,
        _ arguments: ConfigurationArguments,
        _ surroundings: Surroundings,
        _ logger: Logger
    ) async throws {
        let configuration = assembly.configuration
        let sockets = try Self.socketLoops(configuration.threads)
        let workers = try await workers(assembly, on: sockets)
        let storage = storageService(assembly, workers, logger)
        let adminLoop =
            configuration.admin.listenerCount == 0 ? nil : MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let pulse = LoopPulse(sockets.loops)
        let admin = adminLoop.map { adminService(assembly, pulse: pulse, on: $0, logger) }
        let stop = await StopService()
        let deadline = StopDeadline()
        defer {
            withExtendedLifetime(stop) {}
            deadline.meet()
        }
        let server = ServerService(
            configuration: configuration,
            sockets: sockets,
            workers: workers,
            budget: assembly.budget,
            readiness: assembly.readiness,
            sessions: assembly.sessions,
            tls: assembly.tls,
            admin: admin,
            manager: surroundings.manager,
            stopSignals: stop,
            logger: logger
        )
        let reloader = reloader(assembly, arguments, workers, surroundings, logger)
        // Stopped in the reverse order: the files last, and first of all the deadline begins.
        let services: [any Service] =
            supervision(by: surroundings.manager, pulse) + (admin.map { [$0] } ?? [])
            + auditService(assembly, surroundings.auditFile, logger) + [
                storage, KeyService(keeper: assembly.keyKeeper, eventLoop: sockets.loops[0]), server,
                sweepService(assembly, on: sockets),
                ReloadService(reloader: reloader, audit: assembly.audit, hangups: surroundings.hangups),
                StopDeadlineService(
                    deadline: deadline,
                    drain: configuration.limits.shutdownTimeout,
                    threads: assembly.threads,
                    manager: surroundings.manager,
                    logger: logger
                ),
            ]
        try await run(services, until: stop, drainingFor: configuration.limits.shutdownTimeout, logger)
        await sockets.stop()
        if let adminLoop {
            await shutDown(adminLoop)
        }
        try storage.checkEnd()
    }

    private static func run(
        _ services: [any Service],
        until stop: StopService,
        drainingFor drainTime: Duration,
        _ logger: Logger
    ) async throws {
        var group = ServiceGroupConfiguration(services: services, logger: logger)
        group.services.append(.init(service: stop, successTerminationBehavior: .gracefullyShutdownGroup))
        // Draining has its own deadline; this one only cuts what should never hang, and leaves time for a last snapshot.
        group.maximumGracefulShutdownDuration = drainTime + .seconds(60)
        try await ServiceGroup(configuration: group).run()
    }

    /// One for each event loop; they hear of what became durable, and of keys that changed.
    private static func workers(_ assembly: ServerAssembly, on sockets: SocketLoopGroup) async throws -> WorkerPool {
        let workers = try await WorkerPool(loops: sockets.loops) { assembly.makeWorker(on: $0) }
        assembly.storage.journal.onAdvance { lsn, serviceMilliseconds in
            assembly.sessions.durabilityAdvanced(to: lsn, atMilliseconds: serviceMilliseconds)
            workers.durabilityAdvanced()
        }
        assembly.keyKeeper.onSettled { workers.durabilityAdvanced() }
        return workers
    }

    private static func storageService(
        _ assembly: ServerAssembly,
        _ workers: WorkerPool,
        _ logger: Logger
    ) -> StorageService {
        StorageService(
            threads: assembly.threads,
            observer: StorageThreads.Observer(assembly.readiness, logger: logger) { workers.durabilityAdvanced() },
            logger: logger
        )
    }

    private static func sweepService(_ assembly: ServerAssembly, on sockets: SocketLoopGroup) -> SweepService {
        SweepService(
            sessions: assembly.sessions,
            clock: assembly.clock,
            eventLoop: sockets.loops[0],
            interval: TimeAmount(assembly.configuration.sessions.sweepInterval)
        )
    }

    private static func reloader(
        _ assembly: ServerAssembly,
        _ arguments: ConfigurationArguments,
        _ workers: WorkerPool,
        _ surroundings: Surroundings,
        _ logger: Logger
    ) -> Reloader {
        Reloader(
            load: { (running) throws(DaemonFailure) in try Self.configuration(from: arguments, running: running) },
            parts: reloadables(assembly, workers, surroundings.log),
            started: assembly.configuration,
            audit: assembly.audit,
            counts: assembly.reloads,
            manager: surroundings.manager,
            logger: logger
        )
    }

    /// The HTTP listeners.
    private static func adminService(
        _ assembly: ServerAssembly,
        pulse: LoopPulse,
        on group: MultiThreadedEventLoopGroup,
        _ logger: Logger
    ) -> AdminService {
        let configuration = assembly.configuration.admin
        let statistics = AdminStatistics()
        let source = ServerAdminSource(
            engine: assembly.engine,
            pulse: pulse,
            reader: MetricsReader(assembly: assembly, admin: statistics),
            keySetCacheSeconds: { [keeper = assembly.keyKeeper] in Int64(keeper.policy.publicationSeconds) },
            statistics: statistics,
            authz: assembly.authz
        )
        return AdminService(configuration, source: source, on: group, logger: logger)
    }

    /// What is outside of the server and hears from it.
    private struct Surroundings {
        let manager: ServiceManager
        let log: LogControl
        let hangups: UnixSignalsSequence
        /// Open; nil: no audit log is kept.
        let auditFile: AuditFile?
    }

    /// Nothing where there is no service manager; no watchdog where it does not watch.
    private static func supervision(by manager: ServiceManager, _ pulse: LoopPulse) -> [any Service] {
        guard manager.isThere else { return [] }
        let watchdog = manager.watchdogMicroseconds.map { interval in
            WatchdogService(manager: manager, pulse: pulse, intervalMicroseconds: interval)
        }
        return [UntoldService(manager: manager)] + [watchdog].compactMap(\.self)
    }

    /// Ends an event loop of NIO's, or gives up on it: everything is on the disk, and a channel that does not close keeps
    /// nobody.
    private static func shutDown(_ adminLoop: MultiThreadedEventLoopGroup) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        adminLoop.shutdownGracefully { _ in continuation.finish() }
        let limit = Task {
            try? await Task.sleep(for: .seconds(5))
            continuation.finish()
        }
        for await _ in stream {}
        limit.cancel()
    }

    /// What takes a new configuration over while the server serves.
    private static func reloadables(
        _ assembly: ServerAssembly,
        _ workers: WorkerPool,
        _ log: LogControl
    ) -> [any Reloadable] {
        let callers = CallerReload(
            assembly.callers,
            sessions: assembly.sessions,
            clock: assembly.clock,
            workers: workers,
            gate: assembly.authz
        )
        // Who vouches for callers comes first: connections are looked through when the callers are replaced.
        let tls: [any Reloadable] = assembly.tls.map { [$0] } ?? []
        // The profile is last: it tells what the others have taken over.
        return tls + [assembly.keyKeeper, callers, LogReload(control: log), assembly.profile]
    }

    private static func auditService(
        _ assembly: ServerAssembly,
        _ file: AuditFile?,
        _ logger: Logger
    ) -> [any Service] {
        guard let log = assembly.audit, let file, let path = assembly.configuration.auditFile else {
            return []
        }
        return [AuditService(log, file, path: path, readiness: assembly.readiness, logger: logger)]
    }

    private static func warn(about configuration: Configuration, keys: ServerKeys, _ logger: Logger) {
        for warning in configuration.warnings {
            logger.warning("\(warning)")
        }
        if SecretBytes.unlockedCount > 0 {
            logger.warning("secret keys could not be locked into memory and may be swapped out; raise RLIMIT_MEMLOCK")
        }
    }
}
