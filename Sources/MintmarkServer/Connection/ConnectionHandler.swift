import MintmarkEngine
import MintmarkSessions
import MintmarkWire
import NIOCore

/// Carries one connection: bytes in, frames to the engine, answers out.
///
/// It performs what `ConnectionStateMachine` decides and holds no protocol state of its own. Whatever happens is noted
/// there first; then `proceed` does what follows from it.
/// Input is processed in *bursts*: frames are decoded in place and answered into one buffer that is written and
/// flushed once. A burst is cut after `framesPerBurstMax` frames, `outputBytesPerBurstMax` bytes of answers or
/// `burstNanosecondsMax`, so that one connection can neither starve the others of its event loop nor pile up what its
/// peer may never take. Confined to
/// its event loop.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    static let framesPerBurstMax = 1024
    /// Verifying and signing take a thousand times as long as the cheapest request: what a burst may cost is time.
    static let burstNanosecondsMax: UInt64 = 200_000
    /// Reading the clock costs a part of the cheapest request.
    static let framesPerClockReading = 4
    static let turnPause = TimeAmount.microseconds(10)
    /// With this much in the writer no other frame is begun.
    static let outputBytesPerBurstMax = 64 * 1024

    let worker: LoopWorker
    let timeouts: ConnectionTimeouts
    private let findOrigin: ConnectionOrigin.Finder
    /// Where the peer comes from; nil before HELLO.
    private(set) var origin: ConnectionOrigin?
    /// Who calls, and by what that is known; nil before it is.
    var identified: CallerDirectory.Match? {
        didSet { caller = identified?.caller }
    }
    private(set) var caller: Caller?
    /// What AUTH will be about, while it is owed.
    var challenge: AuthChallenge?
    var machine: ConnectionStateMachine
    var parked = ParkedAnswers<LogSequenceNumber, ParkedContent>()
    /// Whole frames that may leave once a snapshot is published.
    var parkedSnapshots = ParkedAnswers<SnapshotNumber, [UInt8]>()
    /// Requests whose change of keys is under way.
    var parkedKeys: [(job: KeyJob, requestID: UInt32)] = []
    /// Whether anything waits for the disk.
    var hasParked: Bool { !parked.isEmpty || !parkedSnapshots.isEmpty || !parkedKeys.isEmpty }

    /// Input not yet taken: a part of a frame, or frames that wait for their turn.
    var input = ByteBuffer()
    /// Bytes handed to the channel so far.
    var outputCount = 0
    /// What was reported to `ConnectionMemory` last.
    var heldBytes = 0
    /// Where the connection comes from, for the audit log; nil without one, and before that is known.
    private(set) var peer: String?
    var deadlines = ConnectionDeadlines()
    let timerTarget = TimerTarget()
    /// What stands between the socket and TLS; nil where nothing is encrypted.
    let gate: TLSGate?
    private(set) var context: ChannelHandlerContext?
    /// Whether the server is stopping.
    private(set) var isStopping = false

    init(
        worker: LoopWorker,
        timeouts: ConnectionTimeouts,
        findOrigin: @escaping ConnectionOrigin.Finder,
        gate: TLSGate? = nil
    ) {
        self.worker = worker
        self.timeouts = timeouts
        self.gate = gate
        self.findOrigin = findOrigin
        machine = ConnectionStateMachine(inFlightMax: worker.settings.inFlightMax)
    }

    /// Does everything that can be done now: answers frames, says the last word, reads.
    ///
    /// Writing can fill, empty or break the socket before it returns, and so come here again from within. That is
    /// harmless because everything that was found out has been noted in the machine before anything is written.
    func proceed(_ context: ChannelHandlerContext) {
        if machine.discardsInput {
            input = ByteBuffer()
        }
        holdBackIfGreedy()
        if machine.mustTakeBurst {
            takeBurst(context)
        }
        if let farewell = machine.takeFarewell() {
            say(farewell, context)
        }
        watchFrame(context)
        watchDrain(context)
        settleMemory(context)
        if machine.takeRead() {
            context.read()
        }
    }

    /// Finds out where the connection comes from, once that can be known.
    func locate() {
        origin = origin ?? context.flatMap { findOrigin($0.channel) }
        if worker.hasAudit {
            peer = context.flatMap { ConnectionOrigin.peerText($0.channel, origin) }
        }
    }

    // MARK: What the channel tells

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timerTarget.handler = self
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timerTarget.handler = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        startHandshakeDeadline(context)
        worker.connectionOpened(self)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        machine.socketClosed()
        _ = parked.abandon()
        _ = parkedSnapshots.abandon()
        parkedKeys.removeAll()
        input = ByteBuffer()
        releaseMemory()
        worker.connectionClosed(self)
        self.context = nil
        timerTarget.handler = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !machine.discardsInput else {
            return
        }
        var bytes = unwrapInboundIn(data)
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeBuffer(&bytes)
        }
        machine.bytesReceived()
        proceed(context)
    }

    func read(context: ChannelHandlerContext) {
        machine.readRequested()
        // Nothing else follows from it.
        if machine.takeRead() {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        machine.isWritable = context.channel.isWritable
        if !machine.isWritable {
            startWriteDeadline(context)
        } else if !machine.isLingering {
            deadlines.write.disarm()
        }
        proceed(context)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            // Frames that were already read are still served.
            machine.inputEnded()
            proceed(context)
        } else if gate != nil {
            noteTLS(event, context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !noteTLS(error) else {
            return
        }
        // A reset or a broken pipe: there is nobody left to tell.
        worker.counters.add(.connectionErrors)
        cut()
    }

    // MARK: What the server tells

    /// The server has other clients, or other authorities that vouch for them, than before: goes on with what the caller may do now, or closes where it is gone.
    func callersChanged() {
        guard let context, let identified else {
            return
        }
        guard let match = worker.callers.match(again: identified) else {
            return callerIsGone(.client, identified.caller, context)
        }
        guard gate?.isVouchedFor ?? true else {
            return callerIsGone(.authority, identified.caller, context)
        }
        self.identified = match
    }

    private func callerIsGone(_ reason: CallerLoss, _ caller: Caller, _ context: ChannelHandlerContext) {
        worker.callerGone(reason, caller, on: self)
        machine.callerGone()
        proceed(context)
    }

    /// Finishes what was accepted, says SHUTTING_DOWN and closes.
    func shutDown() {
        guard let context else {
            return
        }
        isStopping = true
        machine.shutdownRequested()
        proceed(context)
    }

    /// Goes on after being held back, if it may now.
    func goOn() {
        if let context {
            proceed(context)
        }
    }

    /// Closes at once, whatever is going on.
    func cut() {
        if let gate {
            gate.cut()
        } else {
            context?.close(promise: nil)
        }
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
        machine.answersReleased(released.count)
        noteParked()
        worker.beginBurst(for: self)
        for content in released {
            switch content {
            case .answer(let frame):
                worker.writer.bytes.append(contentsOf: frame)
            case .request(let header, let body):
                execute(header, body: body.span.bytes, isRepetition: true)
            }
        }
        flushWriter(context)
        proceed(context)
    }

    /// Writes the answers whose snapshot is published, and STORAGE in the place of those whose snapshot failed.
    func releaseParked(_ progress: SnapshotProgress) {
        guard let context else {
            return
        }
        let released = parkedSnapshots.release(through: progress.published)
        let failed = parkedSnapshots.abandon(through: progress.settled)
        guard !released.isEmpty || !failed.isEmpty else {
            return
        }
        machine.answersReleased(released.count)
        noteParked()
        worker.beginBurst(for: self)
        for frame in released {
            worker.writer.bytes.append(contentsOf: frame)
        }
        refuse(failed, context)
    }

    /// Answers the changes of keys that have their outcome.
    func releaseParkedKeys() {
        let settled = parkedKeys.filter { $0.job.outcome != nil }
        guard let context, !settled.isEmpty else {
            return
        }
        parkedKeys.removeAll { parked in settled.contains { $0.job == parked.job } }
        machine.answersReleased(settled.count)
        worker.beginBurst(for: self)
        for (job, requestID) in settled {
            worker.appendKeyAnswer(job, requestID: requestID)
        }
        flushWriter(context)
        proceed(context)
    }

    /// Answers STORAGE to everything that waits for the journal: the outcome is unknown.
    func abandonParked() {
        guard let context else {
            return
        }
        worker.beginBurst(for: self)
        refuse(parked.abandon(), context)
    }

    /// Answers STORAGE to everything that waits for the disk, whatever for: the outcome is unknown.
    func abandonAllParked() {
        guard let context else {
            return
        }
        worker.beginBurst(for: self)
        let changes = parkedKeys.map(\.requestID)
        parkedKeys.removeAll()
        refuse(parked.abandon() + parkedSnapshots.abandon() + changes, context)
    }

    /// Ends a burst with STORAGE for requests that were parked.
    private func refuse(_ requestIDs: [UInt32], _ context: ChannelHandlerContext) {
        machine.answersReleased(requestIDs.count)
        noteParked()
        for requestID in requestIDs {
            worker.appendError(WireError(.storage), requestID: requestID)
        }
        flushWriter(context)
        proceed(context)
    }

    // MARK: Closing

    /// Notes why the connection cannot go on; `proceed` says it when the answers before it are out.
    func noteFault(_ error: WireError, requestID: UInt32 = 0) {
        guard !machine.discardsInput else {
            return
        }
        worker.counters.add(.connectionFaults)
        machine.faultFound(error, requestID: requestID)
    }

    /// The errors that end a connection over one request carry its id, the others belong to no request.
    static func echoedID(of header: FrameHeader, for error: WireError) -> UInt32 {
        switch error.status {
        case .helloInvalid, .helloRepeated, .versionUnsupported: header.requestID
        case .clientUnknown, .authRequired, .authFailed: header.requestID
        default: 0
        }
    }

    private func say(_ farewell: ConnectionStateMachine.Farewell, _ context: ChannelHandlerContext) {
        deadlines.disarmAll()
        guard gate?.carriesWords ?? true else {
            if case .error(let error, _) = farewell {
                worker.counters.add(.status(error.status))
            }
            return cut()
        }
        if case .error(let error, let requestID) = farewell {
            worker.beginBurst(for: self)
            worker.appendError(error, requestID: requestID)
            flushWriter(context)
        }
        // From here on only a peer that reads can keep the connection.
        startWriteDeadline(context)
        if machine.isInputEnded {
            // Closing the sending side would close both and drop what is not sent; an empty write comes behind it all.
            let lastWrite = context.writeAndFlush(wrapOutboundOut(ByteBuffer()))
            lastWrite.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        } else {
            context.close(mode: .output).assumeIsolated().whenComplete { _ in self.linger(context) }
        }
    }

    /// Everything was sent: input is discarded for a while, so that the peer reads the farewell before any reset.
    private func linger(_ context: ChannelHandlerContext) {
        deadlines.write.disarm()
        startLinger(context)
    }
}
