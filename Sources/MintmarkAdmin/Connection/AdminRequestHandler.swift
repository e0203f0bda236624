import NIOCore
import NIOHTTP1

/// Hands on requests that have come whole and without their bodies, which nobody reads; refuses what is malformed or too
/// large; and ends the connection behind the last answer.
final class AdminRequestHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let connection: AdminConnection
    private let onRefusal: (HTTPResponseStatus) -> Void
    /// The request that is coming.
    private var head: HTTPRequestHead?
    private var bodyLength = 0
    /// Why nothing more is read, to be said behind the answers that are owed.
    private var refusal: HTTPResponseStatus?
    /// Whether the connection ends behind the answers that are owed.
    private var isLast = false
    /// Requests whose answers have not begun: only the last of them closes.
    private var headsOwed = 0

    init(_ connection: AdminConnection, onRefusal: @escaping (HTTPResponseStatus) -> Void) {
        self.connection = connection
        self.onRefusal = onRefusal
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        connection.refuse = { status in bound.value.handler.refuse(status, bound.value.context) }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard refusal == nil, !isLast, !connection.isLingering else {
            return
        }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let bytes): addBody(bytes.readableBytes, context)
        case .end: end(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        // RFC 9112 section 3.2: one name, or none before HTTP/1.1.
        let hosts = head.headers["Host"]
        guard hosts.count == 1 || (hosts.isEmpty && head.version == .http1_0) else {
            return refuse(.badRequest, context)
        }
        self.head = head
        bodyLength = 0
        connection.requestBegan()
        if let length = head.headers.first(name: "Content-Length").flatMap({ Int($0) }) {
            guard length <= connection.limits.bodyLengthMax else {
                return refuse(.payloadTooLarge, context)
            }
        }
    }

    private func addBody(_ count: Int, _ context: ChannelHandlerContext) {
        bodyLength += count
        if bodyLength > connection.limits.bodyLengthMax {
            refuse(.payloadTooLarge, context)
        }
    }

    private func end(_ context: ChannelHandlerContext) {
        guard let head else {
            return
        }
        self.head = nil
        // The parser reads no more behind a request to speak something else.
        isLast = !head.isKeepAlive || head.method == .CONNECT || head.headers.contains(name: "Upgrade")
        headsOwed += 1
        connection.requestCame()
        context.fireChannelRead(wrapInboundOut(.head(head)))
        context.fireChannelRead(wrapInboundOut(.end(nil)))
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            headsOwed -= 1
            connection.answerBegun()
            if isLast, headsOwed == 0 {
                head.headers.replaceOrAdd(name: "Connection", value: "close")
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            let taken = promise ?? context.eventLoop.makePromise()
            let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
            taken.futureResult.whenSuccess { bound.value.handler.answerTaken(bound.value.context) }
            context.writeAndFlush(data, promise: taken)
        }
    }

    private func answerTaken(_ context: ChannelHandlerContext) {
        connection.answerTaken()
        guard !connection.hasUnanswered else {
            return
        }
        if let refusal {
            say(refusal, context)
        } else if isLast {
            connection.linger()
        }
        connection.goOn()
    }

    // MARK: Refusing

    private func refuse(_ status: HTTPResponseStatus, _ context: ChannelHandlerContext) {
        guard refusal == nil, !isLast, !connection.isLingering else {
            return
        }
        refusal = status
        head = nil
        if !connection.hasUnanswered {
            say(status, context)
        }
    }

    private func say(_ status: HTTPResponseStatus, _ context: ChannelHandlerContext) {
        onRefusal(status)
        let fields: HTTPHeaders = ["Connection": "close", "Content-Length": "0", "Cache-Control": "no-store"]
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        connection.linger()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            // The socket: there is nobody left to tell.
            return connection.close()
        }
        refuse(error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest, context)
    }

    // MARK: The end

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed where connection.hasUnanswered:
            isLast = true
        case ChannelEvent.inputClosed:
            connection.close()
        case is ChannelShouldQuiesceEvent where connection.hasUnanswered:
            isLast = true
        case is ChannelShouldQuiesceEvent:
            connection.close()
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.closed()
        context.fireChannelInactive()
    }
}
