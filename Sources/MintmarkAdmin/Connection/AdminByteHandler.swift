import NIOCore

/// Stands before the parser and hands it one head at a time: what one read brings behind a request waits as it came, and no
/// more is read, until that one's answer was taken. So a peer that asks and does not read costs little more than one read's
/// bytes and one answer, however many requests it sends.
final class AdminByteHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: AdminConnection
    /// What the parser was not given yet.
    private var held = ByteBuffer()
    /// Whether reading was asked for while something was held back.
    private var owesRead = false
    /// Whether the peer has ended its side behind what is held.
    private var owesEnd = false

    init(_ connection: AdminConnection) {
        self.connection = connection
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        connection.goOn = { bound.value.handler.goOn(bound.value.context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !connection.isLingering else {
            return
        }
        var bytes = unwrapInboundIn(data)
        held.writeBuffer(&bytes)
        dropEmptyLines()
        guard held.readableBytes > 0 else {
            return
        }
        connection.bytesCame()
        hand(context)
        // A peer that ends its side makes the channel read on to the end, whatever is held back.
        if held.readableBytes > connection.limits.heldLengthMax {
            connection.close()
        }
    }

    func read(context: ChannelHandlerContext) {
        if mustWait {
            owesRead = true
        } else {
            context.read()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event, held.readableBytes > 0 {
            owesEnd = true
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// An answer was taken, or nothing more is to be answered.
    private func goOn(_ context: ChannelHandlerContext) {
        hand(context)
        context.fireChannelReadComplete()
        if owesRead, !mustWait {
            owesRead = false
            context.read()
        }
    }

    private var mustWait: Bool {
        held.readableBytes > 0 && !connection.isLingering
    }

    /// Gives the parser what it may have.
    private func hand(_ context: ChannelHandlerContext) {
        while held.readableBytes > 0, !connection.hasUnanswered, !connection.isLingering {
            guard let part = held.readSlice(length: Self.lengthOfHead(in: held.readableBytesView)) else {
                return
            }
            context.fireChannelRead(wrapInboundOut(part))
        }
        dropEmptyLines()
        guard held.readableBytes > 0, !connection.isLingering else {
            held = ByteBuffer()
            if owesEnd {
                owesEnd = false
                context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            }
            return
        }
        connection.requestBegan()
    }

    /// Empty lines before a request are nothing of it (RFC 9112, section 2.2).
    private func dropEmptyLines() {
        guard connection.isBetweenRequests else {
            return
        }
        let newlines = held.readableBytesView.prefix { $0 == 0x0D || $0 == 0x0A }
        held.moveReaderIndex(forwardBy: newlines.count)
    }

    /// How many bytes there are with the first empty line, which no head ends without; all of them, if there is none.
    private static func lengthOfHead(in bytes: ByteBufferView) -> Int {
        var lineStart = bytes.startIndex
        while let end = bytes[lineStart...].firstIndex(of: 0x0A) {
            let line = bytes[lineStart..<end]
            // An empty first line may be the end of a head whose beginning has been handed on.
            if line.isEmpty || (line.count == 1 && line.first == 0x0D) {
                return end + 1 - bytes.startIndex
            }
            lineStart = end + 1
        }
        return bytes.count
    }
}
