import Glibc
import Logging
import MintmarkEngine
import MintmarkSessions
import NIOCore
import ServiceLifecycle

/// Listens, serves, and stops gracefully: no new connections, every accepted request answered, then the end.
struct ServerService: Service {
    let configuration: Configuration
    let sockets: SocketLoopGroup
    let workers: WorkerPool
    let budget: ConnectionBudget
    let readiness: Readiness
    let sessions: SessionStore
    /// Nil where nothing listens with TLS.
    let tls: TLSSource?
    /// Nil: nothing listens for HTTP.
    let admin: AdminService?
    let manager: ServiceManager
    let stopSignals: StopService
    let logger: Logger

    /// How long after the end of `shutdown_timeout` a connection that is still there is cut.
    static let lastAnswersTime = TimeAmount.seconds(1)

    func run() async throws {
        var listeners = ListenerSet(on: sockets.loops[0], budget: budget)
        do {
            try withdraw()
            try await bind(&listeners)
            let places = try await admin?.addresses() ?? AdminService.Addresses()
            readiness.remove(.starting)
            warn()
            try announce(listeners, places)
        } catch {
            await listeners.close()
            throw error
        }
        try? await gracefulShutdown()
        await stop(&listeners)
    }

    private func stop(_ listeners: inout ListenerSet) async {
        logger.info(
            "stopping: \(stopSignals.cause)",
            metadata: ["connections": .stringConvertible(budget.openCount)]
        )
        readiness.add(.stopping)
        manager.stopping(
            "Answering what was accepted, on \(budget.openCount) connections",
            within: UInt64((configuration.limits.shutdownTimeout + StopDeadline.afterDrain).wholeSeconds)
        )
        if let path = configuration.readyFile {
            try? ReadyFile.remove(path, of: getpid())
        }
        await listeners.close()
        // Connections give up what still waits when the time is over; then the answers that say so must get out.
        note(await drain())
    }

    /// Waits until every connection is done; those that are not in time are cut, or when a second signal asks for it.
    private func drain() async -> CutConnections {
        let timeout = TimeAmount(configuration.limits.shutdownTimeout) + Self.lastAnswersTime
        return await withTaskGroup(of: CutConnections?.self) { [workers, stopSignals, logger] group in
            group.addTask { await workers.drain(timeout: timeout) }
            group.addTask {
                await stopSignals.another()
                guard !Task.isCancelled else { return nil }
                logger.warning("asked again to stop: connections are cut")
                await workers.cut()
                return nil
            }
            // After the cut the drain has nothing to wait for.
            let cut = await group.first { $0 != nil } ?? nil
            group.cancelAll()
            return cut ?? CutConnections()
        }
    }

    /// Tells whether everything that was accepted was answered, and what was not.
    private func note(_ cut: CutConnections) {
        var metadata: Logger.Metadata = ["sessions": .stringConvertible(sessions.count)]
        guard cut.count > 0 else {
            return logger.info("every request is answered", metadata: metadata)
        }
        metadata["cut_connections"] = .stringConvertible(cut.count)
        guard !cut.isLossless else {
            return logger.info("every request is answered; connections were cut that did not close", metadata: metadata)
        }
        metadata["unanswered_requests"] = .stringConvertible(cut.unansweredRequests)
        metadata["unsent_bytes"] = .stringConvertible(cut.unsentBytes)
        logger.warning(
            "connections were cut before they had their answers; what became of the requests, their clients do not know",
            metadata: metadata
        )
    }

    /// What an operator should know before anybody connects.
    private func warn() {
        if budget.connectionsMax < configuration.limits.connections {
            logger.warning(
                "the limit on open files leaves room for fewer connections than configured",
                metadata: [
                    "configured": .stringConvertible(configuration.limits.connections),
                    "possible": .stringConvertible(budget.connectionsMax),
                ]
            )
        }
    }

    /// Removes the ready file of an earlier start: not ready yet.
    private func withdraw() throws {
        guard let path = configuration.readyFile else {
            return
        }
        do {
            try ReadyFile.remove(path)
        } catch {
            throw DaemonFailure.readyFile("removed", error)
        }
    }

    private func bind(_ listeners: inout ListenerSet) async throws {
        let starter = starter()
        for address in configuration.listen {
            do {
                try await listeners.bind(address, starter.acceptor(ConnectionOrigin.ofTCP))
            } catch {
                throw DaemonFailure.cannotListen(on: "\(address)", error)
            }
        }
        if let tls {
            for address in configuration.tls?.listen ?? [] {
                do {
                    try await listeners.bind(tls: address, starter.acceptor(tls))
                } catch {
                    throw DaemonFailure.cannotListen(on: "\(address)", error)
                }
            }
        }
        if let path = configuration.unix {
            do {
                try UnixSocketDirectory.prepare(socketPath: path)
                try await listeners.bind(unixPath: path, starter.acceptor(ConnectionOrigin.ofUnixSocket))
            } catch {
                throw DaemonFailure.cannotListen(on: path, error)
            }
        }
    }

    private func announce(_ listeners: ListenerSet, _ http: AdminService.Addresses) throws {
        let ready = ReadyFile(
            processID: ProcessFacts.id,
            tcpAddresses: listeners.tcpAddresses,
            tlsAddresses: listeners.tlsAddresses,
            unixPath: listeners.unixPath,
            adminAddress: http.admin,
            authzAddress: http.authz
        )
        if let path = configuration.readyFile {
            do {
                try ready.write(to: path)
            } catch {
                throw DaemonFailure.readyFile("written", error)
            }
        }
        let places = listeners.tcpAddresses + listeners.tlsAddresses + [listeners.unixPath].compactMap(\.self)
        manager.ready("Serving on " + places.joined(separator: ", "))
        logger.info(
            "ready",
            metadata: [
                "tcp": .array(listeners.tcpAddresses.map { .string($0) }),
                "tls": .array(listeners.tlsAddresses.map { .string($0) }),
                "unix": .string(listeners.unixPath ?? "-"),
                "admin": .string(http.admin ?? "-"),
                "authz": .string(http.authz ?? "-"),
                "pid": .stringConvertible(ProcessFacts.id),
            ]
        )
    }

    private func starter() -> ConnectionStarter {
        let limits = configuration.limits
        return ConnectionStarter(
            sockets: sockets,
            workers: workers,
            budget: budget,
            timeouts: ConnectionTimeouts(
                handshake: TimeAmount(limits.handshakeTimeout),
                frame: TimeAmount(limits.frameTimeout),
                write: TimeAmount(limits.writeTimeout),
                drain: TimeAmount(limits.shutdownTimeout)
            )
        )
    }
}
