import Foundation
import Logging
import MintmarkAdmin
import NIOCore
import NIOPosix

/// A listener on a free port of this machine, for as long as `body` runs.
func withListener<Result: Sendable>(
    _ source: FakeSource = FakeSource(),
    statistics: AdminStatistics = AdminStatistics(),
    _ change: (inout AdminListener.Settings) -> Void = { _ in },
    _ body: @escaping @Sendable (Int) throws -> Result
) async throws -> Result {
    var settings = AdminListener.Settings(host: "127.0.0.1", port: 0)
    // However busy the machine is, a request is not ended for want of time where that is not what is tested.
    settings.limits.requestTimeout = .minutes(5)
    settings.limits.answerTimeout = .minutes(5)
    change(&settings)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let listener = AdminListener(
        settings,
        source: source,
        statistics: statistics,
        on: group,
        logger: Logger(label: "test")
    )
    let running = Task { try await listener.run() }
    let port = try await listener.port()
    // A thread of its own: clients block.
    let result = await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: Swift.Result { try body(port) }) }
    }
    running.cancel()
    _ = await running.result
    try await group.shutdownGracefully()
    return try result.get()
}
