import MintmarkWire
import NIOCore
import NIOSSL
import NIOTLS

/// The socket side of a connection: finds frames in what is read, collects frames for one write, and does what the state
/// machine says.
///
/// Confined to the client's event loop, like its driver.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Room for requests that is kept between writes, in bytes.
    private static let outboundCapacityMax = 262_144

    private static let endOfStream = MintmarkError(.connectionLost, "the server ended the connection")

    let id: ConnectionID
    /// Whom it leads to.
    let endpoint: Endpoint

    /// Whether HELLO was sent.
    private(set) var hasGreeted = false

    /// Since when prompt answers are owed and nothing was read; nil while none are owed.
    private(set) var silentSince: Instant?

    let driver: ClientDriver
    var machine = ConnectionStateMachine()
    var scanner = FrameScanner(lengthMax: Limits.helloLengthMax)
    var context: ChannelHandlerContext?
    /// The beginning of a frame.
    private var partial: ByteBuffer?
    /// How many bytes `partial` must have before it is worth another look.
    private var partialNeeded = 0
    var outbound = ByteBuffer()
    /// Who gets answers that nobody waits for any more, by their request ids.
    private var lateAnswers: [UInt32: @Sendable (Answer) -> Void] = [:]
    private var hasEnded = false
    /// Who waits for TLS to be established.
    var handshake: EventLoopPromise<Void>?
    /// The HELLO frame that was sent, until the handshake is over: AUTH signs it.
    var helloFrame: [UInt8] = []

    init(id: ConnectionID, endpoint: Endpoint, driver: ClientDriver) {
        self.id = id
        self.endpoint = endpoint
        self.driver = driver
    }
}

// MARK: - Writing

extension ConnectionHandler {
    /// Whether something was collected that `flush` will write.
    var hasUnflushed: Bool { outbound.readableBytes > 0 }

    /// Writes HELLO, once the server is known to be one the client will speak to.
    func greet(_ hello: HelloRequest) {
        guard !hasEnded, let helloID = machine.helloID else { return }
        var writer = FrameWriter(lengthMax: Limits.helloLengthMax)
        do throws(WireError) {
            try hello.encode(requestID: helloID, into: &writer)
        } catch {
            preconditionFailure("HELLO is longer than the protocol allows: \(error)")
        }
        helloFrame = writer.bytes
        outbound.writeBytes(writer.bytes)
        hasGreeted = true
        flush()
    }

    /// Puts a request behind those that leave with the next `flush`.
    func send(_ call: CallID, kind: Kind, frame: [UInt8], at now: Instant) -> ConnectionStateMachine.SendAction {
        let frameLength = frame.count - FrameHeader.Layout.lengthSize
        let action = machine.send(call, kind: kind, frameLength: frameLength)
        if case .write(let requestID) = action {
            let start = outbound.writerIndex
            outbound.writeBytes(frame)
            outbound.setInteger(requestID, at: start + FrameHeader.Layout.requestID)
            if silentSince == nil, kind.isAnsweredPromptly { silentSince = now }
        }
        return action
    }

    /// Nobody waits for an answer any more. If it comes all the same, `lateAnswer` gets it.
    func abandon(_ requestID: UInt32, lateAnswer: (@Sendable (Answer) -> Void)?) {
        machine.abandon(requestID)
        lateAnswers[requestID] = lateAnswer
    }

    /// Writes what was collected, in one piece.
    func flush() {
        guard let context, outbound.readableBytes > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(outbound), promise: nil)
        if outbound.capacity > ConnectionHandler.outboundCapacityMax {
            outbound = ByteBuffer()
        } else {
            outbound.clear()
        }
    }
}

// MARK: - Channel events

extension ConnectionHandler {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // The server may have hung up before there was a handler to be told.
        if !context.channel.isActive { end(ConnectionHandler.endOfStream) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if var bytes = partial.take() {
            bytes.writeBuffer(&buffer)
            guard bytes.readableBytes >= partialNeeded else {
                partial = bytes
                return
            }
            buffer = bytes
        }
        readFrames(from: &buffer, allocator: context.channel.allocator)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        silentSince = machine.owesPromptAnswer ? driver.timekeeper.now() : nil
        driver.settle()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        driver.writabilityChanged(of: id, isWritable: context.channel.isWritable)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(ConnectionHandler.endOfStream)
        driver.settle()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted(let negotiatedProtocol) = event {
            handshakeCompleted(negotiatedProtocol, context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let reason = "the connection broke: \(error.reasonForPeople)"
        end(MintmarkError(tls: error) ?? MintmarkError(.connectionLost, reason))
        driver.settle()
    }
}

// MARK: - Frames

extension ConnectionHandler {
    private func readFrames(from buffer: inout ByteBuffer, allocator: ByteBufferAllocator) {
        while !hasEnded {
            switch scanner.scan(buffer.readableBytesSpan, at: 0) {
            case .frame(let header, let range):
                guard let body = buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count) else {
                    preconditionFailure("a frame lies outside of the bytes it was found in")
                }
                let frame =
                    header.responseKind == .hello
                    ? buffer.getBytes(at: buffer.readerIndex, length: range.upperBound) : nil
                buffer.moveReaderIndex(forwardBy: range.upperBound)
                frameReceived(header, body, helloAnswer: frame ?? [])
            case .incomplete(let needed):
                guard buffer.readableBytes > 0 else { return }
                var rest = allocator.buffer(capacity: needed)
                rest.writeBuffer(&buffer)
                partial = rest
                partialNeeded = needed
                return
            case .invalid(let error):
                end(MintmarkError(.frame(error)))
            }
        }
    }

    /// - Parameter helloAnswer: The whole frame, where it is an answer to HELLO.
    private func frameReceived(_ header: FrameHeader, _ body: ByteBuffer, helloAnswer: [UInt8]) {
        switch machine.frameReceived(header) {
        case .deliver(let call): driver.answered(call, Answer(body: body, connection: id))
        case .discard:
            lateAnswers.removeValue(forKey: header.requestID)?(Answer(body: body, connection: id))
            driver.answeredNobody(on: id)
        case .readError: readError(header, body)
        case .readHello: readHello(header, body, frame: helloAnswer)
        case .readAuth: readAuth(header, body)
        case .close(let violation): end(MintmarkError(violation))
        }
    }

    private func readError(_ header: FrameHeader, _ body: ByteBuffer) {
        do throws(WireError) {
            let response = try ErrorResponse(decoding: body.readableBytesSpan)
            switch machine.errorReceived(response.status, requestID: header.requestID) {
            case .refuseHandshake:
                end(MintmarkError(response))
            case .fail(let call):
                driver.refused(call, by: response, on: id)
            case .end(let call):
                if let call { driver.refused(call, by: response, on: id) }
                end(MintmarkError(closing: response))
            case .ignore:
                lateAnswers[header.requestID] = nil
                if header.requestID != 0 { driver.answeredNobody(on: id) }
            case .close(let violation):
                end(MintmarkError(violation))
            }
        } catch {
            end(MintmarkError(.body(error, kindByte: header.kindByte)))
        }
    }
}

// MARK: - The end

extension ConnectionHandler {
    /// Ends the connection and tells the driver, the first time.
    func end(_ reason: MintmarkError) {
        guard !hasEnded else { return }
        hasEnded = true
        silentSince = nil
        partial = nil
        outbound = ByteBuffer()
        lateAnswers = [:]
        guard let loss = machine.closed() else { preconditionFailure("a connection ends twice") }
        driver.ended(self, loss, reason)
        handshake.take()?.fail(reason)
        context?.close(promise: nil)
    }
}
