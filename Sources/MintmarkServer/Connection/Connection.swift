import MintmarkEngine
import MintmarkSessions
import MintmarkWire
import NIOCore

/// One connection: bytes in, frames to the engine, answers out.
///
/// What carries the bytes is its `transport`. It performs what `ConnectionStateMachine` decides and holds no protocol state
/// of its own. Whatever happens is noted there first; then `proceed` does what follows from it.
/// Input is processed in *bursts*: frames are decoded in place and answered into one buffer that is written and
/// flushed once. A burst is cut after `framesPerBurstMax` frames, `outputBytesPerBurstMax` bytes of answers or some time,
/// so that one connection can neither starve the others of its event loop nor pile up what its peer may never take.
///
/// How much time depends on what the connection asks for. What is cheap is answered as soon as the loop is told of it, for
/// `promptBurstNanosecondsMax`. A connection whose last burst took long waits for its turn from then on (`TurnQueue`), until
/// some bursts were short, and has `turnBurstNanosecondsMax` in each, unless it is for many cheap requests. So a cheap
/// request never waits for everybody's dear ones, and a batch of dear ones is served in one go. Confined to its event loop.
final class Connection {
    static let framesPerBurstMax = 1024
    /// How long requests are answered before those of others who came with them.
    static let promptBurstNanosecondsMax: UInt64 = 100_000
    /// Whose last burst took so long waits for its turn with the next one: as long as two signatures take, or the check of
    /// one.
    static let longBurstNanosecondsMin: UInt64 = 40_000
    /// Behind so many short bursts it takes no turns any more: else every other dear request of those who send cheap ones in
    /// between would go before everybody's.
    static let shortBurstsOutOfTurns = 4
    /// How long a connection's turn lasts: long enough to check sixteen signatures, for to end a burst and to go on later
    /// costs as much as many cheap requests. Turns are fair by time: whoever needs less is served the more often.
    static let turnBurstNanosecondsMax: UInt64 = 800_000
    /// Behind so many frames a turn lasts no longer than any burst: whoever has asked for hundreds of cheap things can wait
    /// for the next one, and others do not have to wait for all of them.
    static let framesPerLongTurnMax = 64
    /// Reading the clock costs a part of the cheapest request. More than so few dear ones would keep others waiting.
    static let framesPerClockReading = 4
    /// With this much in the writer no other frame is begun.
    static let outputBytesPerBurstMax = 64 * 1024

    let worker: LoopWorker
    let timeouts: ConnectionTimeouts
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
    var parked = ParkedAnswers<LogSequenceNumber>()
    /// Whole frames that may leave once a snapshot is published.
    var parkedSnapshots = ParkedAnswers<SnapshotNumber>()
    /// Requests whose change of keys is under way.
    var parkedKeys: [(job: KeyJob, requestID: UInt32, origin: ParkedOrigin)] = []
    /// Whether anything waits for the disk.
    var hasParked: Bool { !parked.isEmpty || !parkedSnapshots.isEmpty || !parkedKeys.isEmpty }

    /// Input not yet taken: a part of a frame, or frames that wait for their turn.
    var input = ByteBuffer()
    /// Bytes of the peer that its transport keeps because they are no whole record of TLS.
    var keptCount = 0
    /// When whole frames in the input were read that have not had their turn, on the worker's clock of bursts.
    var inputSince: UInt64?
    /// Since when they may have waited for their turn, in the socket too; on the same clock.
    var inputArrival: UInt64?
    /// When its last burst of requests began, on the same clock.
    var lastBurst: UInt64 = 0
    /// Of those of its bursts that waited for its own sake.
    var lateness = Lateness()
    /// Whether it takes turns: one of its last bursts was a long one.
    var takesTurns = false
    /// After so many short bursts it takes none any more.
    var shortBurstsLeft = 0
    /// How long the next burst lasts at most.
    var burstNanosecondsMax: UInt64 { takesTurns ? Self.turnBurstNanosecondsMax : Self.promptBurstNanosecondsMax }
    /// Whether input waits, or did, because the connection had no room for it: for the peer's sake, or the disk's.
    var hasOwnWait = false
    /// Bytes handed to the transport so far.
    var outputCount = 0
    /// What was reported to `ConnectionMemory` last.
    var heldBytes = 0
    /// Where the connection comes from, for the audit log; nil without one, and before that is known.
    private(set) var peer: String?
    var deadlines = ConnectionDeadlines()
    let timerTarget = TimerTarget()
    /// Nil once it is closed.
    private(set) var transport: (any ConnectionTransport)?
    /// Whether the server is stopping.
    private(set) var isStopping = false

    init(worker: LoopWorker, timeouts: ConnectionTimeouts, transport: any ConnectionTransport) {
        self.worker = worker
        self.timeouts = timeouts
        self.transport = transport
        machine = ConnectionStateMachine(inFlightMax: worker.settings.inFlightMax)
    }

