import Glibc
import NIOCore

/// A connection in clear: a socket of TCP or of Unix, on a loop of its own kind.
///
/// The socket tells of edges only. So what is known of it is kept here: whether there may be something to read, and what
/// it did not take. Confined to its loop.
final class SocketTransport: ConnectionTransport {
    /// Finds out where a connection comes from; nil where the system does not say.
    typealias OriginFinder = @Sendable (_ socket: Int32) -> ConnectionOrigin?

    /// With more bytes unsent the connection is not writable, until there are less than `unsentBytesLow`.
    static let unsentBytesHigh = 64 * 1024
    static let unsentBytesLow = 32 * 1024
    /// After so many bursts that were cut in a row, their answers leave at the latest.
    static let heldBurstsMax = 3
    /// A buffer of unsent bytes that grew past this is given back when it is empty.
    private static let unsentCapacityKeptMax = 4 * 1024

    private enum Ending {
        case none
        /// The sending side ends when everything is sent.
        case output(() -> Void)
        case outputEnded
        case close
    }

    private let loop: SocketLoop
    private let descriptor: Int32
    private let originFinder: OriginFinder
    private let onClose: () -> Void
    private var tag = 0
    private var connection: Connection?

    /// Whether the socket may have something to read that was not read.
    private var isReadable = false
    /// Whether the connection wants it.
    private var isReadWanted = false
    /// Since when that has been there.
    private var wait = SocketWait()
    private var isPutOff = false
    /// Whether the connection waits for the others' turn to end.
    private var isTurnAwaited = false
    /// Whether the peer has said that nothing more comes: a short read is not the end of what there is to read then.
    private var isPeerEnded = false
    /// Whether the peer has sent something beside bytes, at which reads end: the same.
    private var isCutByPeer = false
    /// A read of such a socket ends where the peer has passed a descriptor, and tells so to who asks.
    private let isUnix: Bool
    private var isInputEnded = false
    /// Nil without an audit log, and on a Unix socket.
    private var peerAddress: SocketAddress?
    /// Whether the system has said that nothing can be sent any more.
    private var isBroken = false
    private var unsent = ByteBuffer()
    /// How many bursts have left answers with the system to be sent together with those of the next.
    private var heldBursts = 0
    private var isWritable = true
    private var ending = Ending.none

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

    // MARK: Reading

    func read() {
        isReadWanted = true
        if isReadable {
            putOff()
        }
    }

    func restartWait() {
        if let worker = connection?.worker {
            wait.restart(now: worker.lastReading)
        }
    }

    func awaitTurn() {
        isTurnAwaited = true
        putOff()
    }

    private func putOff() {
        if !isPutOff {
            isPutOff = true
            loop.putOff(self)
        }
    }

    private func readOnce() {
        let buffer = loop.readBuffer
        var count: Int
        repeat {
            count = isUnix ? receiveUnix(buffer) : recv(descriptor, buffer.baseAddress, buffer.count, 0)
        } while count < 0 && errno == EINTR
        switch count {
        case 1...:
            let isFull = count == buffer.count
            // Another edge comes when more does: only behind the last bytes it has come already.
            isReadable = isFull || isPeerEnded || isCutByPeer
            isReadWanted = false
            let arrival = isFull ? noteFullRead(count) : wait.since
            if !isFull {
                wait.drained()
            }
            let bytes = RawSpan(_unsafeStart: buffer.baseAddress.unsafelyUnwrapped, byteCount: count)
            connection?.received(bytes, arrival: arrival)
            connection?.readRequested()
        case 0:
            isReadable = false
            wait.drained()
            inputEnded()
        default:
            isReadable = false
            if errno != EAGAIN {
                connection?.failed()
            }
            wait.drained()
        }
    }

    /// Finds out how much a read has left behind; tells since when what it took may have waited.
    private func noteFullRead(_ count: Int) -> UInt64? {
        guard let worker = connection?.worker else {
            return nil
        }
        let arrival = wait.since ?? worker.arrival
        if wait.since == nil {
            wait.arrived(since: arrival)
        }
        var left: Int32 = 0
        let isKnown = ioctl(descriptor, UInt(FIONREAD), &left) == 0
        wait.took(count, leaving: isKnown ? Int(left) : 0, now: worker.lastReading)
        return arrival
    }

