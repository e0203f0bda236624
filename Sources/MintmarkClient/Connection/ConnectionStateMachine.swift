import MintmarkWire

/// What one connection is doing, and what each frame from the server means.
///
/// Pure: no sockets, no tasks, no bodies. The handler decodes bodies and performs the actions.
///
///     greeting ──answer to HELLO──▶ open ──closing error──▶ dismissed ──▶ closed
///      │    └──AUTH owed──▶ authenticating ──answer to AUTH──▶ open
///      │                        │     open ──violation, end of stream──▶ closed
///      └────────────────────────┴──error, violation, end of stream─────▶ closed
struct ConnectionStateMachine: ~Copyable {
    private enum State {
        /// HELLO was written; nothing else may be.
        case greeting(helloID: UInt32)
        /// AUTH was written; nothing else may be.
        case authenticating(ConnectionLimits)
        /// Requests are written and answered.
        case open(ConnectionLimits)
        /// The server has said its last word: it answers nothing more, and has begun nothing that it has not answered.
        case dismissed
        /// Nothing comes any more.
        case closed
    }

    private var state: State
    private var inFlight = InFlightTable()

    init() {
        state = .greeting(helloID: inFlight.insert(nil, kind: .hello))
    }

    /// The request id of HELLO.
    var helloID: UInt32? {
        guard case .greeting(let id) = state else { return nil }
        return id
    }

    /// Whether the server owes an answer that it gives as soon as it can.
    var owesPromptAnswer: Bool { inFlight.promptCount > 0 }
}

// MARK: - Requests

extension ConnectionStateMachine {
    /// What becomes of a request.
    enum SendAction: Hashable {
        /// Write it under this id.
        case write(requestID: UInt32)
        /// Its frame is longer than the server takes.
        case tooLong(limit: Int)
        /// The connection takes no requests now. The pool should have known.
        case unavailable
    }

    /// A request of so many bytes behind the length field is to be sent.
    mutating func send(_ call: CallID, kind: Kind, frameLength: Int) -> SendAction {
        guard case .open(let limits) = state, inFlight.count < limits.inFlightMax else { return .unavailable }
        guard frameLength <= limits.frameLengthMax else { return .tooLong(limit: limits.frameLengthMax) }
        return .write(requestID: inFlight.insert(call, kind: kind))
    }

    /// Nobody waits for the answer any more. Its id stays in use until it comes.
    mutating func abandon(_ requestID: UInt32) {
        inFlight.abandon(requestID)
    }
}

// MARK: - Frames

extension ConnectionStateMachine {
    /// What a frame is, judged by its header.
    enum FrameAction: Hashable {
        /// Decode the answer to HELLO, and report it to `helloAnswered`.
        case readHello
        /// Decode the answer to AUTH, and report it to `authAnswered`.
        case readAuth
        /// Decode the error, and report its status to `errorReceived`.
        case readError
        /// Hand the body to this call.
        case deliver(CallID)
        /// Throw the body away: nobody waits for it.
        case discard
        /// Close the connection.
        case close(ProtocolViolation)
    }

    /// A whole frame has come.
    mutating func frameReceived(_ header: FrameHeader) -> FrameAction {
        guard header.flags == 0 else { return .close(.flags(header.flags)) }
        if header.isError { return .readError }
        guard let entry = inFlight.entry(header.requestID) else {
            return .close(.unknownRequestID(header.requestID))
        }
        guard header.responseKind == entry.kind else {
            return .close(.unexpectedKind(header.kindByte, requestID: header.requestID))
        }
        _ = inFlight.remove(header.requestID)
        if entry.kind == .hello { return .readHello }
        if entry.kind == .auth { return .readAuth }
        return entry.call.map { .deliver($0) } ?? .discard
    }

    /// What the answer to HELLO leads to.
    enum HelloAction: Hashable {
        /// Requests may be sent.
        case open(ConnectionLimits)
        /// Authentication is owed: write AUTH under this id.
        case authenticate(requestID: UInt32)
        /// Authentication is owed, and this client has no identity.
        case refuseAuthentication
        /// Close the connection.
        case close(ProtocolViolation)
    }

    /// HELLO was answered.
    ///
    /// - Parameter hasIdentity: Whether the client can say who it is.
    mutating func helloAnswered(_ hello: HelloResponse, hasIdentity: Bool = false) -> HelloAction {
        guard case .greeting = state else { preconditionFailure("HELLO was answered twice") }
        guard hello.version == ClientProtocol.version else { return .close(.version(hello.version)) }
        guard
            ClientProtocol.frameLengthLimits.contains(Int(hello.frameLengthLimit)),
            (1...InFlightTable.limitMax).contains(Int(hello.inFlightLimit))
        else {
            return .close(.limits(frameLengthMax: hello.frameLengthLimit, inFlightMax: hello.inFlightLimit))
        }
        let limits = ConnectionLimits(
            frameLengthMax: Int(hello.frameLengthLimit),
            inFlightMax: Int(hello.inFlightLimit)
        )
        guard !hello.authenticationRequired else {
            guard hasIdentity else { return .refuseAuthentication }
            state = .authenticating(limits)
            return .authenticate(requestID: inFlight.insert(nil, kind: .auth))
        }
        state = .open(limits)
        return .open(limits)
    }

    /// AUTH was answered: requests may be sent.
    mutating func authAnswered() -> ConnectionLimits {
        guard case .authenticating(let limits) = state else { preconditionFailure("AUTH was answered and not sent") }
        state = .open(limits)
        return limits
    }

    /// What an error frame leads to.
    enum ErrorAction: Hashable {
        /// The server refused HELLO, or AUTH.
        case refuseHandshake
        /// Tell the call.
        case fail(CallID)
        /// Tell the call, if there is one, and close the connection: this was the server's last word.
        case end(CallID?)
        /// Nothing: nobody waits for it.
        case ignore
        /// Close the connection.
        case close(ProtocolViolation)
    }

    /// An error has come for the request with this id, or with 0 for none.
    mutating func errorReceived(_ status: StatusCode, requestID: UInt32) -> ErrorAction {
        switch state {
        case .greeting, .authenticating: return .refuseHandshake
        case .open, .dismissed, .closed: break
        }
        let entry = requestID == 0 ? nil : inFlight.remove(requestID)
        if status.closesConnection {
            // It may carry the id of a frame that the server could not take for a request of ours.
            state = .dismissed
            return .end(entry?.call)
        }
        guard entry != nil || requestID == 0 else { return .close(.unknownRequestID(requestID)) }
        return entry?.call.map { .fail($0) } ?? .ignore
    }
}

// MARK: - The end

extension ConnectionStateMachine {
    /// What is left when a connection ends.
    struct Loss: Hashable {
        /// The calls without an answer, in the order in which they were sent.
        let calls: [CallID]
        /// Whether the server may have begun them.
        let wereBegun: Bool
    }

    /// The connection has ended. Nil if that was known.
    mutating func closed() -> Loss? {
        let wereBegun: Bool
        switch state {
        case .greeting, .authenticating, .open: wereBegun = true
        case .dismissed: wereBegun = false
        case .closed: return nil
        }
        state = .closed
        return Loss(calls: inFlight.removeAll(), wereBegun: wereBegun)
    }
}

/// What this client offers and accepts.
enum ClientProtocol {
    static let version: UInt16 = 1
    /// The frame limits a server may announce.
    static let frameLengthLimits = Limits.helloPipelineLengthMax...Limits.frameLengthMaxCeiling
}
