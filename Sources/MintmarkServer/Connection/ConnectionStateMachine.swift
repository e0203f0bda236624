package import MintmarkWire

/// What one connection may do next: handshake, flow control and closing, as decisions without effects.
///
/// Facts are noted by methods named after what happened. `Connection.proceed` asks what is to be done, and does
/// it. Confined to the connection's event loop.
///
/// ```
///            HELLO answered              fault, end of input, shutdown          nothing parked
/// greeting ────────────────▶ serving ───────────────────────────────▶ draining ───────────────▶ lingering ──▶ closed
///     │                         ▲                                        ▲
///     │ and AUTH owed           │ AUTH answered                          │
///     ├───────────────▶ authenticating ──────────────────────────────────┤
///     └──────────────────────── fault, end of input, shutdown ───────────┘
/// ```
package struct ConnectionStateMachine: ~Copyable {
    /// The last thing the server says before it closes its side.
    package enum Farewell: Equatable, Sendable {
        /// An error frame: with the id of the frame at fault, or 0.
        case error(WireError, requestID: UInt32)
        /// Nothing: the peer ended its side first.
        case silence
    }

    /// What to do with a frame that was found in the input.
    package enum FrameAction: Equatable, Sendable {
        /// Decode it as HELLO and report with `helloReceived`.
        case greet
        /// Judge it as AUTH and report with `authenticated`, or with `faultFound`.
        case authenticate
        /// Hand it to the engine.
        case execute
        /// Answer this error to the frame's request id; the connection lives.
        case refuse(WireError)
        /// The connection cannot go on: report with `faultFound`.
        case fault(WireError)
    }

    /// What a channel tells of who calls.
    package enum CallerKnowledge: Equatable, Sendable {
        /// A client's identity.
        case known
        /// Nothing: AUTH must say.
        case owed
        /// An identity that is no client's.
        case unknown
    }

    package enum HelloAction: Equatable, Sendable {
        case answer(version: UInt16)
        case fault(WireError)
    }

    /// Why a burst took no more frames.
    package enum BurstEnd: Equatable, Sendable {
        /// What is left is no whole frame.
        case partialFrame
        /// There is no room for another answer.
        case noRoom
        /// It was the other connections' turn.
        case turnOver
    }

    enum Phase {
        case greeting
        case authenticating
        case serving
        case draining(Farewell)
        case lingering
        case closed
    }

    private enum Input {
        /// Less than a frame.
        case partialFrame
        /// Bytes that nobody has looked at, or frames that there was no room for.
        case untaken
        /// The same, but other connections go first.
        case untakenUntilTurn
    }

    var phase = Phase.greeting
    private var input = Input.partialFrame
    private var isReadOwed = false
    /// Answers that wait for the disk, or for keys.
    package private(set) var parkedCount = 0
    var earlyBytesLeft = 0
    var earlyRequestsCount = 0
    /// Bytes of frames that were taken while nobody knows who sent them.
    var unauthenticatedBytes = 0
    private let inFlightMax: Int

    /// Whether the socket takes more output. Set from the channel's writability.
    package var isWritable = true
    /// Whether as many bytes wait for the disk as one connection may have wait there.
    package var isParkingFull = false
    /// Whether nothing more is read because the connection holds more than its share of what all may hold. What it has sent is
    /// served: that is how it comes to hold less.
    package var isHeldBack = false
    /// Whether the peer has closed its sending side.
    package private(set) var isInputEnded = false

    package init(inFlightMax: Int) {
        precondition(inFlightMax > 0, "a connection needs room for one request")
        self.inFlightMax = inFlightMax
    }

    package var isGreeting: Bool {
        if case .greeting = phase { true } else { false }
    }

    /// Whether AUTH comes next, and nothing else may.
    package var isAuthenticating: Bool {
        if case .authenticating = phase { true } else { false }
    }

    /// Whether the last word was said: nothing is written behind it.
    package var isLingering: Bool {
        if case .lingering = phase { true } else { false }
    }

    /// Whether input is thrown away unread.
    package var discardsInput: Bool {
        switch phase {
        case .greeting, .authenticating, .serving: false
        case .draining, .lingering, .closed: true
        }
    }

    /// Whether the last word waits for answers that are parked.
    package var isDraining: Bool {
        if case .draining = phase { true } else { false }
    }

    /// Whether the last word waits because the peer has ended its side, and for nothing else.
    package var isPeerWaiting: Bool {
        if case .draining(.silence) = phase { true } else { false }
    }

    // MARK: Input

    /// Whether there is room for the answer to another frame.
    package var mayTakeFrame: Bool {
        !discardsInput && isWritable && parkedCount < inFlightMax && !isParkingFull
    }

    /// Whether there is room for more input.
    private var mayRead: Bool { isLingering || mayTakeFrame && !isHeldBack }

    /// Whether a burst is to be taken from the input now.
    package var mustTakeBurst: Bool {
        mayTakeFrame && input == .untaken
    }

    /// Whether less than a frame stands in the input and the socket is read for the rest. Never before HELLO, which has a
    /// deadline of its own.
    package var awaitsRestOfFrame: Bool {
        mayTakeFrame && !isHeldBack && !isGreeting && input == .partialFrame
    }

    /// Bytes were added to the input.
    package mutating func bytesReceived() {
        if input == .partialFrame {
            input = .untaken
        }
    }

    package mutating func burstEnded(_ end: BurstEnd) {
        switch end {
        case .partialFrame: input = .partialFrame
        case .noRoom: input = .untaken
        case .turnOver: input = .untakenUntilTurn
        }
        drainIfInputIsUsedUp()
    }

    /// Other connections go first.
    package mutating func turnAwaited() {
        if input == .untaken {
            input = .untakenUntilTurn
        }
    }

    /// Whether other connections go first.
    package var isAwaitingTurn: Bool { input == .untakenUntilTurn }

    /// The other connections had their turn.
    package mutating func turnCame() {
        if isAwaitingTurn {
            input = .untaken
        }
    }

    /// The peer closed its sending side: it still gets what it asked for.
    package mutating func inputEnded() {
        isInputEnded = true
        drainIfInputIsUsedUp()
    }

    /// The channel would like to read.
    package mutating func readRequested() {
        isReadOwed = true
    }

    /// Whether the socket is to be read now: to serve what comes, or to discard it behind the farewell. True once for
    /// each request to read.
    package mutating func takeRead() -> Bool {
        guard isReadOwed, mayRead, isLingering || !isAwaitingTurn else {
            return false
        }
        isReadOwed = false
        return true
    }

    /// Whether the channel would like to read and may not, for want of room.
    package var isReadWithheld: Bool { isReadOwed && !mayRead }

    private mutating func drainIfInputIsUsedUp() {
        if isInputEnded, input == .partialFrame {
            drain(.silence)
        }
    }

    // MARK: Answers

    /// An answer was set aside until its records are durable, or its snapshot.
    package mutating func answerParked() {
        parkedCount += 1
    }

    /// `count` parked answers are being written, or what was parked is executed again.
    package mutating func answersReleased(_ count: Int) {
        guard !isClosed else {
            return
        }
        precondition(count <= parkedCount, "more answers released than were parked")
        parkedCount -= count
    }

    // MARK: Closing

    /// The peer broke the protocol or a deadline passed.
    package mutating func faultFound(_ error: WireError, requestID: UInt32 = 0) {
        drain(.error(error, requestID: requestID))
    }

    /// The configuration no longer has the caller: what was accepted is finished, nothing new is taken.
    package mutating func callerGone() {
        drain(.error(WireError(.clientGone), requestID: 0))
    }

    /// The server stops: what was accepted is finished, nothing new is taken.
    package mutating func shutdownRequested() {
        drain(.error(WireError(.shuttingDown), requestID: 0))
    }

    /// The socket is gone, whatever was going on.
    package mutating func socketClosed() {
        phase = .closed
        parkedCount = 0
    }

    /// The last word, once, when it is time: behind it the sending side is closed, and input is discarded until the peer
    /// closes or the linger time is over.
    package mutating func takeFarewell() -> Farewell? {
        guard case .draining(let farewell) = phase, parkedCount == 0 else {
            return nil
        }
        phase = .lingering
        return farewell
    }

    private mutating func drain(_ farewell: Farewell) {
        // A second reason to close changes nothing: the first one is being said.
        if !discardsInput {
            phase = .draining(farewell)
        }
    }

    private var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }
}
