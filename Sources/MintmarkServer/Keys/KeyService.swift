import NIOCore
import ServiceLifecycle

/// Looks, once a second, what time asks of the keys, while the server serves.
struct KeyService: Service {
    static let interval = TimeAmount.seconds(1)

    let keeper: KeyKeeper
    let eventLoop: any EventLoop

    func run() async throws {
        keeper.start()
        let task = eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.interval) { [keeper] _ in
            keeper.scheduleCatchUp()
        }
        try? await gracefulShutdown()
        task.cancel()
        await keeper.stop()
    }
}