    /// Does everything that can be done now: answers frames, says the last word, reads.
    ///
    /// Writing can fill, empty or break the socket before it returns, and so come here again from within. That is
    /// harmless because everything that was found out has been noted in the machine before anything is written.
    func proceed() {
        dropUnwantedInput()
        if machine.mustTakeBurst {
            if takesTurns { awaitTurn() } else { takeBurst() }
        }
        conclude()
    }

    /// What waits in the input goes on when others have had their turns.
    private func awaitTurn() {
        machine.turnAwaited()
        inputArrival = inputArrival ?? worker.arrival
        transport?.awaitTurn()
    }

    private func dropUnwantedInput() {
        if machine.discardsInput {
            input = ByteBuffer()
        }
    }

    private func conclude() {
        if let farewell = machine.takeFarewell() {
            say(farewell)
        }
        watchOutput()
        settleMemory()
        holdBackIfGreedy()
        watchFrame()
        watchDrain()
        readIfOwed()
    }

    private func readIfOwed() {
        if machine.takeRead() {
            if hasOwnWait {
                hasOwnWait = false
                transport?.restartWait()
            }
            transport?.read()
        } else if machine.isReadWithheld {
            hasOwnWait = true
        }
    }

    /// Finds out where the connection comes from, once that can be known.
    func locate() {
        origin = origin ?? transport?.findOrigin()
        if worker.hasAudit {
            peer = transport?.peerText(origin)
        }
    }

    // MARK: What the transport tells

    func opened() {
        timerTarget.connection = self
        startHandshakeDeadline()
        worker.connectionOpened(self)
    }

    func closed() {
        machine.socketClosed()
        _ = parked.release()
        _ = parkedSnapshots.release()
        parkedKeys.removeAll()
        input = ByteBuffer()
        transport = nil
        // Whoever closes it may be about to report once more.
        settleMemory()
        worker.connectionClosed(self)
        timerTarget.connection = nil
        deadlines.cancelAll()
    }

    /// Bytes have come, which may be gone after the call.
    ///
    /// - Parameter arrival: since when they may have waited in the socket, on the worker's clock of bursts; nil: the loop
    ///   was told of them just now.
    func received(_ bytes: RawSpan, arrival: UInt64? = nil) {
        guard !machine.discardsInput else {
            return
        }
        machine.bytesReceived()
        dropUnwantedInput()
        if !machine.mustTakeBurst {
            input.writeBytes(bytes)
        } else if input.readableBytes == 0 {
            takeBurst(from: bytes, arrival: arrival)
        } else {
            input.writeBytes(bytes)
            inputArrival = inputArrival ?? arrival
            takeBurst()
        }
        conclude()
    }

    /// The transport keeps so many bytes that have come, and cannot pass them on before others have.
    func transportKeeps(_ count: Int) {
        keptCount = count
        watchFrame()
        settleMemory()
    }

    /// The transport would like to read.
    func readRequested() {
        machine.readRequested()
        // Nothing else follows from it.
        readIfOwed()
    }

    func writabilityChanged(_ isWritable: Bool) {
        machine.isWritable = isWritable
        proceed()
    }

    /// The system has taken some of what was unsent.
    func outputTaken() {
        watchOutput()
        settleMemory()
    }

    /// The peer sends nothing more. Frames that were already read are still served.
    func inputEnded() {
        machine.inputEnded()
        proceed()
    }

    /// A reset or a broken pipe: there is nobody left to tell.
    func failed() {
        worker.counters.add(.connectionErrors)
        cut()
    }

    // MARK: What the server tells

    /// The server has other clients, or other authorities that vouch for them, than before: goes on with what the caller
    /// may do now, or closes where it is gone.
    func callersChanged() {
        guard let transport, let identified, !machine.discardsInput else {
            return
        }
        guard let match = worker.callers.match(again: identified) else {
            return callerIsGone(.client, identified.caller)
        }
        guard transport.isVouchedFor else {
            return callerIsGone(.authority, identified.caller)
        }
        self.identified = match
    }

    private func callerIsGone(_ reason: CallerLoss, _ caller: Caller) {
        worker.callerGone(reason, caller, on: self)
        machine.callerGone()
        proceed()
    }

    /// Finishes what was accepted, says SHUTTING_DOWN and closes.
    func shutDown() {
        guard isOpen else {
            return
        }
        isStopping = true
        machine.shutdownRequested()
        proceed()
    }

    /// What waits in the input has done so for others until now.
    func restartInputWait() {
        inputArrival = inputArrival.map { _ in worker.lastReading }
    }

    /// The others of the loop had their turn.
    func turnCame() {
        machine.turnCame()
        guard isOpen else {
            return
        }
        dropUnwantedInput()
        if machine.mustTakeBurst {
            takeBurst()
        }
        conclude()
    }

    /// Goes on after being held back, if it may now.
    func goOn() {
        if isOpen {
            proceed()
        }
    }

    /// Closes at once, whatever is going on.
    func cut() {
        transport?.close()
    }

    var isOpen: Bool { transport != nil }
}
