import CLinux
import Glibc
import NIOCore

/// Accepts connections while there is a place for them, and hands each on.
///
/// A listening socket whose connections cannot be accepted stays readable: so it is not looked at while there is no place,
/// and for `exhaustionPause` when the system has no descriptors or memory left. Confined to its loop, but for `close`.
final class SocketListener {
    /// What becomes of an accepted socket, which is non-blocking; its place in the budget is taken, and to be given back
    /// when it is closed. Called on the listener's loop.
    typealias Acceptor = @Sendable (_ socket: Int32) -> Void

    static let exhaustionPause = TimeAmount.milliseconds(200)
    /// How many connections are accepted before the loop's others have their turn.
    static let acceptedPerTurnMax = 16

    private let loop: SocketLoop
    private let descriptor: Int32
    private let budget: ConnectionBudget
    private let share: ConnectionBudget.Share
    private let accept: Acceptor
    private let acceptCall: (Int32) -> Int32
    private var tag = 0
    private var isOpen = true
    private var isPaused = false
    private var isWaitingForPlace = false
    /// It never asks for a turn.
    var turnAccount = TurnQueue.Account(beginning: .requests)

    /// - Parameters:
    ///   - descriptor: A listening, non-blocking socket, which belongs to the listener from now on.
    ///   - acceptCall: What accepts; as `accept4` does, with `errno`.
    init(
        _ descriptor: Int32,
        on loop: SocketLoop,
        budget: ConnectionBudget,
        share: ConnectionBudget.Share = .open,
        acceptCall: @escaping (Int32) -> Int32 = SocketListener.acceptNonblocking,
        accept: @escaping Acceptor
    ) throws(SocketFault) {
        self.loop = loop
        self.descriptor = descriptor
        self.budget = budget
        self.share = share
        self.acceptCall = acceptCall
        self.accept = accept
        tag = try loop.watchListener(descriptor, for: self)
    }

    static func acceptNonblocking(_ descriptor: Int32) -> Int32 {
        accept4(descriptor, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
    }

    /// Accepts nothing more.
    func close() {
        guard isOpen else {
            return
        }
        isOpen = false
        loop.forget(descriptor, tag: tag)
        Glibc.close(descriptor)
    }

    /// Accepts one connection, so that each takes its place before the next is thought of. False when there is none, or no
    /// place.
    private func acceptOne() -> Bool {
        guard isOpen, !isPaused, !isWaitingForPlace else {
            return false
        }
        guard hasPlace() else {
            isWaitingForPlace = true
            look()
            return false
        }
        let socket = acceptCall(descriptor)
        if socket >= 0 {
            budget.take()
            accept(socket)
            return true
        } else if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) {
            pause()
        } else {
            // What is left are connections that were gone before they were accepted: those of accept(2).
            precondition(![EBADF, EINVAL, ENOTSOCK, EFAULT].contains(errno), "accept: \(SocketFault("accept"))")
        }
        return false
    }

    private func hasPlace() -> Bool {
        let listener = NIOLoopBound(self, eventLoop: loop)
        return budget.hasPlace(in: share) { [loop] in
            loop.execute {
                listener.value.isWaitingForPlace = false
                listener.value.look()
            }
        }
    }

    private func pause() {
        isPaused = true
        look()
        loop.assumeIsolated().scheduleTask(in: Self.exhaustionPause) {
            self.isPaused = false
            self.look()
        }
    }

    /// Looks at the socket, or does not, as things are.
    private func look() {
        guard isOpen else {
            return
        }
        do throws(SocketFault) {
            try loop.setWatched(!isPaused && !isWaitingForPlace, descriptor, tag: tag)
        } catch {
            preconditionFailure("a watched socket is not watched: \(error)")
        }
    }
}

extension SocketListener: SocketLoop.Watched {
    func descriptorChanged(_ event: Poller.Event) {
        for _ in 0..<Self.acceptedPerTurnMax {
            guard acceptOne() else {
                return
            }
        }
    }

    func turnCame() {}

    func loopEnded() {
        close()
    }
}
