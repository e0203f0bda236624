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
    var input = ByteBuffer()
    var isContinuationScheduled = false
    var isReadWithheld = false
    var isInputEndPending = false
    /// Whether the output is being written right now, so that what its writability says concerns the burst at work.
    var isFlushing = false
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
    }

    func channelActive(context: ChannelHandlerContext) {
        worker.connectionOpened(self)
        startHandshakeDeadline(context)
        context.fireChannelActive()
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
            if !machine.discardsInput {
                deadlines.write.disarm()
            }
            // A burst that fills the output and empties it at once goes on by itself: nothing may overtake its end.
            if !isFlushing {
                resume(context)
            }
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

    // MARK: Closing

    func fail(_ error: WireError, requestID: UInt32 = 0, _ context: ChannelHandlerContext) {
        worker.counters.add(.connectionFaults)
        perform(machine.faultFound(error, requestID: requestID), context)
    }

    /// The errors that end a connection over one request carry its id, the others belong to no request.
    static func echoedID(of header: FrameHeader, for error: WireError) -> UInt32 {
        switch error.status {
        case .helloInvalid, .helloRepeated, .versionUnsupported: header.requestID
        default: 0
        }
    }

    func finishInputIfEnded(_ context: ChannelHandlerContext) {
        if isInputEndPending {
            perform(machine.inputEnded(), context)
        }
    }

    func perform(_ action: ConnectionStateMachine.CloseAction, _ context: ChannelHandlerContext) {
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
        // From here on only a peer that reads can keep the connection.
        startWriteDeadline(context)
        if isInputEndPending {
            // Closing the sending side would close both and drop what is not sent; an empty write comes behind it all.
            let lastWrite = context.writeAndFlush(wrapOutboundOut(ByteBuffer()))
            lastWrite.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        } else {
            context.close(mode: .output).assumeIsolated().whenComplete { _ in self.linger(context) }
            resume(context)
        }
    }

    /// Everything was sent: input is discarded for a while, so that the peer reads the farewell before any reset.
    private func linger(_ context: ChannelHandlerContext) {
        deadlines.write.disarm()
        startLinger(context)
    }
}
