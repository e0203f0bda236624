import MintmarkEngine
import MintmarkWire

/// What AUTH signs on one connection, while it is owed: each challenge serves once, as its connection has no other.
struct AuthChallenge {
    let binding: AuthTranscript.Binding
    /// The client's HELLO frame, and the answer to it.
    let hello: [UInt8]
    let helloAnswer: [UInt8]
}

/// Who calls.
extension Connection {
    /// HELLO has come; returns the error that ends the connection, if there is one.
    func greet(_ header: FrameHeader, body: RawSpan, frame: Range<Int>, of span: RawSpan) -> WireError? {
        let hello: HelloRequestFields
        do throws(WireError) {
            hello = try HelloRequestFields(decoding: body)
        } catch {
            return WireError(.helloInvalid, field: error.field)
        }
        locate()
        let knowledge = identify()
        let action = machine.helloReceived(
            lowest: hello.lowestVersion,
            highest: hello.highestVersion,
            bytesBehind: span.byteCount - frame.upperBound,
            caller: knowledge
        )
        switch action {
        case .answer(let version):
            let start = worker.writer.bytes.count
            let owesAuthentication = machine.isAuthenticating
            worker.appendHello(version: version, requestID: header.requestID, owesAuthentication: owesAuthentication)
            if owesAuthentication {
                beginChallenge(hello: span.extracting(frame), answer: worker.writer.bytes[start...])
            } else {
                deadlines.handshake.disarm()
            }
            return nil
        case .fault(let error):
            return error
        }
    }

    /// What the channel says about who calls; `identified` is set where it does.
    private func identify() -> ConnectionStateMachine.CallerKnowledge {
        guard let origin else {
            // The kernel does not say who is at the other end: nobody is.
            return refuse(.userUnknown)
        }
        guard transport?.isVouchedFor ?? false else {
            // The authority has gone since the handshake of TLS.
            return refuse(.certificateUnknown)
        }
        switch worker.callers.find(origin) {
        case .match(let match):
            identified = match
            return .known
        case .authenticationOwed:
            return .owed
        case .refused(let refusal):
            return refuse(refusal)
        }
    }

    private func refuse(_ refusal: HandshakeRefusal) -> ConnectionStateMachine.CallerKnowledge {
        worker.callerRefused(refusal, on: self)
        return .unknown
    }

    /// HELLO was answered and AUTH is owed: keeps what it will be about.
    private func beginChallenge(hello: RawSpan, answer: ArraySlice<UInt8>) {
        let binding: AuthTranscript.Binding
        switch origin {
        case .tcp(let address): binding = .loopback(address: address)
        case .tls(let origin): binding = .tls(certificateSHA256: origin.serverCertificateSHA256)
        case .unix, nil: preconditionFailure("AUTH is owed where the channel tells who calls")
        }
        challenge = AuthChallenge(
            binding: binding,
            hello: hello.withUnsafeBytes { Array($0) },
            helloAnswer: Array(answer)
        )
    }

    /// Judges AUTH; returns the error that ends the connection, if there is one.
    func authenticate(_ header: FrameHeader, body: RawSpan) -> WireError? {
        guard let challenge else {
            preconditionFailure("AUTH is owed and there is no challenge")
        }
        self.challenge = nil
        let fields: AuthRequestFields
        do throws(WireError) {
            fields = try AuthRequestFields(decoding: body)
        } catch {
            worker.callerRefused(.authMalformed, on: self)
            return error.answered(as: .authFailed)
        }
        do throws(HandshakeRefusal) {
            identified = try judge(fields, in: body, challenge)
        } catch {
            worker.callerRefused(
                error,
                clientID: body.extracting(fields.clientID).withUnsafeBytes { Array($0) },
                on: self
            )
            return WireError(.authFailed)
        }
        worker.counters.add(.handshakesAuthenticated)
        machine.authenticated()
        deadlines.handshake.disarm()
        worker.appendAuth(requestID: header.requestID)
        return nil
    }

    private func judge(
        _ fields: AuthRequestFields,
        in body: RawSpan,
        _ challenge: AuthChallenge
    ) throws(HandshakeRefusal) -> CallerDirectory.Match {
        let clientID = body.extracting(fields.clientID).withUnsafeBytes { Array($0) }
        let transcript = AuthTranscript.bytes(
            binding: challenge.binding,
            hello: challenge.hello,
            helloAnswer: challenge.helloAnswer,
            clientID: clientID
        )
        return try worker.callers.authenticate(
            clientID: clientID,
            signature: body.extracting(fields.signature),
            transcript: transcript.span.bytes
        )
    }
}
