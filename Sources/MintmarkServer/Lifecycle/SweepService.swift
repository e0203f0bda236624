import MintmarkSessions
import NIOCore
import ServiceLifecycle

/// Removes what has expired from the session store, a small step at a time.
struct SweepService: Service {
    /// Steps in one interval, so that one step stays far below a millisecond.
    static let stepsPerInterval = 16
    /// Intervals in which the whole store is looked at once.
    static let intervalsPerPass = 60
    static let placesPerStepMin = 256

    let sessions: SessionStore
    let clock: ServerClock
    let eventLoop: any EventLoop
    let interval: TimeAmount

    func run() async throws {
        let delay = TimeAmount.nanoseconds(max(1, interval.nanoseconds / Int64(Self.stepsPerInterval)))
        let task = eventLoop.scheduleRepeatedTask(initialDelay: delay, delay: delay) { [sessions, clock] _ in
            let share = sessions.count / (Self.stepsPerInterval * Self.intervalsPerPass)
            sessions.sweep(steps: max(Self.placesPerStepMin, share), now: clock.now())
        }
        try? await gracefulShutdown()
        task.cancel()
    }
}
