import CLinux
import Glibc

/// Waits for many descriptors at once: one epoll instance, for one thread.
///
/// Sockets are watched for edges: they are told of when something has changed, and never asked about otherwise.
struct Poller: ~Copyable {
    /// What a wait tells of one descriptor.
    struct Event {
        /// The number it was added with.
        let tag: UInt64
        private let bits: UInt32

        fileprivate init(_ event: epoll_event) {
            tag = event.data.u64
            bits = event.events
        }

        /// There are bytes to read, or the end of them, or a fault.
        var isReadable: Bool {
            bits & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0
        }
        var isWritable: Bool { bits & EPOLLOUT.rawValue != 0 }
        /// The peer sends nothing more.
        var isEnded: Bool { bits & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue) != 0 }
        var isBroken: Bool { bits & EPOLLERR.rawValue != 0 }
        /// The peer has sent urgent data (RFC 9293 section 3.8.5), at which a read ends.
        var isUrgent: Bool { bits & EPOLLPRI.rawValue != 0 }
    }

    /// How many descriptors one wait tells of; the others are told of by the next.
    static let eventsMax = 256

    private let descriptor: Int32
    private let events: UnsafeMutableBufferPointer<epoll_event>

    init() throws(SocketFault) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        events = .allocate(capacity: Self.eventsMax)
        events.initialize(repeating: epoll_event())
        guard descriptor >= 0 else { throw SocketFault("epoll_create1") }
        // On a kernel without the call, before Linux 5.11, no wait would ever end by its time.
        var timeout = timespec()
        guard epoll_pwait2(descriptor, events.baseAddress, 1, &timeout, nil) >= 0 else {
            throw SocketFault("epoll_pwait2")
        }
    }

    deinit {
        close(descriptor)
        events.deallocate()
    }

    /// Watches a connected socket for edges, from now on and until it is removed.
    func addSocket(_ socket: Int32, tag: UInt64) throws(SocketFault) {
        let bits = EPOLLIN.rawValue | EPOLLPRI.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        try control(EPOLL_CTL_ADD, socket, tag: tag, bits)
    }

    /// Watches a descriptor for as long as there is something to read, or to accept.
    func add(_ target: Int32, tag: UInt64) throws(SocketFault) {
        try control(EPOLL_CTL_ADD, target, tag: tag, EPOLLIN.rawValue)
    }

    /// Looks away from a descriptor that `add` watches, or looks at it again.
    func setWatched(_ isWatched: Bool, _ target: Int32, tag: UInt64) throws(SocketFault) {
        try control(EPOLL_CTL_MOD, target, tag: tag, isWatched ? EPOLLIN.rawValue : 0)
    }

    /// Watches a descriptor no more: to be called before it is closed. A close alone does not do it where somebody else has
    /// the socket, too, as a process that is just being started has; the poller would go on telling of it.
    func remove(_ target: Int32) {
        // It is watched: nothing can go wrong.
        epoll_ctl(descriptor, EPOLL_CTL_DEL, target, nil)
    }

    private func control(_ operation: Int32, _ target: Int32, tag: UInt64, _ bits: UInt32) throws(SocketFault) {
        var event = epoll_event()
        event.events = bits
        event.data.u64 = tag
        guard epoll_ctl(descriptor, operation, target, &event) == 0 else { throw SocketFault("epoll_ctl") }
    }

    /// Waits until a descriptor has something to say, or the time is over; returns how many do. Nil waits for ever.
    func wait(nanosecondsMax: Int64?) -> Int {
        guard let nanosecondsMax else {
            return count(epoll_pwait2(descriptor, events.baseAddress, Int32(events.count), nil, nil))
        }
        guard nanosecondsMax > 0 else {
            return count(epoll_wait(descriptor, events.baseAddress, Int32(events.count), 0))
        }
        var timeout = timespec(
            tv_sec: Int(nanosecondsMax / 1_000_000_000),
            tv_nsec: Int(nanosecondsMax % 1_000_000_000)
        )
        return count(epoll_pwait2(descriptor, events.baseAddress, Int32(events.count), &timeout, nil))
    }

    private func count(_ result: Int32) -> Int {
        // A signal, or a stop of the process that is over. What has come meanwhile goes before what was to be done in time.
        let isInterrupted = result < 0 && errno == EINTR
        return Int(max(0, isInterrupted ? epoll_wait(descriptor, events.baseAddress, Int32(events.count), 0) : result))
    }

    /// What the last wait told.
    subscript(index: Int) -> Event { Event(events[index]) }
}
