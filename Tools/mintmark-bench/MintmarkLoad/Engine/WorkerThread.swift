import Glibc
import NIOConcurrencyHelpers

/// A thread of its own for one function, and what that returned.
final class WorkerThread<Value: Sendable>: Sendable {
    private let result = NIOLockedValueBox<Value?>(nil)
    private let handle: NIOLockedValueBox<pthread_t>
    private let finished = NIOLockedValueBox(false)

    /// Starts it.
    init(_ body: @escaping @Sendable () -> Value) throws(LoadFailure) {
        let result = result
        let finished = finished
        let start = ThreadStart {
            let value = body()
            result.withLockedValue { $0 = value }
            finished.withLockedValue { $0 = true }
        }
        var handle = pthread_t()
        let argument = Unmanaged.passRetained(start).toOpaque()
        let code = pthread_create(&handle, nil, { ThreadStart.run($0) }, argument)
        guard code == 0 else {
            Unmanaged<ThreadStart>.fromOpaque(argument).release()
            throw .failed("\(SystemFault("pthread_create", code: code))")
        }
        self.handle = NIOLockedValueBox(handle)
    }

    /// Whether the function has returned.
    var isFinished: Bool { finished.withLockedValue { $0 } }

    /// Lets it end when it will. To be called once, instead of `join`.
    func detach() { pthread_detach(handle.withLockedValue { $0 }) }

    /// Waits for the function's end. To be called once.
    func join() -> Value {
        pthread_join(handle.withLockedValue { $0 }, nil)
        guard let value = result.withLockedValue({ $0 }) else {
            preconditionFailure("a thread has ended before its function")
        }
        return value
    }
}

/// What a new thread runs.
private final class ThreadStart {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }

    static func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body()
        return nil
    }
}
