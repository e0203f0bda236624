public import CoreMetrics
public import Logging
public import NIOCore
import NIOPosix

/// A client of a Mintmark server.
///
/// Any number of tasks may call it at the same time: their requests share a few connections, are sent together, and are
/// answered in any order. Connections are opened when they are needed and opened again when they are lost.
///
/// A client does its work while ``run()`` runs. Calls that come before wait for it.
///
///     await withTaskGroup { group in
///         group.addTask { await client.run() }
///         ...
///         client.beginGracefulShutdown()
///     }
///
/// or, shorter, ``withMintmarkClient(_:eventLoopGroup:logger:metricsFactory:onLateAnswer:_:)``. <doc:HowTheClientWorks> tells the rest.
///
/// Isolation: `Sendable`. Calls are handed to one event loop, which owns all connections; see `ClientDriver`.
public final class MintmarkClient: Sendable {
    /// The event loop that all connections of this client live on. Tasks that prefer its executor save a change of
    /// threads for every call.
    public let eventLoop: any EventLoop

    let inbox: Inbox
    let driver: NIOLoopBoundBox<ClientDriver>
    let settings: ClientSettings
    let metrics: ClientMetrics?
    let onLateAnswer: (@Sendable (LateAnswer) -> Void)?

    /// Makes a client. Nothing is opened before the first call.
    ///
    /// - Parameters:
    ///   - configuration: Must have an endpoint, and limits of at least 1.
    ///   - eventLoopGroup: Where the client's event loop is taken from. Nil means the process's own.
    ///   - logger: Gets what happens to connections; see <doc:WatchingAClient>. Nil means that nothing is logged.
    ///   - metricsFactory: The metrics backend. Nil means the one with which `MetricsSystem` was bootstrapped before.
    ///   - onLateAnswer: Gets new tokens whose caller had stopped waiting. Called on the client's event loop, which it
    ///     must not hold up. Nil means that such answers are thrown away.
    public convenience init(
        _ configuration: Configuration,
        eventLoopGroup: (any EventLoopGroup)? = nil,
        logger: Logger? = nil,
        metricsFactory: (any MetricsFactory)? = nil,
        onLateAnswer: (@Sendable (LateAnswer) -> Void)? = nil
    ) {
        self.init(
            configuration,
            eventLoop: (eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton).next(),
            logger: logger,
            metricsFactory: metricsFactory ?? MetricsSystem.factory,
            onLateAnswer: onLateAnswer,
            timekeeper: SystemTimekeeper(),
            generator: SystemRandomNumberGenerator()
        )
    }

    /// Makes a client with a clock and randomness of the caller's choice.
    init(
        _ configuration: Configuration,
        eventLoop: any EventLoop,
        logger: Logger?,
        metricsFactory: any MetricsFactory,
        onLateAnswer: (@Sendable (LateAnswer) -> Void)? = nil,
        timekeeper: any Timekeeper,
        generator: any RandomNumberGenerator & Sendable
    ) {
        self.eventLoop = eventLoop
        self.onLateAnswer = onLateAnswer
        inbox = Inbox()
        settings = ClientSettings(configuration)
        metrics = ClientMetrics(factory: metricsFactory, timekeeper: timekeeper)
        driver = .makeBoxSendingValue(
            ClientDriver(
                eventLoop: eventLoop,
                inbox: inbox,
                settings: settings,
                timekeeper: timekeeper,
                observer: ClientObserver(metrics: metrics, logger: logger),
                generator: generator
            ),
            eventLoop: eventLoop
        )
    }
}

// MARK: - Life

extension MintmarkClient {
    /// Opens connections when they are needed, until the client is shut down. Call it once.
    ///
    /// Returns behind ``beginGracefulShutdown()``, when all calls have ended. When its task is cancelled it returns at
    /// once, and all calls fail with ``MintmarkError/Code/shutDown``.
    ///
    /// With swift-service-lifecycle:
    ///
    ///     await withGracefulShutdownHandler {
    ///         await client.run()
    ///     } onGracefulShutdown: {
    ///         client.beginGracefulShutdown()
    ///     }
    public func run() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { stopped in
                eventLoop.execute { self.driver.value.start(stopped) }
            }
        } onCancel: {
            eventLoop.execute { self.driver.value.stop() }
        }
    }

    /// Takes no more calls, and makes ``run()`` return when those that came have ended. Each ends within its own time.
    public func beginGracefulShutdown() {
        inbox.close()
        eventLoop.execute { self.driver.value.finish() }
    }
}
