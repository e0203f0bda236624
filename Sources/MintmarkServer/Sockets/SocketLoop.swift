import CLinux
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import Synchronization

/// A thread that serves sockets: an event loop as NIO knows them, with sockets of its own in place of channels.
///
/// For each burst of requests a channel of NIO allocates, counts references and goes through a pipeline. Where a burst is
/// one cached answer, that takes longer than the answer. Here an event goes from epoll to its socket in one call.
/// Futures, tasks and timers work as on any loop.
///
/// Unchecked, because what is neither behind the mailbox's lock nor constant is confined to the loop's own thread.
final class SocketLoop: EventLoop, @unchecked Sendable {
    /// Something with a descriptor that the loop watches. Called on the loop only.
    protocol Watched: AnyObject {
        /// The descriptor has something to say.
        func descriptorChanged(_ event: Poller.Event)
        /// Goes on with what was put off for the others' sake.
        func turnCame()
        /// Kept by the loop.
        var turnAccount: TurnQueue.Account { get set }
        /// The loop ends: closes the descriptor.
        func loopEnded()
    }

    struct Mailbox {
        var tasks: [@Sendable () -> Void] = []
        /// Whether the loop waits for its descriptors, and has to be woken.
        var isAsleep = false
        var isEnded = false
    }

    /// How much is read from one socket before the others have their turn.
    static let readBytesMax = 64 * 1024
    /// For so long turns are given, at least, before it is looked at what has come meanwhile, which costs little: a request
    /// that is new waits for the turn that is being given, and hardly for others.
    static let turnsDuration = TimeAmount.microseconds(100)
    private static let wakeTag = UInt64.max

    let mailbox = NIOLockedValueBox(Mailbox())
    let thread = Atomic<UInt>(0)
    let wakeDescriptor: Int32

