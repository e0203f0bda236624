import NIOConcurrencyHelpers
import NIOCore

@testable import MintmarkClient

/// A clock that stands still until a test moves it.
final class ManualTimekeeper: Timekeeper {
    private struct Pending: Sendable {
        let id: Int
        let instant: Instant
        let eventLoop: any EventLoop
        let body: @Sendable () -> Void
    }

    private struct Waiter: Sendable {
        let latest: Instant
        let continuation: CheckedContinuation<Instant, Never>
    }

    private struct State: Sendable {
        var now = Instant(nanoseconds: 1_000_000_000)
        var nextID = 0
        var pending: [Pending] = []
        var waiters: [Waiter] = []

        mutating func takeDue() -> [Pending] {
            let due = pending.filter { $0.instant <= now }.sorted { $0.instant < $1.instant }
            pending.removeAll { $0.instant <= now }
            return due
        }
    }

    private let state = NIOLockedValueBox(State())

    func now() -> Instant { state.withLockedValue { $0.now } }

    func schedule(at instant: Instant, on eventLoop: any EventLoop, _ body: @escaping @Sendable () -> Void) -> Alarm {
        let (id, due, waiters) = state.withLockedValue { state in
            let id = state.nextID
            state.nextID += 1
            state.pending.append(Pending(id: id, instant: instant, eventLoop: eventLoop, body: body))
            let waiters = state.waiters.filter { instant <= $0.latest }
            state.waiters.removeAll { instant <= $0.latest }
            return (id, state.takeDue(), waiters)
        }
        ring(due)
        for waiter in waiters {
            waiter.continuation.resume(returning: instant)
        }
        return Alarm(at: instant) {
            self.state.withLockedValue { state in state.pending.removeAll { $0.id == id } }
        }
    }

    /// Lets time pass, and everything happen that is due by then.
    func advance(by duration: Duration) {
        let due = state.withLockedValue { state in
            state.now = state.now.advanced(byNanoseconds: duration.nanoseconds)
            return state.takeDue()
        }
        ring(due)
    }

    /// Waits until an alarm is set that rings within `duration`. Returns when.
    @discardableResult
    func alarm(within duration: Duration) async -> Instant {
        await withCheckedContinuation { continuation in
            let found: Instant? = state.withLockedValue { state in
                let latest = state.now.advanced(byNanoseconds: duration.nanoseconds)
                if let next = state.pending.map(\.instant).min(), next <= latest { return next }
                state.waiters.append(Waiter(latest: latest, continuation: continuation))
                return nil
            }
            if let found { continuation.resume(returning: found) }
        }
    }

    /// Waits until an alarm is set that rings within `duration`, and lets time pass until then. Returns how much passed.
    @discardableResult
    func advanceToAlarm(within duration: Duration) async -> Duration {
        let instant = await alarm(within: duration)
        let passed = Duration.nanoseconds(Int64(instant.nanoseconds) - Int64(now().nanoseconds))
        advance(by: passed)
        return passed
    }

    private func ring(_ due: [Pending]) {
        for pending in due {
            pending.eventLoop.execute(pending.body)
        }
    }
}
