package import MintmarkWire

/// Which frames may come when: HELLO, AUTH where it is owed, then requests.
extension ConnectionStateMachine {
    /// The greatest length of the next frame while nobody knows who sends it.
    package var unauthenticatedLengthMax: Int {
        Self.unauthenticatedBytesMax - unauthenticatedBytes - FrameHeader.Layout.lengthSize
    }

    /// Bytes that a connection may send before it is authenticated, where that is owed.
    package static let unauthenticatedBytesMax = 16_384

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
            unauthenticatedBytes = frameBytes
            return header.flags == 0 ? .greet : .fault(WireError(.helloInvalid))
        case .authenticating:
            unauthenticatedBytes += frameBytes
            switch header.kindByte {
            case Kind.auth.requestByte:
                return header.flags == 0 ? .authenticate : .fault(WireError(.authFailed))
            case Kind.hello.requestByte:
                return .fault(WireError(.helloRepeated))
            default:
                return .fault(WireError(.authRequired))
            }
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
    ///
    /// - Parameter caller: What the channel tells of who calls.
    package mutating func helloReceived(
        lowest: UInt16,
        highest: UInt16,
        bytesBehind: Int,
        caller: CallerKnowledge = .known
    ) -> HelloAction {
        guard case .greeting = phase else {
            preconditionFailure("HELLO was decoded outside the greeting")
        }
        guard bytesBehind == 0 || lowest == highest else {
            return .fault(WireError(.pipelineTooEarly))
        }
        guard lowest <= ProtocolIdentity.version, ProtocolIdentity.version <= highest else {
            return .fault(WireError(.versionUnsupported))
        }
        switch caller {
        case .known:
            phase = .serving
            earlyBytesLeft = bytesBehind
        case .owed:
            phase = .authenticating
        case .unknown:
            return .fault(WireError(.clientUnknown))
        }
        return .answer(version: ProtocolIdentity.version)
    }

    /// AUTH was judged and found good.
    package mutating func authenticated() {
        guard case .authenticating = phase else {
            preconditionFailure("AUTH was judged where none was owed")
        }
        phase = .serving
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
