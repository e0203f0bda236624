import CoreMetrics
import Logging
import MintmarkTestSupport
import MintmarkWire
import NIOCore
import NIOPosix
import Testing

@testable import MintmarkClient

extension MintmarkClient.Configuration {
    /// More time than a loaded machine can use up. The endpoint is put in later.
    static var forTests: MintmarkClient.Configuration {
        var configuration = MintmarkClient.Configuration(.tcp(host: "127.0.0.1", port: 0))
        configuration.requestTimeout = .seconds(3_600)
        configuration.connectTimeout = .seconds(1_800)
        configuration.silenceMax = .seconds(3_600)
        configuration.backoff.initial = .milliseconds(1)
        return configuration
    }

    /// The same with one setting changed.
    func with<Value>(
        _ setting: WritableKeyPath<MintmarkClient.Configuration, Value>,
        _ value: Value
    ) -> MintmarkClient.Configuration {
        var configuration = self
        configuration[keyPath: setting] = value
        return configuration
    }
}

/// A client with a clock and randomness of the test's own.
func makeClient(
    _ configuration: MintmarkClient.Configuration,
    timekeeper: any Timekeeper = SystemTimekeeper(),
    seed: UInt64 = 1,
    logger: Logger? = nil,
    metricsFactory: any MetricsFactory = NOOPMetricsHandler.instance,
    onLateAnswer: (@Sendable (LateAnswer) -> Void)? = nil
) -> MintmarkClient {
    MintmarkClient(
        configuration,
        eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
        logger: logger,
        metricsFactory: metricsFactory,
        onLateAnswer: onLateAnswer,
        timekeeper: timekeeper,
        generator: SeededGenerator(seed: seed)
    )
}

/// Runs `body` with a fake server and a running client of it.
func withServedClient<Value>(
    _ script: @escaping FakeServer.Script,
    _ configuration: MintmarkClient.Configuration = .forTests,
    timekeeper: any Timekeeper = SystemTimekeeper(),
    logger: Logger? = nil,
    metricsFactory: any MetricsFactory = NOOPMetricsHandler.instance,
    _ body: (MintmarkClient, FakeServer) async throws -> Value
) async throws -> Value {
    try await withFakeServer(script) { server in
        let configuration = configuration.with(\.endpoints, [server.endpoint])
        let client = makeClient(
            configuration,
            timekeeper: timekeeper,
            logger: logger,
            metricsFactory: metricsFactory
        )
        return try await withRunning(client) { client in
            try await body(client, server)
        }
    }
}

/// The error that `body` throws; nil if it throws none.
func failure<Value>(of body: () async throws -> Value) async -> MintmarkError? {
    do {
        _ = try await body()
        return nil
    } catch let error as MintmarkError {
        return error
    } catch {
        Issue.record("not an error of the client: \(error)")
        return nil
    }
}
