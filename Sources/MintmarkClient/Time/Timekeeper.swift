import NIOCore

/// What the client knows of time: a monotonic clock, and an alarm. Tests put their own in its place.
protocol Timekeeper: Sendable {
    func now() -> Instant

    /// Calls `body` on `eventLoop` once `instant` has come, unless the alarm is cancelled before.
    func schedule(at instant: Instant, on eventLoop: any EventLoop, _ body: @escaping @Sendable () -> Void) -> Alarm
}

/// Something that will ring once.
struct Alarm: Sendable {
    /// When it rings.
    let instant: Instant

    private let cancellation: @Sendable () -> Void

    init(at instant: Instant, cancellation: @escaping @Sendable () -> Void) {
        self.instant = instant
        self.cancellation = cancellation
    }

    /// Makes it not ring, if it has not.
    func cancel() {
        cancellation()
    }
}

/// The machine's monotonic clock and the event loop's timers.
struct SystemTimekeeper: Timekeeper {
    func now() -> Instant { Instant(nanoseconds: NIODeadline.now().uptimeNanoseconds) }

    func schedule(at instant: Instant, on eventLoop: any EventLoop, _ body: @escaping @Sendable () -> Void) -> Alarm {
        let scheduled = eventLoop.scheduleTask(deadline: .uptimeNanoseconds(instant.nanoseconds), body)
        return Alarm(at: instant) { scheduled.cancel() }
    }
}
