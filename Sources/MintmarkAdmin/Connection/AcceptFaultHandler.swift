import Glibc
import NIOCore

/// First in the channel of a listener: an accept that failed for want of something ends neither the listener nor the daemon.
/// Nothing is accepted for a pause, and then again.
final class AcceptFaultHandler: ChannelInboundHandler {
    typealias InboundIn = Channel
    typealias InboundOut = Channel

    static let pause = TimeAmount.milliseconds(200)
    /// Descriptors or memory are used up, or the peer has gone before it was accepted.
    private static let passingCodes: Set<Int32> = [EMFILE, ENFILE, ENOBUFS, ENOMEM, ECONNABORTED]

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError, Self.passingCodes.contains(error.errnoCode) else {
            return context.fireErrorCaught(error)
        }
        let channel = context.channel
        let isPaused = (try? channel.syncOptions?.getOption(.autoRead)) == false
        guard !isPaused else {
            return
        }
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            try? channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }
}
