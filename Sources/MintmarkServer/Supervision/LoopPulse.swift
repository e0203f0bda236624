import MintmarkStorage
import NIOConcurrencyHelpers
import NIOCore

/// Whether event loops answer: each is asked now and then, and stamps when it did. However many ask, a loop hears one question
/// at a time. Lock-guarded.
final class LoopPulse: Sendable {
    private struct Member {
        /// When it answered last; the beginning counts as an answer.
        var answeredMilliseconds: UInt64
        /// Whether it has been asked and has not answered yet: a loop that hangs gathers no questions.
        var isAsked = false
    }

    /// Somebody who waits for answers.
    private struct Waiter {
        /// The loops that have not answered since it waits.
        var missing: Set<Int>
        let settle: @Sendable (Bool) -> Void
    }

    private struct State {
        var members: [Member]
        var waiters: [UInt64: Waiter] = [:]
        var waiterCount: UInt64 = 0

        /// Takes in somebody who waits for all loops; returns its number.
        mutating func wait(_ settle: @escaping @Sendable (Bool) -> Void) -> UInt64 {
            waiterCount += 1
            waiters[waiterCount] = Waiter(missing: Set(members.indices), settle: settle)
            return waiterCount
        }

        /// A loop has answered. Lets those go for whom no answer is missing.
        mutating func answered(_ place: Int, atMilliseconds now: UInt64) -> [Waiter] {
            members[place] = Member(answeredMilliseconds: now)
            for id in waiters.keys { waiters[id]?.missing.remove(place) }
            let settled = waiters.filter { $0.value.missing.isEmpty }
            for id in settled.keys { waiters[id] = nil }
            return Array(settled.values)
        }
    }

    private let loops: [any EventLoop]
    private let state: NIOLockedValueBox<State>
    private let clock: @Sendable () -> UInt64

    /// - Parameter clock: Milliseconds that never go back.
    init(_ loops: [any EventLoop], clock: @escaping @Sendable () -> UInt64 = { MonotonicClock.milliseconds }) {
        self.loops = loops
        self.clock = clock
        let now = clock()
        state = NIOLockedValueBox(State(members: loops.map { _ in Member(answeredMilliseconds: now) }))
    }

    /// Asks every loop that has answered the question before. Never waits.
    func ask() {
        for (place, loop) in loops.enumerated() {
            let isDue = state.withLockedValue { state in
                defer { state.members[place].isAsked = true }
                return !state.members[place].isAsked
            }
            guard isDue else { continue }
            loop.execute { self.answered(place) }
        }
    }

    private func answered(_ place: Int) {
        let now = clock()
        let settled = state.withLockedValue { $0.answered(place, atMilliseconds: now) }
        for waiter in settled { waiter.settle(true) }
    }

    /// Whether each loop has answered within the last `milliseconds`.
    func isAlive(within milliseconds: UInt64) -> Bool {
        let now = clock()
        return state.withLockedValue { state in
            state.members.allSatisfy { now <= $0.answeredMilliseconds + milliseconds }
        }
    }

    /// Asks, and waits: whether each loop answers within `patience`.
    func isAnswered(within patience: Duration) async -> Bool {
        let (stream, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingOldest(1))
        let id = state.withLockedValue { state in
            state.wait { answer in
                continuation.yield(answer)
                continuation.finish()
            }
        }
        ask()
        let limit = Task {
            try await Task.sleep(for: patience)
            state.withLockedValue { $0.waiters.removeValue(forKey: id) }?.settle(false)
        }
        defer {
            limit.cancel()
            // Still there where whoever waited was cancelled.
            state.withLockedValue { _ = $0.waiters.removeValue(forKey: id) }
        }
        return await stream.first { _ in true } ?? false
    }
}
