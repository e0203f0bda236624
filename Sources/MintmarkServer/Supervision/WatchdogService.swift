import ServiceLifecycle

/// Feeds the service manager's watchdog for as long as every event loop has answered within half of its interval; also
/// while connections are drained, as it stops after everything else.
struct WatchdogService: Service {
    /// Questions in one interval: what is fed comes twice in the time that an answer is good for.
    static let questionsPerInterval: UInt64 = 4

    let manager: ServiceManager
    let pulse: LoopPulse
    let intervalMicroseconds: UInt64

    func run() async throws {
        let pause = Duration.microseconds(Int64(clamping: max(1, intervalMicroseconds / Self.questionsPerInterval)))
        try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                step()
                try await Task.sleep(for: pause)
            }
        }
    }

    /// Feeds, if the answers are good, and asks again.
    func step() {
        if pulse.isAlive(within: intervalMicroseconds / 2 / 1_000) {
            manager.feedWatchdog()
        }
        pulse.ask()
    }
}
