package import MintmarkWire

/// What one connection may do next: handshake, flow control and closing, as decisions without effects.
///
/// Each method is named after what happened and returns what to do about it; `ConnectionHandler` does it.
/// Confined to the connection's event loop.
///
/// ```
///            HELLO answered              fault, end of input, shutdown          nothing parked
/// greeting ────────────────▶ serving ───────────────────────────────▶ draining ───────────────▶ lingering ──▶ closed
///     └──────────────────────── fault, end of input, shutdown ───────────▲
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
        /// Hand it to the engine.
        case execute
        /// Answer this error to the frame's request id; the connection lives.
        case refuse(WireError)
        /// The connection cannot go on: report with `faultFound`.
        case fault(WireError)
    }

    package enum HelloAction: Equatable, Sendable {
        case answer(version: UInt16)
        case fault(WireError)
    }

    package enum CloseAction: Equatable, Sendable {
        /// Accepted requests still wait for their answers.
        case wait
        /// Say this, close the sending side, then discard input until the peer closes or the linger time is over.
        case say(Farewell)
    }

    private enum Phase {
        case greeting
        case serving
        case draining(Farewell)
        case lingering
        case closed
    }

    private var phase = Phase.greeting
    private var parkedCount = 0
    private var earlyBytesLeft = 0
    private var earlyRequestsCount = 0
    private let inFlightMax: Int

    /// Whether the socket takes more output. Set from the channel's writability.
    package var isWritable = true

    package init(inFlightMax: Int) {
        precondition(inFlightMax > 0, "a connection needs room for one request")
        self.inFlightMax = inFlightMax
    }

    /// Whether another frame may be taken from the input now.
    package var mayTakeFrame: Bool {
        switch phase {
        case .greeting, .serving: isWritable && parkedCount < inFlightMax
        case .draining, .lingering, .closed: false
        }
    }

    /// Whether more input should be read from the socket: to serve it, or to discard it behind the farewell.
    package var wantsInput: Bool {
        switch phase {
        case .greeting, .serving: isWritable && parkedCount < inFlightMax
        case .draining, .closed: false
        case .lingering: true
        }
    }

    package var isGreeting: Bool {
        if case .greeting = phase { true } else { false }
    }

    /// Whether input is thrown away unread.
    package var discardsInput: Bool {
        switch phase {
        case .greeting, .serving: false
        case .draining, .lingering, .closed: true
        }
    }

    /// A whole frame stands in the input. `frameBytes` counts its length field too.
    ///
    /// Checks what the connection has to say about a frame: its id, then the rules of the phase. Flags, kind and
    /// fields are the engine's business.
    package mutating func frameReceived(_ header: FrameHeader, frameBytes: Int) -> FrameAction {
        guard header.requestID != 0 else {
            return .fault(WireError(.requestIDZero))
        }
        switch phase {
        case .greeting:
            return header.flags == 0 ? .greet : .fault(WireError(.helloInvalid))
        case .serving:
            guard header.kindByte != Kind.hello.requestByte else {
                return .fault(WireError(.helloRepeated))
            }
            guard isEarlyFrameAllowed(frameBytes) else {
                return .fault(WireError(.pipelineTooEarly))
            }
            return header.kindByte == Kind.auth.requestByte ? .refuse(WireError(.authNotOwed)) : .execute
        case .draining, .lingering, .closed:
            preconditionFailure("a frame was taken from a connection that takes none")
        }
    }

    /// HELLO was decoded; `bytesBehind` bytes of input stood behind it before it was answered.
    package mutating func helloReceived(lowest: UInt16, highest: UInt16, bytesBehind: Int) -> HelloAction {
        guard case .greeting = phase else {
            preconditionFailure("HELLO was decoded outside the greeting")
        }
        guard bytesBehind == 0 || lowest == highest else {
            return .fault(WireError(.pipelineTooEarly))
        }
        guard lowest <= ProtocolIdentity.version, ProtocolIdentity.version <= highest else {
            return .fault(WireError(.versionUnsupported))
        }
        phase = .serving
        earlyBytesLeft = bytesBehind
        return .answer(version: ProtocolIdentity.version)
    }

    /// An answer was set aside until its records are durable.
    package mutating func answerParked() {
        parkedCount += 1
    }

    /// `count` parked answers were written; the socket may have broken over it.
    package mutating func answersReleased(_ count: Int) -> CloseAction {
        if case .closed = phase {
            return .wait
        }
        precondition(count <= parkedCount, "more answers released than were parked")
        parkedCount -= count
        return farewellIfDrained()
    }

    /// The peer broke the protocol or a deadline passed.
    package mutating func faultFound(_ error: WireError, requestID: UInt32 = 0) -> CloseAction {
        drain(.error(error, requestID: requestID))
    }

    /// The peer closed its sending side: it still gets what it asked for.
    package mutating func inputEnded() -> CloseAction {
        drain(.silence)
    }

    /// The server stops: what was accepted is finished, nothing new is taken.
    package mutating func shutdownRequested() -> CloseAction {
        drain(.error(WireError(.shuttingDown), requestID: 0))
    }

    /// The socket is gone, whatever was going on.
    package mutating func socketClosed() {
        phase = .closed
        parkedCount = 0
    }

    private mutating func drain(_ farewell: Farewell) -> CloseAction {
        switch phase {
        case .greeting, .serving:
            phase = .draining(farewell)
            return farewellIfDrained()
        case .draining, .lingering, .closed:
            // A second reason to close changes nothing: the first one is being said.
            return .wait
        }
    }

    private mutating func farewellIfDrained() -> CloseAction {
        guard case .draining(let farewell) = phase, parkedCount == 0 else {
            return .wait
        }
        phase = .lingering
        return .say(farewell)
    }

    /// Requests that stood behind HELLO before its answer are bounded in number and size.
    private mutating func isEarlyFrameAllowed(_ frameBytes: Int) -> Bool {
        guard earlyBytesLeft > 0 else {
            return true
        }
        earlyBytesLeft -= frameBytes
        earlyRequestsCount += 1
        return earlyRequestsCount <= Limits.helloPipelineRequestsMax
            && frameBytes - FrameHeader.Layout.lengthSize <= Limits.helloPipelineLengthMax
    }
}
