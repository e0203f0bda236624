import NIOCore

/// Stands below TLS that has refused a peer: where TLS closes, it ends what is sent alone, and leaves the peer time to read
/// why. A close with unread input would reset the connection, and the peer would never read the alert. Confined to its
/// event loop.
final class AlertLinger: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private let time: TimeAmount
    private let onEnd: () -> Void
    private var hasBegun = false

    /// - Parameter onEnd: Called when the time is over, also where the channel has ended before.
    init(_ time: TimeAmount, onEnd: @escaping () -> Void) {
        self.time = time
        self.onEnd = onEnd
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all else {
            return context.close(mode: mode, promise: promise)
        }
        guard !hasBegun else {
            promise?.fail(ChannelError.alreadyClosed)
            return
        }
        hasBegun = true
        context.close(mode: .output, promise: promise)
        context.eventLoop.assumeIsolated().scheduleTask(in: time) { [onEnd] in onEnd() }
    }
}
