import MintmarkEngine
import MintmarkSessions
import MintmarkWire
import NIOCore

/// Carries one connection: bytes in, frames to the engine, answers out.
///
/// It performs what `ConnectionStateMachine` decides and holds no protocol state of its own.
/// Input is processed in *bursts*: frames are decoded in place and answered into one buffer that is written and
/// flushed once. A burst is cut after `framesPerBurstMax` frames, so that one connection cannot starve the others
/// of its event loop. Confined to its event loop.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    static let framesPerBurstMax = 128

    let worker: LoopWorker
    let timeouts: ConnectionTimeouts
    var machine: ConnectionStateMachine
    var parked = ParkedAnswers()

    /// Input not yet taken: a part of a frame, or frames that wait for their turn.
    private var input = ByteBuffer()
    private var isContinuationScheduled = false
    private var isReadWithheld = false
    private var isInputEndPending = false
    var deadlines = ConnectionDeadlines()
    private(set) var context: ChannelHandlerContext?

    init(worker: LoopWorker, timeouts: ConnectionTimeouts) {
        self.worker = worker
        self.timeouts = timeouts
        machine = ConnectionStateMachine(inFlightMax: worker.settings.inFlightMax)
    }

    // MARK: What the channel tells

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        worker.connectionOpened(self)
        startHandshakeDeadline(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        machine.socketClosed()
        _ = parked.abandon()
        worker.connectionClosed(self)
        self.context = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard !machine.discardsInput else {
            return
        }
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeBuffer(&bytes)
        }
        guard !isContinuationScheduled else {
            return
        }
        processBurst(context)
    }

    func read(context: ChannelHandlerContext) {
        if machine.wantsInput, !isContinuationScheduled {
            context.read()
        } else {
            isReadWithheld = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        machine.isWritable = context.channel.isWritable
        if machine.isWritable {
            deadlines.write.disarm()
            resume(context)
        } else {
            startWriteDeadline(context)
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            // Frames that were already read are still served.
            isInputEndPending = true
            resume(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset or a broken pipe: there is nobody left to tell.
        worker.counters.add(.connectionErrors)
        context.close(promise: nil)
    }

    // MARK: What the server tells

    /// Finishes what was accepted, says SHUTTING_DOWN and closes.
    func shutDown() {
        guard let context else {
            return
        }
        perform(machine.shutdownRequested(), context)
    }

    /// Closes at once, whatever is going on.
    func cut() {
        context?.close(promise: nil)
    }

    /// Writes the parked answers that are durable through `lsn`, and executes the parked requests.
    func releaseParked(through lsn: LogSequenceNumber) {
        guard let context else {
            return
        }
        let released = parked.release(through: lsn)
        guard !released.isEmpty else {
            return
        }
        worker.beginBurst()
        for content in released {
            switch content {
            case .answer(let frame):
                worker.writer.bytes.append(contentsOf: frame)
            case .request(let header, let body):
                execute(header, body: body.span.bytes)
            }
        }
        flushWriter(context)
        perform(machine.answersReleased(released.count), context)
        resume(context)
    }

    /// Answers STORAGE to everything that waits for the journal.
    func abandonParked() {
        guard let context else {
            return
        }
        worker.beginBurst()
        let requestIDs = parked.abandon()
        for requestID in requestIDs {
            worker.appendError(WireError(.storage), requestID: requestID)
        }
        flushWriter(context)
        perform(machine.answersReleased(requestIDs.count), context)
        resume(context)
    }

    // MARK: Bursts

    /// Goes on with input that had to wait, then with reading.
    private func resume(_ context: ChannelHandlerContext) {
        if !isContinuationScheduled, input.readableBytes > 0 || isInputEndPending {
            processBurst(context)
        }
        if isReadWithheld, machine.wantsInput, !isContinuationScheduled {
            isReadWithheld = false
            context.read()
        }
    }

    private func processBurst(_ context: ChannelHandlerContext) {
        worker.beginBurst()
        // The buffer is moved out for the burst, so that its bytes can be borrowed while this object works.
        var bytes = input
        input = ByteBuffer()
        let (consumed, stop) = takeFrames(from: bytes)
        bytes.moveReaderIndex(forwardBy: consumed)
        bytes.discardReadBytes()
        input = bytes
        flushWriter(context)
        switch stop {
        case .incomplete:
            watchFrame(context, isPartial: input.readableBytes > 0, tookFrames: consumed > 0)
            finishInputIfEnded(context)
        case .stalled:
            deadlines.frame.disarm()
        case .turnOver:
            deadlines.frame.disarm()
            scheduleContinuation(context)
        case .fault(let error, let requestID):
            fail(error, requestID: requestID, context)
        }
    }

    private enum BurstStop {
        case incomplete
        case stalled
        case turnOver
        case fault(WireError, requestID: UInt32)
    }

    private func takeFrames(from bytes: borrowing ByteBuffer) -> (consumed: Int, stop: BurstStop) {
        let span = bytes.readableBytesSpan
        var offset = 0
        for _ in 0..<Self.framesPerBurstMax {
            guard machine.mayTakeFrame else {
                return (offset, offset < span.byteCount ? .stalled : .incomplete)
            }
            switch scanFrame(span, at: offset) {
            case .incomplete:
                return (offset, .incomplete)
            case .invalid(let error):
                return (offset, .fault(error, requestID: 0))
            case .frame(let header, let body):
                if let error = take(header, body: span.extracting(body), frame: offset..<body.upperBound, of: span) {
                    return (body.upperBound, .fault(error, requestID: Self.echoedID(of: header, for: error)))
                }
                offset = body.upperBound
            }
        }
        return (offset, offset < span.byteCount ? .turnOver : .incomplete)
    }

    private func scanFrame(_ span: RawSpan, at offset: Int) -> FrameScan {
        if machine.isGreeting {
            worker.scanner.scanHello(span, at: offset)
        } else {
            worker.scanner.scan(span, at: offset)
        }
    }

    /// Executes one frame; returns the error that ends the connection, if there is one.
    private func take(_ header: FrameHeader, body: RawSpan, frame: Range<Int>, of span: RawSpan) -> WireError? {
        switch machine.frameReceived(header, frameBytes: frame.count) {
        case .execute:
            execute(header, body: body)
            return nil
        case .greet:
            return greet(header, body: body, bytesBehind: span.byteCount - frame.upperBound)
        case .refuse(let error):
            worker.appendError(error, requestID: header.requestID)
            return nil
        case .fault(let error):
            return error
        }
    }

    /// Executes a request; its answer is in the writer, or parked, or the request itself is.
    private func execute(_ header: FrameHeader, body: RawSpan) {
        while true {
            let start = worker.writer.bytes.count
            switch worker.execute(header, body: body) {
            case .answered(let lsn) where worker.isDurable(lsn):
                return
            case .answered(let lsn):
                let frame = Array(worker.writer.bytes[start...])
                worker.writer.bytes.removeSubrange(start...)
                return park(.answer(frame), requestID: header.requestID, until: lsn)
            case .again(let lsn) where worker.isDurable(lsn):
                continue
            case .again(let lsn):
                let body = body.withUnsafeBytes { Array($0) }
                return park(.request(header, body: body), requestID: header.requestID, until: lsn)
            }
        }
    }

    private func park(_ content: ParkedAnswers.Content, requestID: UInt32, until lsn: LogSequenceNumber) {
        parked.park(content, requestID: requestID, until: lsn)
        machine.answerParked()
        worker.answerParked(by: self)
    }

    private func greet(_ header: FrameHeader, body: RawSpan, bytesBehind: Int) -> WireError? {
        let hello: HelloRequestFields
        do throws(WireError) {
            hello = try HelloRequestFields(decoding: body)
        } catch {
            return WireError(.helloInvalid, field: error.field)
        }
        let action = machine.helloReceived(
            lowest: hello.lowestVersion,
            highest: hello.highestVersion,
            bytesBehind: bytesBehind
        )
        switch action {
        case .answer(let version):
            worker.appendHello(version: version, requestID: header.requestID)
            deadlines.handshake.disarm()
            return nil
        case .fault(let error):
            return error
        }
    }

    private func flushWriter(_ context: ChannelHandlerContext) {
        guard !worker.writer.bytes.isEmpty else {
            return
        }
        context.writeAndFlush(wrapOutboundOut(worker.takeOutput()), promise: nil)
    }

    /// Lets the loop's other connections have their turn first.
    private func scheduleContinuation(_ context: ChannelHandlerContext) {
        isContinuationScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.isContinuationScheduled = false
            if let context = self.context {
                self.resume(context)
            }
        }
    }

    // MARK: Closing

    func fail(_ error: WireError, requestID: UInt32 = 0, _ context: ChannelHandlerContext) {
        worker.counters.add(.connectionFaults)
        perform(machine.faultFound(error, requestID: requestID), context)
    }

    /// The errors that end a connection over one request carry its id, the others belong to no request.
    private static func echoedID(of header: FrameHeader, for error: WireError) -> UInt32 {
        switch error.status {
        case .helloInvalid, .helloRepeated, .versionUnsupported: header.requestID
        default: 0
        }
    }

    private func finishInputIfEnded(_ context: ChannelHandlerContext) {
        if isInputEndPending {
            perform(machine.inputEnded(), context)
        }
    }

    private func perform(_ action: ConnectionStateMachine.CloseAction, _ context: ChannelHandlerContext) {
        input = machine.discardsInput ? ByteBuffer() : input
        guard case .say(let farewell) = action else {
            return
        }
        deadlines.disarmAll()
        if case .error(let error, let requestID) = farewell {
            worker.beginBurst()
            worker.appendError(error, requestID: requestID)
            flushWriter(context)
        }
        if isInputEndPending {
            // Both sides have ended: close as soon as the last answer has left.
            context.close(mode: .output).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        } else {
            context.close(mode: .output, promise: nil)
            startLinger(context)
            resume(context)
        }
    }
}