    /// Reads, and notes whether the peer has passed a descriptor, which the system closes again.
    private func receiveUnix(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        var vector = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
        return withUnsafeMutablePointer(to: &vector) { vector in
            var message = msghdr()
            message.msg_iov = vector
            message.msg_iovlen = 1
            let count = recvmsg(descriptor, &message, 0)
            isCutByPeer = isCutByPeer || message.msg_flags & Int32(MSG_CTRUNC) != 0
            return count
        }
    }

    private func inputEnded() {
        guard !isInputEnded else {
            return
        }
        isInputEnded = true
        if case .outputEnded = ending {
            close()
        } else {
            connection?.inputEnded()
        }
    }

    // MARK: Writing

    /// A burst that was cut goes on soon. Sending is the dearest thing a connection in clear does, so its answers wait in
    /// the system for those of the next, up to `heldBurstsMax`. On a Unix socket nothing ever waits.
    func write(outputOf worker: LoopWorker) {
        let isHeld = !isUnix && isTurnAwaited && heldBursts < Self.heldBurstsMax
        worker.withOutput { send($0, isHeld: isHeld) }
        heldBursts = isHeld ? heldBursts + 1 : 0
        noteWritability()
    }

    /// Sends what waits in the system for more to come.
    private func sendHeld() {
        heldBursts = 0
        // What the option stands for holds already; setting it sends.
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    private func send(_ bytes: UnsafeRawBufferPointer, isHeld: Bool) {
        guard connection != nil, !isBroken else {
            return
        }
        let sent = unsent.readableBytes == 0 ? push(bytes, isHeld: isHeld) : 0
        if sent < bytes.count {
            unsent.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
        }
    }

    /// Hands bytes to the system for as long as it takes them; returns how many that were.
    ///
    /// - Parameter isHeld: Whether the system may keep them for a while, since more follow.
    private func push(_ bytes: UnsafeRawBufferPointer, isHeld: Bool = false) -> Int {
        let flags = Int32(MSG_NOSIGNAL) | (isHeld ? Int32(MSG_MORE) : 0)
        var offset = 0
        while offset < bytes.count, let start = bytes.baseAddress {
            let count = Glibc.send(descriptor, start + offset, bytes.count - offset, flags)
            if count >= 0 {
                offset += count
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                // Whoever is writing hears of it when that is done.
                isBroken = true
                putOff()
                return bytes.count
            }
        }
        return offset
    }

    private func sendUnsent() {
        let sent = unsent.withUnsafeReadableBytes { push($0) }
        unsent.consume(sent)
        if unsent.readableBytes == 0 {
            if unsent.capacity > Self.unsentCapacityKeptMax {
                unsent = ByteBuffer()
            } else {
                unsent.clear()
            }
        }
        noteWritability()
        endIfSent()
    }

    private func noteWritability() {
        guard !isBroken else {
            return
        }
        if isWritable ? unsent.readableBytes > Self.unsentBytesHigh : unsent.readableBytes < Self.unsentBytesLow {
            isWritable.toggle()
            connection?.writabilityChanged(isWritable)
        }
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

    private func endIfSent() {
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
        loop.forget(tag: tag)
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
        if !isReadable, !isReadWanted {
            wait.arrived(since: connection.worker.arrival)
        }
        isReadable = true
        isPeerEnded = isPeerEnded || event.isEnded
        isCutByPeer = isCutByPeer || event.isUrgent
        if event.isBroken {
            // Nothing that is still to be read matters to anybody.
            connection.failed()
        } else if isReadWanted {
            readOnce()
        }
    }

    func turnCame() {
        isPutOff = false
        if isBroken {
            connection?.failed()
            return
        }
        if isTurnAwaited {
            isTurnAwaited = false
            let heldBefore = heldBursts
            connection?.turnCame()
            if heldBefore > 0, heldBursts == heldBefore, connection != nil {
                // This burst wrote nothing.
                sendHeld()
            }
        }
        if isReadable, isReadWanted, connection != nil {
            readOnce()
        }
    }

    func loopEnded() {
        close()
    }
}
