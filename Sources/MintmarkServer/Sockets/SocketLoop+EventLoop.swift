import CLinux
import Dispatch
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import Synchronization

/// What NIO asks of a loop.
extension SocketLoop {
    var inEventLoop: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    func execute(_ task: @escaping @Sendable () -> Void) {
        post(task)
    }

    /// Gives the loop something to do; false when it has ended. Thread-safe.
    @discardableResult
    private func post(_ task: @escaping @Sendable () -> Void) -> Bool {
        let (isTaken, mustWake) = mailbox.withLockedValue { mailbox in
            guard !mailbox.isEnded else { return (false, false) }
            mailbox.tasks.append(task)
            defer { mailbox.isAsleep = false }
            return (true, mailbox.isAsleep)
        }
        if mustWake {
            eventfd_write(wakeDescriptor, 1)
        }
        return isTaken
    }

    /// As with NIO's loops, nobody hears of the future of a loop that has ended.
    func submit<T>(_ task: @escaping @Sendable () throws -> T) -> EventLoopFuture<T> {
        let promise = makePromise(of: T.self)
        let isTaken = post { Self.complete(promise, with: task) }
        if !isTaken {
            promise.fail(EventLoopError.shutdown)
        }
        return promise.futureResult
    }

    @discardableResult
    func scheduleTask<T>(deadline: NIODeadline, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        let promise = makePromise(of: T.self)
        let timer = TimerQueue.Timer(deadline: deadline) { reason in
            if let reason {
                promise.fail(reason)
            } else {
                Self.complete(promise, with: task)
            }
        }
        if inEventLoop {
            timers.insert(timer)
        } else if !post({ self.timers.insert(timer) }) {
            promise.fail(EventLoopError.shutdown)
        }
        return Scheduled(promise: promise) { timer.cancel() }
    }

    @discardableResult
    func scheduleTask<T>(in delay: TimeAmount, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        scheduleTask(deadline: .now() + delay, task)
    }

    private static func complete<T>(_ promise: EventLoopPromise<T>, with task: () throws -> T) {
        do {
            promise.assumeIsolated().succeed(try task())
        } catch {
            promise.fail(error)
        }
    }

    /// Loops end with their group.
    func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
        queue.async { callback(EventLoopError.unsupportedOperation) }
    }
}
