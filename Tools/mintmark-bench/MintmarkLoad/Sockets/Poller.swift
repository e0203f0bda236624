import CLinux
import Glibc

/// Waits for many descriptors at once: one epoll instance, for one thread.
struct Poller: ~Copyable {
    /// A descriptor that has something to say.
    struct Event {
        /// The number it was added with.
        let tag: Int
        /// Whether it can be written to. It can always be read from, if only to learn that it has ended.
        let isWritable: Bool
    }

    private let descriptor: Int32
    private let events: UnsafeMutableBufferPointer<epoll_event>

    /// - Parameter eventsMax: How many descriptors one wait tells of; the others are told of by the next.
    init(eventsMax: Int) throws(SystemFault) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        events = .allocate(capacity: eventsMax)
        events.initialize(repeating: epoll_event())
        guard descriptor >= 0 else { throw SystemFault("epoll_create1") }
        // A kernel without the call would be taken for a server that never answers.
        var timeout = timespec()
        guard epoll_pwait2(descriptor, events.baseAddress, Int32(eventsMax), &timeout, nil) >= 0 else {
            throw SystemFault("epoll_pwait2")
        }
    }

    deinit {
        close(descriptor)
        events.deallocate()
    }

    /// Adds a descriptor, for reading.
    func add(_ target: Int32, tag: Int) throws(SystemFault) {
        guard control(EPOLL_CTL_ADD, target, tag: tag, wantsWriting: false) == 0 else { throw SystemFault("epoll_ctl") }
    }

    /// Says whether to wait for writing, too.
    func setWantsWriting(_ wantsWriting: Bool, _ target: Int32, tag: Int) {
        _ = control(EPOLL_CTL_MOD, target, tag: tag, wantsWriting: wantsWriting)
    }

    func remove(_ target: Int32) {
        _ = control(EPOLL_CTL_DEL, target, tag: 0, wantsWriting: false)
    }

    private func control(_ operation: Int32, _ target: Int32, tag: Int, wantsWriting: Bool) -> Int32 {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | (wantsWriting ? EPOLLOUT.rawValue : 0)
        event.data.u64 = UInt64(tag)
        return epoll_ctl(descriptor, operation, target, &event)
    }

    /// Waits until a descriptor has something to say, or the time is over; returns how many do.
    ///
    /// Not even a millisecond's precision would do for the pauses between requests: so the timeout is in nanoseconds.
    func wait(nanosecondsMax: Int64) -> Int {
        let nanoseconds = max(0, nanosecondsMax)
        var timeout = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000),
            tv_nsec: Int(nanoseconds % 1_000_000_000)
        )
        let count = epoll_pwait2(descriptor, events.baseAddress, Int32(events.count), &timeout, nil)
        // Only a signal can interrupt it, and whoever waits looks at the time in any case.
        return Int(max(0, count))
    }

    /// What the last wait told.
    subscript(index: Int) -> Event {
        let event = events[index]
        return Event(tag: Int(event.data.u64), isWritable: event.events & EPOLLOUT.rawValue != 0)
    }
}
