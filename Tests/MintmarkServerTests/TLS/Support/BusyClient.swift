import Foundation
import MintmarkWire

/// Connects, asks and goes away, again and again, on a thread of its own.
final class BusyClient: Sendable {
    private let thread: BlockingThread

    init(
        _ server: TestServer,
        _ options: OpenSSLClient.Options,
        isDone: @escaping @Sendable () -> Bool,
        connected: @escaping @Sendable () -> Void
    ) {
        nonisolated(unsafe) let options = options
        thread = BlockingThread {
            while !isDone() {
                let client = try server.connectTLS(options)
                try client.send(frame(ping, id: 2))
                _ = try client.read().decoded(as: PingResponse.self)
                connected()
            }
        }
    }

    func join() throws {
        try thread.join()
    }
}

/// A thread whose outcome can be waited for.
private final class BlockingThread: @unchecked Sendable {
    private let isFinished = DispatchSemaphore(value: 0)
    private var outcome: Result<Void, any Error> = .success(())

    init(_ body: @escaping @Sendable () throws -> Void) {
        Thread.detachNewThread {
            self.outcome = Result { try body() }
            self.isFinished.signal()
        }
    }

    func join() throws {
        isFinished.wait()
        try outcome.get()
    }
}
