import NIOCore

/// Stands before the parser: tells the connection that bytes come, and throws away what comes behind the last answer.
final class AdminByteHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: AdminConnection
    /// The last bytes that came: as many as an empty line may have with the end of the line before it.
    private var tail: [UInt8] = []

    init(_ connection: AdminConnection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !connection.isLingering else {
            return
        }
        tail = (tail + unwrapInboundIn(data).readableBytesView.suffix(3)).suffix(3)
        connection.bytesCame()
        context.fireChannelRead(data)
        // The parser has told of all heads that are whole, and tells of no part of one. Behind a request without a body such
        // a part ends in no empty line. A body may end in anything, but nobody has a use for bodies here.
        if connection.hasUnanswered, !connection.lastHadBody, !endsInEmptyLine {
            connection.requestBegan()
        }
    }

    private var endsInEmptyLine: Bool {
        tail.suffix(2) == [0x0A, 0x0A] || tail == [0x0A, 0x0D, 0x0A]
    }
}
