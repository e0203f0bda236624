import MintmarkStorage
import NIOConcurrencyHelpers
import NIOCore

/// Whether event loops answer: each is asked now and then, and stamps when it did. Lock-guarded.
final class LoopPulse: Sendable {
    private struct Member {
        /// When it answered last; the beginning counts as an answer.
        var answeredMilliseconds: UInt64
        /// Whether it has been asked and has not answered yet: a loop that hangs gathers no questions.
        var isAsked = false
    }

    private let loops: [any EventLoop]
    private let members: NIOLockedValueBox<[Member]>
    private let clock: @Sendable () -> UInt64

    /// - Parameter clock: Milliseconds that never go back.
    init(_ loops: [any EventLoop], clock: @escaping @Sendable () -> UInt64 = { MonotonicClock.milliseconds }) {
        self.loops = loops
        self.clock = clock
        let now = clock()
        members = NIOLockedValueBox(loops.map { _ in Member(answeredMilliseconds: now) })
    }

    /// Asks every loop that has answered the question before. Never waits.
    func ask() {
        for (place, loop) in loops.enumerated() {
            let isDue = members.withLockedValue { members in
                defer { members[place].isAsked = true }
                return !members[place].isAsked
            }
            guard isDue else { continue }
            loop.execute { [self] in
                let now = clock()
                members.withLockedValue { $0[place] = Member(answeredMilliseconds: now) }
            }
        }
    }

    /// Whether each loop has answered within the last `milliseconds`.
    func isAlive(within milliseconds: UInt64) -> Bool {
        let now = clock()
        return members.withLockedValue { members in
            members.allSatisfy { now <= $0.answeredMilliseconds + milliseconds }
        }
    }
}
