import MintmarkWire
import NIOCore
import NIOSSL
import NIOTLS

/// Carries a connection on a channel of NIO: the last handler of those that speak TLS.
///
/// It passes on what the channel tells and does nothing of its own. Confined to the channel's event loop.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private let worker: LoopWorker
    /// What stands between the socket and TLS; nil on a channel without a socket.
    private let gate: TLSGate?
    private let originFinder: ConnectionOrigin.ChannelFinder
    private var context: ChannelHandlerContext?
    /// The channel, where it has a socket.
    private var socket: SocketChannel?
    /// Since when what is being passed on may have waited in the socket; on the worker's clock of bursts.
    private var readArrival: UInt64?
    /// Nil once the channel is closed.
    private(set) var connection: Connection?

    init(
        worker: LoopWorker,
        timeouts: ConnectionTimeouts,
        gate: TLSGate?,
        originFinder: @escaping ConnectionOrigin.ChannelFinder
    ) {
        self.worker = worker
        self.gate = gate
        self.originFinder = originFinder
        connection = Connection(worker: worker, timeouts: timeouts, transport: self)
        // Not weak, for that would slow down every count of references to this one. The handler takes it back.
        gate?.onKept = { [unowned self] count in connection?.transportKeeps(count) }
    }

    deinit {
        gate?.onKept = nil
    }

    // MARK: What the channel tells

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        socket = context.channel as? SocketChannel
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        letGo()
    }

    private func letGo() {
        connection = nil
        context = nil
        socket = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        connection?.opened()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection?.closed()
        letGo()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        connection?.received(bytes.readableBytesSpan, arrival: readArrival)
    }

    /// Nobody stands behind this handler.
    func channelReadComplete(context: ChannelHandlerContext) {}

    func read(context: ChannelHandlerContext) {
        readRequested()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        connection?.writabilityChanged(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            gate?.inputEnded()
            connection?.inputEnded()
        case TLSGate.Event.plaintext:
            fault(WireError(.tlsRequired))
        case TLSUserEvent.handshakeCompleted(let negotiatedProtocol):
            handshakeCompleted(negotiatedProtocol)
        default:
            break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOSSLError.handshakeFailed(let reason):
            gate?.handshakeFailed(reason)
        case NIOSSLError.uncleanShutdown:
            // The stream ended without the farewell of TLS. Frames tell their length, so nothing can be cut off unseen.
            break
        default:
            connection?.failed()
        }
    }

    private func handshakeCompleted(_ negotiatedProtocol: String?) {
        switch gate?.handshakeCompleted(negotiatedProtocol: negotiatedProtocol) {
        case nil:
            socket?.reader = self
        case .applicationProtocol:
            fault(WireError(.versionUnsupported))
        case .some:
            close()
        }
    }

    private func fault(_ error: WireError) {
        connection?.noteFault(error)
        connection?.proceed()
    }
}

extension ConnectionHandler: SocketChannel.Reader {
    func received(_ bytes: ByteBuffer, arrival: UInt64?) {
        readArrival = arrival
        gate?.received(bytes)
        readArrival = nil
    }

    var arrival: UInt64 { worker.arrival }

    func readRequested() {
        connection?.readRequested()
    }

    func outputTaken() {
        connection?.outputTaken()
    }
}

extension ConnectionHandler: ConnectionTransport {
    var eventLoop: any EventLoop { worker.eventLoop }
    var carriesWords: Bool { gate?.carriesWords ?? true }
    var isClear: Bool { gate == nil }
    var isVouchedFor: Bool { gate?.isVouchedFor ?? true }

    var unsentCount: Int? {
        socket?.output.byteCount ?? (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes))
    }

    func sendUnsent() {
        if let socket { return socket.sendUnsent() }
        context?.flush()
        outputTaken()
    }

    func findOrigin() -> ConnectionOrigin? {
        context.flatMap { originFinder($0.channel) }
    }

    func peerText(_ origin: ConnectionOrigin?) -> String {
        ConnectionOrigin.peerText(context?.channel.remoteAddress, origin)
    }

    func write(outputOf worker: LoopWorker) {
        let output = worker.takeOutput()
        if gate?.send(output) != true {
            context?.writeAndFlush(wrapOutboundOut(output), promise: nil)
        }
    }

    /// For channels without a socket, whose loops know no turns.
    static let turnPause = TimeAmount.microseconds(10)

    var readsInTurn: Bool {
        get { socket?.readsInTurn ?? false }
        set { socket?.readsInTurn = newValue }
    }

    func awaitTurn() {
        guard let context, let connection else { return }
        if let socket {
            socket.awaitTurn { connection.turnCame() }
        } else {
            context.eventLoop.assumeIsolated().scheduleTask(in: Self.turnPause) { connection.turnCame() }
        }
    }

    func read() {
        if let socket {
            // No handler has a say in it.
            socket.read0()
        } else {
            context?.read()
        }
    }

    func restartWait() {
        if socket?.waitingSince != nil { socket?.waitingSince = worker.lastReading }
    }

    func endOutput(_ whenEnded: @escaping () -> Void) {
        context?.close(mode: .output).assumeIsolated().whenComplete { _ in whenEnded() }
    }

    func closeWhenSent() {
        guard let context else {
            return
        }
        // An empty write comes behind everything else.
        let lastWrite = context.writeAndFlush(wrapOutboundOut(ByteBuffer()))
        // The peer says nothing more. A close of both sides would wait for its farewell of TLS, where it has said none.
        let mode: CloseMode = gate == nil ? .all : .output
        lastWrite.assumeIsolated().whenComplete { _ in context.close(mode: mode, promise: nil) }
    }

    func close() {
        if let gate {
            gate.cut()
        } else {
            context?.close(promise: nil)
        }
    }
}
