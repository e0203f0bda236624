import MintmarkStorage
import NIOConcurrencyHelpers
import Synchronization

/// Socket loops, each on a thread of its own. Thread-safe.
final class SocketLoopGroup: Sendable {
    let loops: [SocketLoop]
    private let turn = Atomic(0)
    private let running: NIOLockedValueBox<Running>

    private struct Running {
        var count: Int
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Starts `count` loops.
    init(count: Int) throws(SocketFault) {
        precondition(count > 0, "somebody has to serve")
        var loops: [SocketLoop] = []
        for _ in 0..<count {
            loops.append(try SocketLoop())
        }
        self.loops = loops
        running = NIOLockedValueBox(Running(count: count))
        for (number, loop) in loops.enumerated() {
            SystemThread.start(name: "sockets-\(number)", isInBackground: false) { [running] in
                loop.run()
                Self.loopEnded(running)
            }
        }
    }

    /// Each of the loops in turn.
    func next() -> SocketLoop {
        loops[turn.wrappingAdd(1, ordering: .relaxed).oldValue % loops.count]
    }

    /// Ends all loops: what they were given before is done, and their sockets are closed.
    func stop() async {
        for loop in loops {
            loop.stop()
        }
        await withCheckedContinuation { continuation in
            let isOver = running.withLockedValue { running in
                if running.count > 0 { running.waiters.append(continuation) }
                return running.count == 0
            }
            if isOver { continuation.resume() }
        }
    }

    private static func loopEnded(_ running: NIOLockedValueBox<Running>) {
        let waiters = running.withLockedValue { running in
            running.count -= 1
            return running.count == 0 ? running.waiters : []
        }
        for waiter in waiters {
            waiter.resume()
        }
    }
}
