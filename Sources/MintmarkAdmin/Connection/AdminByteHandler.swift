import NIOCore

/// Stands before the parser: tells the connection that bytes come, and throws away what comes behind the last answer.
final class AdminByteHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: AdminConnection

    init(_ connection: AdminConnection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !connection.isLingering else {
            return
        }
        connection.bytesCame()
        context.fireChannelRead(data)
    }
}
