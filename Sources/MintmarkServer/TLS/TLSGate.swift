import MintmarkCrypto
import MintmarkEngine
import MintmarkWire
import NIOCore
import NIOSSL

/// Stands first in a connection to a TLS port, between the socket and TLS.
///
/// It looks at the first byte: what begins as TLS gets a TLS handler behind this one, made for this moment's
/// certificates, and anything else never gets near it. A peer that says nothing costs no TLS state. Once TLS is
/// established the socket's bytes come by ``received(_:)``, and are counted while they are less than a record, because TLS
/// keeps those. Confined to its event loop.
final class TLSGate: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// What the handler behind TLS is told.
    enum Event: Sendable {
        /// The peer does not speak TLS: what is written from here on leaves in clear.
        case plaintext
    }

    /// With this many bytes of a peer taken in, no more are taken before its handshake is complete.
    static let handshakeBytesMax = 32 * 1024
    /// How much is read at a time until then.
    static let handshakeReadBytes = 4 * 1024

    /// What TLS records of a handshake begin with (RFC 8446 section 5.1).
    static let handshakeRecordByte: UInt8 = 22

    private enum Phase {
        /// Nothing has come.
        case waiting
        case handshaking(bytes: Int)
        case established
        /// The peer does not speak TLS and is told so.
        case clear
        /// The handshake failed: the peer is given time to read why.
        case refused
    }

    private let source: TLSSource
    private let worker: LoopWorker
    private let linger: TimeAmount
    private var phase = Phase.waiting
    private var context: ChannelHandlerContext?
    private var handshake: TLSHandshake?
    private var tls: EstablishedTLS?
    private var isCut = false
    private var isInputEnded = false

    private var meter = TLSRecordMeter()
    /// What was told last of ``keptByteCount``.
    private var toldByteCount = 0
    /// Told when TLS keeps another number of bytes than before, behind everything that followed from what came.
    var onKept: ((Int) -> Void)?

    /// What the handshake has told; nil before it is complete.
    private(set) var peer: TLSPeer?

    init(source: TLSSource, worker: LoopWorker, linger: TimeAmount) {
        self.source = source
        self.worker = worker
        self.linger = linger
    }

    /// Whether the authority that vouched for the caller is one of the newest; true for a caller without a certificate.
    var isVouchedFor: Bool {
        guard let authority = peer?.caller?.authority else {
            return true
        }
        return source.current.authorities?.fingerprints.contains(authority) ?? false
    }

    /// Whether what is written now is read by the peer: TLS is established, or the peer speaks none.
    var carriesWords: Bool {
        switch phase {
        case .established, .clear: true
        case .waiting, .handshaking, .refused: false
        }
    }

    /// What the peer has sent and TLS keeps: all of a handshake, which TLS may be putting together, and of what comes
    /// behind it a record that is not whole.
    private var keptByteCount: Int {
        switch phase {
        case .handshaking(let bytes): bytes
        case .established: meter.partialByteCount
        case .waiting, .clear, .refused: 0
        }
    }

    /// What has come, where it comes straight from the socket; TLS is established.
    func received(_ bytes: ByteBuffer) {
        guard !isInputEnded else { return }
        meter.add(bytes.readableBytesSpan)
        tls?.received(bytes)
        // Nothing is told behind the end.
        if context != nil {
            tellKept()
        }
    }

    /// Hands TLS what is to be sent, straight away; false where it is not established.
    func send(_ bytes: ByteBuffer) -> Bool {
        guard let tls else { return false }
        tls.send(bytes)
        return true
    }

    /// Closes the socket at once, without the farewell of TLS, which waits for the peer's.
    func cut() {
        // What TLS says of the end of a handshake is our own doing from here on.
        isCut = true
        if let socket = context?.channel as? SocketChannel {
            socket.end()
        } else {
            context?.close(promise: nil)
        }
    }

    /// The peer has said that nothing more comes. What comes all the same is ignored (RFC 8446 section 6.1); behind the last
    /// answer it ends the connection, as the socket is closed then.
    func inputEnded() {
        isInputEnded = true
    }

    // MARK: What the channel tells

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // A channel without a socket reads nothing.
        let channel = context.channel as? SocketChannel
        channel?.readBytesMax = Self.handshakeReadBytes
        // A step of a handshake takes as long as hundreds of requests.
        channel?.readsInTurn = true
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        handshake = nil
        tls = nil
        onKept = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .established:
            // Of a channel without a socket, or behind a handshake that led to nothing.
            guard !isInputEnded else { return }
            let bytes = unwrapInboundIn(data)
            meter.add(bytes.readableBytesSpan)
            context.fireChannelRead(data)
        case .handshaking(let bytes):
            handshakeBytesCame(unwrapInboundIn(data), behind: bytes, context)
        case .waiting:
            firstBytesCame(unwrapInboundIn(data), context)
        case .clear, .refused:
            break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        tellKept()
    }

    private func tellKept() {
        let count = keptByteCount
        if count != toldByteCount {
            toldByteCount = count
            onKept?(count)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .refused = phase, case ChannelEvent.inputClosed = event else {
            return context.fireUserInboundEventTriggered(event)
        }
        cut()
    }

    // MARK: The handshake

    private func firstBytesCame(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard bytes.readableBytesView.first == Self.handshakeRecordByte else {
            phase = .clear
            refuse(.plaintext)
            return context.fireUserInboundEventTriggered(Event.plaintext)
        }
        let handshake = TLSHandshake(context: source.current, wallSeconds: source.wallSeconds)
        do {
            try context.pipeline.syncOperations.addHandler(handshake.makeHandler(), position: .after(self))
        } catch {
            preconditionFailure("the pipeline of a connection that lives takes a handler: \(error)")
        }
        self.handshake = handshake
        handshakeBytesCame(bytes, behind: 0, context)
    }

    private func handshakeBytesCame(_ bytes: ByteBuffer, behind count: Int, _ context: ChannelHandlerContext) {
        guard count < Self.handshakeBytesMax else {
            refuse(.tooLong)
            return cut()
        }
        phase = .handshaking(bytes: count + bytes.readableBytes)
        meter.add(bytes.readableBytesSpan)
        // A copy: where the handshake fails, TLS keeps the rest, and the loop's buffer is much longer.
        context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: bytes.readableBytesView)))
    }

    /// TLS is established; returns why the connection is of no use all the same, if it is not.
    func handshakeCompleted(negotiatedProtocol: String?) -> TLSRefusal? {
        guard let handshake, let handler = handshake.handler else {
            preconditionFailure("a handshake was completed that never began")
        }
        self.handshake = nil
        phase = .established
        tls = context.map { EstablishedTLS(handler, in: $0.pipeline) }
        let channel = context?.channel as? SocketChannel
        channel?.readBytesMax = SocketLoop.readBytesMax
        channel?.readsInTurn = false
        guard negotiatedProtocol == TLSFiles.applicationProtocol else {
            return refuse(.applicationProtocol)
        }
        do throws(CertificateFault) {
            peer = try handshake.peer()
        } catch {
            return refuse(TLSRefusal(error))
        }
        worker.counters.add(.tlsHandshakes)
        return nil
    }

    /// The handshake failed; TLS has said so to the peer, and closes.
    func handshakeFailed(_ error: BoringSSLError) {
        guard !isCut else {
            return
        }
        refuse(handshake?.fault.map(TLSRefusal.init) ?? TLSRefusal(error))
        handshake = nil
        phase = .refused
        letAlertOut()
    }

    /// Lets TLS close what is sent alone, and gives the peer time to read it.
    private func letAlertOut() {
        guard let context else { return }
        let alertLinger = AlertLinger(linger) { [weak self] in self?.cut() }
        do {
            try context.pipeline.syncOperations.addHandler(alertLinger, position: .after(self))
        } catch {
            preconditionFailure("the pipeline of a connection that lives takes a handler: \(error)")
        }
    }

    @discardableResult
    private func refuse(_ refusal: TLSRefusal) -> TLSRefusal {
        worker.callerRefused(refusal, peer: ConnectionOrigin.peerText(context?.channel.remoteAddress, nil))
        return refusal
    }
}

extension ConnectionOrigin {
    /// For listeners with TLS.
    static let ofTLS: ChannelFinder = { channel in
        guard let peer = try? channel.pipeline.syncOperations.handler(type: TLSGate.self).peer else {
            return nil
        }
        let names = peer.caller.map { CertificateNames(uris: $0.names.uris, dnsNames: $0.names.dnsNames) }
        return .tls(TLSOrigin(serverCertificateSHA256: peer.serverCertificateSHA256, clientNames: names))
    }
}
