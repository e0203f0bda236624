import ServiceLifecycle

/// Tells the service manager again what it did not take, until it does; also while connections are drained, as this stops
/// after everything else.
struct UntoldService: Service {
    static let pause = Duration.milliseconds(250)

    let manager: ServiceManager

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            for await _ in manager.untoldSignals {
                while !manager.tellAgain() { try await Task.sleep(for: Self.pause) }
            }
        }
        _ = manager.tellAgain()
    }
}
