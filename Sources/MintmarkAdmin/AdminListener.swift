import HummingbirdCore
package import Logging
import NIOCore
package import NIOPosix
import ServiceLifecycle

/// One HTTP listener, on an event loop that serves nothing else: whatever is asked of it, no request to the server waits
/// for it. Runs until a graceful shutdown, which lets answers under way out.
package struct AdminListener: Service {
    package struct Settings: Sendable {
        /// A numeric address, an IPv6 one without brackets.
        package var host: String
        /// 0 picks a free one.
        package var port: Int
        /// Other names under which it may be asked.
        package var hosts: [String] = []
        package var endpoints: Set<Endpoint>
        /// Whether it may be asked under its names only, so that no page in a browser can read what it tells.
        package var checksHost = true
        package var limits = AdminLimits()

        package init(host: String, port: Int, endpoints: Set<Endpoint> = Set(Endpoint.allCases)) {
            self.host = host
            self.port = port
            self.endpoints = endpoints
        }
    }

    private let settings: Settings
    private let source: any AdminSource
    private let statistics: AdminStatistics
    private let history: StatusHistory
    private let loop: any EventLoop
    private let logger: Logger
    private let outcome = AsyncStream.makeStream(of: Result<Int, any Error>.self)

    /// - Parameter group: of one event loop.
    package init(
        _ settings: Settings,
        source: any AdminSource,
        statistics: AdminStatistics,
        on group: MultiThreadedEventLoopGroup,
        logger: Logger
    ) {
        self.settings = settings
        self.source = source
        self.statistics = statistics
        history = StatusHistory(limits: settings.limits)
        loop = group.next()
        var logger = logger
        // What a peer does wrong is counted, and what keeps it from listening is thrown; neither is a line of a log.
        logger.logLevel = .critical
        self.logger = logger
    }

    /// The port that was bound, once it is; throws what stood in the way. To be asked once.
    package func port() async throws -> Int {
        for await outcome in outcome.stream {
            return try outcome.get()
        }
        throw CancellationError()
    }

    package func run() async throws {
        let continuation = outcome.continuation
        do {
            let channel = try await channel()
            let server = channel.server(
                configuration: ServerConfiguration(address: .hostname(settings.host, port: settings.port)),
                onServerRunning: { continuation.yield(.success($0.localAddress?.port ?? 0)) },
                eventLoopGroup: loop,
                logger: logger
            )
            try await server.run()
        } catch {
            continuation.yield(.failure(error))
            continuation.finish()
            // Whoever asks for the port ends the start.
            try? await gracefulShutdown()
        }
        continuation.finish()
    }

    private func channel() async throws -> AdminChannel {
        let (loop, statistics, limits) = (loop, statistics, settings.limits)
        let connections = try await loop.submit {
            let set = AdminConnectionSet(countMax: limits.connectionsMax, statistics: statistics)
            return NIOLoopBound(set, eventLoop: loop)
        }.get()
        let responder = AdminResponder(
            hosts: settings.checksHost ? HostList(address: settings.host, names: settings.hosts) : nil,
            endpoints: settings.endpoints,
            source: source,
            statistics: statistics,
            history: history
        )
        return AdminChannel(
            responder: { request, writer, _ in try await responder.respond(to: request, writer) },
            limits: limits,
            statistics: statistics,
            connections: connections
        )
    }
}
