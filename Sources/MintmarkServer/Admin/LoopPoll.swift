import NIOConcurrencyHelpers
import NIOCore

/// Asks event loops once whether they answer, for somebody who waits for it. Immutable; may be asked from any thread.
struct LoopPoll: Sendable {
    let loops: [any EventLoop]

    /// For so long a loop may be busy and is still taken for alive: far more than a burst, or a turn of all connections.
    static let patience = Duration.seconds(2)

    private final class Poll: Sendable {
        private let missing: NIOLockedValueBox<Int>
        private let result: AsyncStream<Bool>.Continuation

        init(count: Int, _ result: AsyncStream<Bool>.Continuation) {
            missing = NIOLockedValueBox(count)
            self.result = result
        }

        func answered() {
            let isComplete = missing.withLockedValue { missing in
                missing -= 1
                return missing == 0
            }
            if isComplete { settle(true) }
        }

        func settle(_ answer: Bool) {
            result.yield(answer)
            result.finish()
        }
    }

    /// Whether each of them runs something within `patience`.
    func allAnswer(within patience: Duration = Self.patience) async -> Bool {
        let (stream, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingOldest(1))
        let poll = Poll(count: loops.count, continuation)
        for loop in loops {
            loop.execute { poll.answered() }
        }
        let limit = Task {
            try? await Task.sleep(for: patience)
            poll.settle(false)
        }
        defer { limit.cancel() }
        for await answer in stream {
            return answer
        }
        return false
    }
}
