import Glibc
import NIOCore

/// A connection in clear: a socket of TCP or of Unix, on a loop of its own kind.
///
/// The socket tells of edges only. So what is known of it is kept here: whether there may be something to read, and what
/// it did not take. Confined to its loop.
final class SocketTransport: ConnectionTransport {
    /// Finds out where a connection comes from; nil where the system does not say.
    typealias OriginFinder = @Sendable (_ socket: Int32) -> ConnectionOrigin?

    enum Ending {
        case none
        /// The sending side ends when everything is sent.
        case output(() -> Void)
        case outputEnded
        case close
    }

    let loop: SocketLoop
    let descriptor: Int32
    private let originFinder: OriginFinder
    private let onClose: () -> Void
    private var tag = 0
    var connection: Connection?

    /// Whether the socket may have something to read that was not read.
    var isReadable = false
    /// Whether the connection wants it.
    var isReadWanted = false
    /// Whether reads wait for the connection's turn: what follows from them takes long.
    var readsInTurn = false
    /// Since when what may be read has been there.
    var wait = SocketWait()
    var isPutOff = false
    var turnAccount = TurnQueue.Account(beginning: .requests)
    /// Whether the connection waits for its turn.
    var isTurnAwaited = false
    /// Whether the peer has said that nothing more comes: a short read is not the end of what there is to read then.
    var isPeerEnded = false
    /// Whether the peer has sent something beside bytes, at which reads end: the same.
    var isCutByPeer = false
    /// A read of such a socket ends where the peer has passed a descriptor, and tells so to who asks.
    let isUnix: Bool
    var isInputEnded = false
    /// Nil without an audit log, and on a Unix socket.
    private var peerAddress: SocketAddress?
    /// Whether the system has said that nothing can be sent any more.
    var isBroken = false
    var unsent = ByteBuffer()
    var isWritable = true
    var ending = Ending.none

    /// Begins to serve a connected, non-blocking socket, which belongs to it from now on.
    ///
    /// - Parameter onClose: Called once, when the socket is closed.
    static func start(
        _ descriptor: Int32,
        on loop: SocketLoop,
        worker: LoopWorker,
        timeouts: ConnectionTimeouts,
        originFinder: @escaping OriginFinder,
        onClose: @escaping () -> Void
    ) {
        let transport = SocketTransport(descriptor, loop, originFinder, onClose)
        do {
            transport.tag = try loop.watchSocket(descriptor, for: transport)
        } catch {
            // The system has no memory to watch another descriptor with.
            Glibc.close(descriptor)
            return onClose()
        }
        let connection = Connection(worker: worker, timeouts: timeouts, transport: transport)
        transport.connection = connection
        if worker.hasAudit {
            // Asked now: nobody knows it any more once the peer has reset the connection.
            transport.peerAddress = SocketName.ofPeer(descriptor)
        }
        connection.opened()
        connection.readRequested()
    }

    private init(
        _ descriptor: Int32,
        _ loop: SocketLoop,
        _ originFinder: @escaping OriginFinder,
        _ onClose: @escaping () -> Void
    ) {
        self.loop = loop
        self.descriptor = descriptor
        self.originFinder = originFinder
        self.onClose = onClose
        var domain = Int32(0)
        var byteCount = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &byteCount)
        isUnix = domain == AF_UNIX
    }

    var eventLoop: any EventLoop { loop }
    var carriesWords: Bool { true }
    var isClear: Bool { true }
    var isVouchedFor: Bool { true }
    var unsentCount: Int? { unsent.readableBytes }

    func findOrigin() -> ConnectionOrigin? { originFinder(descriptor) }

    func peerText(_ origin: ConnectionOrigin?) -> String {
        ConnectionOrigin.peerText(peerAddress, origin)
    }

    // MARK: Ending

    func endOutput(_ whenEnded: @escaping () -> Void) {
        ending = .output(whenEnded)
        endIfSent()
    }

    func closeWhenSent() {
        ending = .close
        endIfSent()
    }

    func endIfSent() {
        guard unsent.readableBytes == 0, connection != nil, !isBroken else {
            return
        }
        switch ending {
        case .none, .outputEnded:
            break
        case .close:
            close()
        case .output(let whenEnded):
            ending = .outputEnded
            shutdown(descriptor, Int32(SHUT_WR))
            whenEnded()
            if isInputEnded {
                close()
            }
        }
    }

    func close() {
        guard let connection else {
            return
        }
        self.connection = nil
        loop.forget(descriptor, tag: tag)
        Glibc.close(descriptor)
        ending = .none
        unsent = ByteBuffer()
        connection.closed()
        onClose()
    }
}

extension SocketTransport: SocketLoop.Watched {
    func descriptorChanged(_ event: Poller.Event) {
        if event.isWritable, unsent.readableBytes > 0 {
            sendUnsent()
        }
        // What left last may have been what a close waited for.
        guard event.isReadable, let connection else {
            return
        }
        if !isReadable, !isReadWanted || readsInTurn {
            wait.arrived(since: connection.worker.arrival)
        }
        isReadable = true
        if event.isEnded, !isPeerEnded {
            isPeerEnded = true
            loop.peerEnded(of: self)
        }
        isCutByPeer = isCutByPeer || event.isUrgent
        if event.isBroken {
            // Nothing that is still to be read matters to anybody.
            connection.failed()
        } else if isReadWanted {
            if readsInTurn { putOff() } else { readOnce() }
        }
    }

    func turnCame() {
        isPutOff = false
        if turnAccount.hasWaitedForOthers {
            // Else those who leave and come again would make the loop look overloaded.
            restartWait()
            connection?.restartInputWait()
        }
        if isBroken {
            connection?.failed()
            return
        }
        let hadTurn = isTurnAwaited
        if hadTurn {
            isTurnAwaited = false
            connection?.turnCame()
        }
        if isReadable, isReadWanted, connection != nil {
            // What comes next takes long, too: that is another turn.
            if hadTurn, readsInTurn { putOff() } else { readOnce() }
        }
    }

    func loopEnded() {
        close()
    }
}
