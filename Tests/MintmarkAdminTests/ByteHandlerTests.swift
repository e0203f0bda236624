import NIOCore
import NIOEmbedded
import Testing

@testable import MintmarkAdmin

/// How requests come to the parser: one at a time, on a channel without a socket.
@Suite struct ByteHandlerTests {
    private static let first = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let second = "GET /2 HTTP/1.1\nHost: a\n\n"

    /// Stands for the parser and what follows: each part that ends in an empty line is a request.
    private final class Parser: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        let connection: AdminConnection
        var parts: [String] = []
        var hasSeenEnd = false

        init(_ connection: AdminConnection) { self.connection = connection }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            parts.append(text)
            let end = Array(text.utf8.suffix(3))
            if end == [0x0A, 0x0D, 0x0A] || end.suffix(2) == [0x0A, 0x0A] { connection.requestCame() }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event { hasSeenEnd = true }
        }
    }

    /// Counts what the socket would be asked for.
    private final class Socket: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        var reads = 0

        func read(context: ChannelHandlerContext) { reads += 1 }
    }

    private let channel = EmbeddedChannel()
    private let socket = Socket()
    private let connection: AdminConnection
    private let parser: Parser

    init() throws {
        connection = AdminConnection(channel: channel, limits: AdminLimits())
        parser = Parser(connection)
        try channel.pipeline.syncOperations.addHandlers([socket, AdminByteHandler(connection), parser])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        socket.reads = 0
    }

    private func receive(_ text: String) {
        channel.pipeline.fireChannelRead(ByteBuffer(string: text))
        channel.pipeline.read()
    }

    private func takeAnswer() {
        connection.answerTaken()
        connection.goOn()
    }

    @Test func theNextRequestWaitsForTheAnswer() {
        receive(Self.first + Self.second + "GET /3")
        #expect(parser.parts == [Self.first])
        #expect(socket.reads == 0)
        takeAnswer()
        #expect(parser.parts == [Self.first, Self.second])
        #expect(socket.reads == 0)
        takeAnswer()
        #expect(parser.parts == [Self.first, Self.second, "GET /3"])
        #expect(socket.reads == 1)
        receive(" HTTP/1.1\r\n\r\n")
        #expect(parser.parts.count == 4)
        #expect(connection.hasUnanswered)
    }

    /// Old clients send them behind a body. They begin no deadline, and whoever sends them is not greedy.
    @Test func emptyLinesBetweenRequestsAreNothingOfThem() {
        var refusals = 0
        connection.refuse = { _ in refusals += 1 }
        receive("\r\n" + Self.first + "\r\n\n")
        #expect(parser.parts == [Self.first])
        #expect(!connection.mayGiveWay)
        takeAnswer()
        receive("\r\n")
        channel.embeddedEventLoop.advanceTime(by: AdminLimits().requestTimeout)
        #expect(refusals == 0)
        receive("\r\n" + Self.second)
        #expect(parser.parts == [Self.first, Self.second])
        takeAnswer()
        receive("G")
        receive("\n")
        #expect(parser.parts.suffix(2) == ["G", "\n"])
        channel.embeddedEventLoop.advanceTime(by: AdminLimits().requestTimeout)
        #expect(refusals == 1)
    }

    @Test func anEndBehindWhatWaitsIsToldBehindIt() {
        receive(Self.first + Self.second)
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!parser.hasSeenEnd)
        takeAnswer()
        #expect(parser.parts.count == 2)
        #expect(parser.hasSeenEnd)
    }

    @Test func whatComesBehindTheLastAnswerIsReadAndThrownAway() {
        receive(Self.first + Self.second)
        connection.answerTaken()
        connection.linger()
        connection.goOn()
        #expect(parser.parts == [Self.first])
        #expect(socket.reads == 1)
        receive(Self.second)
        #expect(parser.parts == [Self.first])
        #expect(socket.reads == 2)
    }

    @Test(arguments: [(-1, true), (0, true), (1, false)])
    func whatWaitsHasALimit(beyond: Int, isOpen: Bool) {
        let length = AdminLimits().heldLengthMax + beyond
        receive(Self.first + String(repeating: "x", count: length))
        #expect(channel.isActive == isOpen)
    }

    /// Where all places are taken, one gives way whose answer nobody has taken for a while.
    @Test(arguments: [(-1, false), (0, true), (1, true)])
    func whoTakesNoAnswerGivesWay(beyondNanoseconds: Int64, givesWay: Bool) {
        let stallTime = AdminLimits().stallTime
        let idle = AdminConnection(channel: channel, limits: AdminLimits())
        receive(Self.first)
        connection.answerBegun()
        channel.embeddedEventLoop.advanceTime(by: stallTime + .nanoseconds(beyondNanoseconds))
        #expect(connection.mayGiveWay == givesWay)
        // An idle one loses nothing by it.
        #expect(idle.givesWay(before: connection))
        takeAnswer()
        // So does one whose peer does not wait for answers.
        receive(Self.first)
        #expect(!connection.mayGiveWay)
        receive("G")
        #expect(connection.mayGiveWay)
        #expect(connection.givesWay(before: idle))
    }
}
