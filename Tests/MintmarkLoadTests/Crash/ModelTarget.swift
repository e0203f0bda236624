import Foundation
import MintmarkTestSupport

@testable import MintmarkLoad

/// A model of the server in place of the daemon: it remembers everything over its kills, but for what a test lets it
/// lose.
///
/// Confined to the thread of its crash test.
final class ModelTarget: CrashTarget {
    let directory = "/nonexistent/mintmark"
    private let model: ModelServer
    private let loss: @Sendable (inout ModelState) -> Void
    /// The start that fails, if one does.
    private let failingStart: Int?
    private var server: FakeServer?
    private var starts = 0

    init(
        _ model: ModelServer = ModelServer(graceMilliseconds: 60_000, graceUses: 65_535),
        failingStart: Int? = nil,
        loss: @escaping @Sendable (inout ModelState) -> Void = { _ in }
    ) {
        self.model = model
        self.failingStart = failingStart
        self.loss = loss
    }

    func start() throws(LoadFailure) -> ServerAddress {
        starts += 1
        guard starts != failingStart else { throw .unreachable("so the test says") }
        let model = model
        let server = Self.wait { try? await FakeServer.start(script: model.script) }
        guard let server, let address = try? server.address else { throw .unreachable("no fake server") }
        self.server = server
        return address
    }

    var isRunning: Bool { server != nil }

    func kill() {
        guard let server else { return }
        Self.wait { await server.stop() }
        self.server = nil
        model.change(loss)
    }

    func stop() -> Int32? {
        guard let server else { return nil }
        Self.wait { await server.stop() }
        self.server = nil
        return 0
    }

    var lastWords: [String] { ["the model says nothing"] }

    /// Runs something on the threads of tasks, and waits for it on this one, which is none of them.
    private static func wait<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
        let done = DispatchSemaphore(value: 0)
        let result = Mailbox<Value>()
        Task {
            result.value = await body()
            done.signal()
        }
        done.wait()
        guard let value = result.value else { preconditionFailure("a task that ended has a value") }
        return value
    }

    /// Unchecked: written before the semaphore is signalled, read behind that.
    private final class Mailbox<Value>: @unchecked Sendable {
        var value: Value?
    }
}
