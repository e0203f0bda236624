import MintmarkEngine
import MintmarkSessions
import MintmarkWire

/// What connections have executed and written: requests, answers, and who was turned away.
extension LoopWorker {
    /// Appends a whole frame.
    func append(_ frame: RawSpan) {
        frame.withUnsafeBytes { writerPlace.pointee.bytes.append(contentsOf: $0) }
    }

    /// Writes whole frames, as the first of a burst, without copying them.
    func replaceOutput(with frames: consuming [UInt8]) {
        precondition(writer.bytes.isEmpty, "answers were written before those that come first")
        writerPlace.pointee.bytes = frames
    }

    /// Executes one request; its answer is in the writer. A repetition goes on with one that was counted before.
    func execute(_ header: FrameHeader, body: RawSpan, caller: Caller, isRepetition: Bool) -> Disposition {
        executor.pointee.execute(
            header,
            body: body,
            caller: caller,
            instant: instant,
            isRepetition: isRepetition,
            into: &writerPlace.pointee
        )
    }

    /// Tells of a request that will be executed after the next one.
    func announce(_ header: FrameHeader, body: RawSpan) {
        executor.pointee.announce(header, body: body)
    }

    func finishAnnouncement() {
        executor.pointee.finishAnnouncement()
    }

    /// Answers a request that the connection refuses and the engine never sees.
    func refuse(_ header: FrameHeader, _ error: WireError) {
        if let kind = header.requestKind {
            counters.add(.requests(kind))
            counters.add(.errors(kind))
        }
        appendError(error, requestID: header.requestID)
    }

    /// Appends the answer to a change of keys that has its outcome.
    func appendKeyAnswer(_ job: KeyJob, requestID: UInt32) {
        executor.pointee.appendKeyAnswer(job, requestID: requestID, instant: instant, to: &writerPlace.pointee)
    }

    func appendHello(version: UInt16, requestID: UInt32, owesAuthentication: Bool) {
        executor.pointee.appendHello(
            version: version,
            requestID: requestID,
            owesAuthentication: owesAuthentication,
            instant: instant,
            to: &writerPlace.pointee
        )
    }

    func appendAuth(requestID: UInt32) {
        executor.pointee.appendAuth(requestID: requestID, instant: instant, to: &writerPlace.pointee)
    }

    func appendError(_ error: WireError, requestID: UInt32) {
        executor.pointee.appendError(error, requestID: requestID, instant: instant, to: &writerPlace.pointee)
    }

    /// Answers a request whose outcome is unknown, because the disk has failed.
    func appendStorageError(requestID: UInt32, kind: UInt8) {
        if let kind = Kind(rawValue: kind) {
            counters.add(.errors(kind))
        }
        appendError(WireError(.storage), requestID: requestID)
    }

    /// Counts somebody who was turned away, under a name for the reason, and tells the audit log.
    func callerRefused(_ refusal: HandshakeRefusal, clientID: [UInt8]? = nil, on connection: Connection) {
        counters.add(ServerCounter(refusal))
        executor.pointee.audit(.callerRefused, refusal.rawValue, clientID: clientID, peer: connection.peer)
    }

    /// The same of a peer that TLS keeps out, or that speaks TLS where nobody does.
    func callerRefused(_ refusal: TLSRefusal, peer: @autoclosure () -> String?) {
        counters.add(refusal.counter)
        if hasAudit {
            executor.pointee.audit(.callerRefused, refusal.rawValue, peer: peer())
        }
    }

    /// Counts a caller that a reload has left without its authority, and tells the audit log.
    func callerGone(_ reason: CallerLoss, _ caller: Caller, on connection: Connection) {
        counters.add(.callersGone)
        executor.pointee.audit(.callerGone, reason.rawValue, clientID: caller.clientID, peer: connection.peer)
    }
}
