import NIOCore
import NIOSSL

/// TLS between two ends that have shaken hands, called directly: to pass every handler of a pipeline with each event took
/// some 4 % of the server's time for a cached verification. Confined to its event loop.
struct EstablishedTLS {
    private let handler: NIOSSLServerHandler
    private let context: ChannelHandlerContext

    /// - Parameter pipeline: Where the handler is.
    init(_ handler: NIOSSLServerHandler, in pipeline: ChannelPipeline) {
        do {
            context = try pipeline.syncOperations.context(handler: handler)
        } catch {
            preconditionFailure("a handler that has shaken hands is in its pipeline: \(error)")
        }
        self.handler = handler
    }

    /// All that one read of the socket has given.
    func received(_ bytes: ByteBuffer) {
        handler.channelRead(context: context, data: NIOAny(bytes))
        // Nothing is told behind the end.
        if context.channel.isActive {
            handler.channelReadComplete(context: context)
        }
    }

    func send(_ bytes: ByteBuffer) {
        handler.write(context: context, data: NIOAny(bytes), promise: nil)
        handler.flush(context: context)
    }
}
