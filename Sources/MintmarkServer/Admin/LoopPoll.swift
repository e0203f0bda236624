import NIOConcurrencyHelpers
import NIOCore

/// Asks event loops once whether they answer, for whoever waits for it. May be asked from any thread; however many ask, the
/// loops hear one question at a time.
final class LoopPoll: Sendable {
    private let loops: [any EventLoop]
    private let underWay = NIOLockedValueBox<Task<Bool, Never>?>(nil)

    /// For so long a loop may be busy and is still taken for alive: far more than a burst, or a turn of all connections.
    static let patience = Duration.seconds(2)

    init(loops: [any EventLoop]) {
        self.loops = loops
    }

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
    func allAnswer() async -> Bool {
        let task = underWay.withLockedValue { underWay in
            if let underWay { return underWay }
            let task = Task {
                let answer = await ask()
                self.underWay.withLockedValue { $0 = nil }
                return answer
            }
            underWay = task
            return task
        }
        return await task.value
    }

    private func ask() async -> Bool {
        let (stream, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingOldest(1))
        let poll = Poll(count: loops.count, continuation)
        for loop in loops {
            loop.execute { poll.answered() }
        }
        let limit = Task {
            try? await Task.sleep(for: Self.patience)
            poll.settle(false)
        }
        defer { limit.cancel() }
        for await answer in stream {
            return answer
        }
        return false
    }
}