    // Confined to the loop from here on.
    private let poller: Poller
    private var watched: [(any Watched)?] = []
    private var freeTags: [Int] = []
    private(set) var turns = TurnQueue()
    var timers = TimerQueue()
    private var timerPatience = TimerPatience()
    private var idleTasks: [() -> Void] = []
    /// When the idle tasks are done at the latest.
    private var idleDeadline = NIODeadline.distantFuture
    private var isEnding = false
    /// Counts how often the loop has been told of everything that there was: one wait tells of a part only.
    private(set) var round: UInt64 = 0
    private var isRoundOver = true
    /// Where the sockets of this loop read to, one after the other.
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: SocketLoop.readBytesMax, alignment: 64)
    /// Where the channels of this loop read to.
    var channelBuffer = ByteBuffer()

    init() throws(SocketFault) {
        poller = try Poller()
        wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wakeDescriptor >= 0 else { throw SocketFault("eventfd") }
        try poller.add(wakeDescriptor, tag: Self.wakeTag)
    }

    deinit {
        Glibc.close(wakeDescriptor)
        readBuffer.deallocate()
    }

    // MARK: The thread

    /// The loop of the calling thread; nil on any other thread.
    static var current: SocketLoop? {
        pthread_getspecific(currentKey).map { Unmanaged<SocketLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Where a thread finds its loop.
    private static let currentKey: pthread_key_t = {
        var key = pthread_key_t()
        let code = pthread_key_create(&key, nil)
        precondition(code == 0, "no key for what belongs to a thread: \(String(cString: strerror(code)))")
        return key
    }()

    /// Serves on the calling thread until `stop`.
    func run() {
        thread.store(UInt(pthread_self()), ordering: .releasing)
        pthread_setspecific(Self.currentKey, Unmanaged.passUnretained(self).toOpaque())
        defer { pthread_setspecific(Self.currentKey, nil) }
        while !isEnding {
            runTasks()
            let count = poll()
            noteRound(count)
            let start = turns.isEmpty ? nil : NIODeadline.now()
            deliver(count)
            mailbox.withLockedValue { $0.isAsleep = false }
            giveTurns(behind: count, since: start)
            runTimers(behind: count)
        }
        end()
    }

    /// Ends the loop once it has done what it was given before. Thread-safe.
    func stop() {
        execute { self.isEnding = true }
    }

    /// Waits for descriptors; tells how many have something to say.
    private func poll() -> Int {
        let pause = pauseNanoseconds()
        guard !idleTasks.isEmpty else {
            return poller.wait(nanosecondsMax: pause)
        }
        let count = poller.wait(nanosecondsMax: 0)
        if count == 0 && pause != 0 || NIODeadline.now() >= idleDeadline {
            runIdleTasks()
        }
        return count
    }

    private func noteRound(_ count: Int) {
        if isRoundOver {
            round &+= 1
        }
        isRoundOver = count < Poller.eventsMax
    }

    private func runIdleTasks() {
        let tasks = idleTasks
        idleTasks.removeAll()
        idleDeadline = .distantFuture
        for task in tasks {
            task()
        }
    }

    /// How long there is nothing to do but to wait; nil: until somebody wakes the loop.
    private func pauseNanoseconds() -> Int64? {
        guard !isEnding, turns.isEmpty else {
            return 0
        }
        let isIdle = mailbox.withLockedValue { mailbox in
            mailbox.isAsleep = mailbox.tasks.isEmpty
            return mailbox.isAsleep
        }
        guard isIdle else {
            return 0
        }
        return timers.nextDeadline.map { max(0, ($0 - .now()).nanoseconds) }
    }

    private func deliver(_ count: Int) {
        for index in 0..<count {
            let event = poller[index]
            if event.tag == Self.wakeTag {
                var value: eventfd_t = 0
                eventfd_read(wakeDescriptor, &value)
            } else {
                // Nil where an event before this one closed the descriptor.
                watched[Int(event.tag)]?.descriptorChanged(event)
                runOverdueIdleTasks()
            }
        }
    }

    /// Gives turns until it is time to look at what has come meanwhile.
    ///
    /// - Parameters:
    ///   - newCount: how many descriptors were new.
    ///   - start: since when those were served while others waited for turns; nil: nobody did.
    private func giveTurns(behind newCount: Int, since start: NIODeadline?) {
        guard !turns.isEmpty else {
            return
        }
        let now = NIODeadline.now()
        let end = now + turnsDuration(behind: newCount, thatTook: start.map { now - $0 } ?? .zero)
        // Turns are shared by the processor's time: when the system lets the loop wait, that is nobody's doing.
        var spent = ServerClock.threadNanoseconds
        while NIODeadline.now() < end, let target = turns.begin() {
            target.turnCame()
            runOverdueIdleTasks()
            let later = ServerClock.threadNanoseconds
            turns.end(nanoseconds: later - spent)
            spent = later
        }
    }

    /// Each of those who wait gets as much as each that was new, if that is more; and all together no more than those.
    private func turnsDuration(behind newCount: Int, thatTook duration: TimeAmount) -> TimeAmount {
        guard newCount > 0 else { return Self.turnsDuration }
        let share = duration.nanoseconds * Int64(min(newCount, turns.count)) / Int64(newCount)
        return max(Self.turnsDuration, .nanoseconds(share))
    }

    /// What a wait has told of can take long, and what is to be done in time does not wait for the end of it.
    private func runOverdueIdleTasks() {
        if !idleTasks.isEmpty, NIODeadline.now() >= idleDeadline {
            runIdleTasks()
        }
    }

    private func runTasks() {
        let tasks = mailbox.withLockedValue { mailbox in
            defer { mailbox.tasks = [] }
            return mailbox.tasks
        }
        for task in tasks {
            task()
        }
    }

    /// Runs the timers that are due, behind what had come by then.
    private func runTimers(behind count: Int) {
        // Those that are set meanwhile for this very moment wait until the sockets were looked at.
        let now = NIODeadline.now()
        guard let deadline = timers.nextDeadline, deadline <= now else {
            return timerPatience.reset()
        }
        let waitCount = 1 + watched.count / Poller.eventsMax
        guard timerPatience.isOver(at: now, isQuiet: count == 0 && turns.isEmpty, waitCountOfAll: waitCount) else {
            return
        }
        var due: [TimerQueue.Timer] = []
        while let timer = timers.popDue(at: now) {
            due.append(timer)
        }
        for timer in due {
            timer.fire()
        }
    }

    private func end() {
        for target in watched {
            target?.loopEnded()
        }
        // What is told of these ends may leave something to do.
        var isEnded = false
        while !isEnded {
            runTasks()
            runIdleTasks()
            for timer in timers.removeAll() {
                timer.fail(EventLoopError.shutdown)
            }
            isEnded = mailbox.withLockedValue { mailbox in
                mailbox.isEnded = mailbox.tasks.isEmpty && timers.nextDeadline == nil && idleTasks.isEmpty
                return mailbox.isEnded
            }
        }
        // The system may give the thread's number to another.
        thread.store(0, ordering: .releasing)
    }

    // MARK: Descriptors

    /// Watches a connected socket for edges; returns the tag that `forget` needs.
    func watchSocket(_ socket: Int32, for target: any Watched) throws(SocketFault) -> Int {
        let tag = freeTags.last ?? watched.count
        try poller.addSocket(socket, tag: UInt64(tag))
        take(tag, target)
        return tag
    }

    /// Watches a listening socket; returns the tag that `forget` and `setWatched` need.
    func watchListener(_ socket: Int32, for target: any Watched) throws(SocketFault) -> Int {
        let tag = freeTags.last ?? watched.count
        try poller.add(socket, tag: UInt64(tag))
        take(tag, target)
        return tag
    }

    /// Looks away from a listening socket, or looks at it again.
    func setWatched(_ isWatched: Bool, _ socket: Int32, tag: Int) throws(SocketFault) {
        try poller.setWatched(isWatched, socket, tag: UInt64(tag))
    }

    /// To be called before the descriptor is closed: nothing is told of it any more.
    func forget(_ descriptor: Int32, tag: Int) {
        poller.remove(descriptor)
        if let target = watched[tag] {
            turns.leave(target)
        }
        watched[tag] = nil
        let tag = NIOLoopBound(tag, eventLoop: self)
        // Not used again for as long as a wait that is being delivered may still speak of the old one.
        execute { self.freeTags.append(tag.value) }
    }

    /// Calls `turnCame` when it is the target's turn.
    func putOff(_ target: any Watched) {
        turns.append(target)
    }

    /// The target's peer sends nothing more.
    func peerEnded(of target: any Watched) {
        turns.peerEnded(of: target)
    }

    /// Whether a turn is being given that was waited for for its asker's own sake.
    var isTurnBeyondShare: Bool { turns.isCurrentBeyondShare }

    /// Whether anything waits for the loop to be idle.
    var hasIdleTasks: Bool { !idleTasks.isEmpty }

    /// Calls `task` when the loop has nothing else to do, or `delay` from now.
    func executeWhenIdle(within delay: TimeAmount, _ task: @escaping () -> Void) {
        preconditionInEventLoop()
        idleTasks.append(task)
        idleDeadline = min(idleDeadline, .now() + delay)
    }

    private func take(_ tag: Int, _ target: any Watched) {
        preconditionInEventLoop()
        if tag == watched.count {
            watched.append(target)
        } else {
            freeTags.removeLast()
            watched[tag] = target
        }
    }
}
