public import CoreMetrics
public import Logging
public import NIOCore

/// Runs a client for as long as `body` runs, and shuts it down behind it: calls that `body` has left running end first.
///
///     let claims = try await withMintmarkClient(.init(.unixSocket(path: "/run/mintmark/socket"))) { client in
///         try await client.verify(token, audience: .named("orders"))
///     }
///
/// - Parameters:
///   - configuration: Must have an endpoint, and limits of at least 1.
///   - eventLoopGroup: Where the client's event loop is taken from. Nil means the process's own.
///   - logger: Gets what happens to connections; see <doc:WatchingAClient>. Nil means that nothing is logged.
///   - metricsFactory: The metrics backend. Nil means the one with which `MetricsSystem` was bootstrapped before.
///   - onLateAnswer: Gets new tokens whose caller had stopped waiting; see ``LateAnswer``. Nil means that such answers
///     are thrown away.
///   - body: What to do with the client.
public func withMintmarkClient<Value>(
    _ configuration: MintmarkClient.Configuration,
    eventLoopGroup: (any EventLoopGroup)? = nil,
    logger: Logger? = nil,
    metricsFactory: (any MetricsFactory)? = nil,
    onLateAnswer: (@Sendable (LateAnswer) -> Void)? = nil,
    _ body: (MintmarkClient) async throws -> Value
) async rethrows -> Value {
    let client = MintmarkClient(
        configuration,
        eventLoopGroup: eventLoopGroup,
        logger: logger,
        metricsFactory: metricsFactory,
        onLateAnswer: onLateAnswer
    )
    return try await withRunning(client, body)
}

/// Runs a client for as long as `body` runs, and shuts it down behind it.
func withRunning<Value>(
    _ client: MintmarkClient,
    _ body: (MintmarkClient) async throws -> Value
) async rethrows -> Value {
    async let running: Void = client.run()
    do {
        let value = try await body(client)
        client.beginGracefulShutdown()
        await running
        return value
    } catch {
        client.beginGracefulShutdown()
        await running
        throw error
    }
}
