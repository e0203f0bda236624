import CLinux
import Glibc
import NIOConcurrencyHelpers

/// Opens connections on a thread of its own, so that a generator goes on sending meanwhile.
///
/// Safe to use from any thread. Its own thread ends with `stop`, behind the connection it is opening.
final class ConnectionOpener: Sendable {
    /// A connection that was asked for, or why there is none.
    struct Opened: Sendable {
        /// What it was asked for with.
        var tag: Int
        var result: Result<ServerStream, LoadFailure>
        /// How long it took.
        var nanoseconds: Int64
    }

    private struct State {
        var wanted: [Int] = []
        var opened: [Opened] = []
        var isStopped = false
    }

    private let state = NIOLockedValueBox(State())
    /// Readable when a connection was opened; for the generator's poller.
    let descriptor: Int32
    /// Counts what the thread has to look at: it sleeps in reading it.
    private let requests: Int32

    /// - Parameter open: Opens one connection; blocks for as long as that takes.
    init(_ open: @escaping @Sendable () throws(LoadFailure) -> ServerStream) throws(SystemFault) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        requests = eventfd(0, Int32(EFD_CLOEXEC | EFD_SEMAPHORE))
        guard descriptor >= 0, requests >= 0 else { throw SystemFault("eventfd") }
        do throws(LoadFailure) {
            let thread = try WorkerThread { [self] in work(open) }
            thread.detach()
        } catch {
            throw SystemFault("pthread_create", reason: error.message)
        }
    }

    deinit {
        close(descriptor)
        close(requests)
    }

    private func work(_ open: () throws(LoadFailure) -> ServerStream) {
        while true {
            var count: eventfd_t = 0
            guard eventfd_read(requests, &count) == 0 || errno == EINTR else { return }
            guard let tag = nextTag() else {
                if state.withLockedValue({ $0.isStopped }) { return }
                continue
            }
            let startedAt = MonotonicClock.now()
            let result: Result<ServerStream, LoadFailure>
            do throws(LoadFailure) {
                result = .success(try open())
            } catch {
                result = .failure(error)
            }
            let opened = Opened(tag: tag, result: result, nanoseconds: MonotonicClock.now() - startedAt)
            state.withLockedValue { $0.opened.append(opened) }
            eventfd_write(descriptor, 1)
        }
    }

    private func nextTag() -> Int? {
        state.withLockedValue { state in
            state.isStopped || state.wanted.isEmpty ? nil : state.wanted.removeFirst()
        }
    }

    /// Asks for a connection.
    func begin(tag: Int) {
        state.withLockedValue { $0.wanted.append(tag) }
        eventfd_write(requests, 1)
    }

    /// One of the connections that were opened since, the oldest first.
    func take() -> Opened? {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
        return state.withLockedValue { $0.opened.isEmpty ? nil : $0.opened.removeFirst() }
    }

    /// Opens no more.
    func stop() {
        state.withLockedValue { state in
            state.isStopped = true
            state.opened.removeAll()
        }
        eventfd_write(requests, 1)
    }
}
