import MintmarkSessions
import MintmarkWire

/// What the operations tell the audit log.
extension RequestExecutor {
    /// Records what a caller did, or tried to. Nothing is made where there is no audit log.
    func audit(
        _ name: AuditEvent.Name,
        _ request: Request,
        _ fill: (inout AuditEvent) -> Void = { _ in }
    ) {
        guard let audit = engine.audit else {
            return
        }
        var event = AuditEvent(name)
        event.clientID = request.caller.clientID
        event.peer = peer
        event.isByAdministrator = request.caller.permissions.isAdministrator
        fill(&event)
        audit.record(event)
    }

    /// Administrative operations fail closed: what the audit log does not hold already is not done. So this is asked
    /// when nothing else can refuse the operation, and waits for the disk.
    mutating func requireAudit(
        for kind: Kind,
        _ request: Request,
        _ fill: (inout AuditEvent) -> Void = { _ in }
    ) throws(Refusal) {
        guard let audit = engine.audit else {
            return
        }
        hasWaitedForAudit = true
        var event = AuditEvent(.operationBegun)
        event.clientID = request.caller.clientID
        event.peer = peer
        event.isByAdministrator = true
        event.facts = [AuditEvent.Fact("operation", kind.name)]
        fill(&event)
        guard !audit.isWritable || !audit.commit(event) else {
            return
        }
        self.audit(.operationRefused, request) { event in
            event.reason = Status.audit.name
            event.facts = [AuditEvent.Fact("operation", kind.name)]
        }
        throw Refusal(.audit)
    }

    /// A permission refused an operation.
    func auditRefusal(by rule: PermissionRule, _ header: FrameHeader, _ request: Request) {
        audit(.operationRefused, request) { event in
            event.reason = rule.rawValue
            event.facts = [AuditEvent.Fact("operation", header.requestKind?.name ?? "-")]
        }
    }

    /// Records what befell a caller, or somebody who would have been one, outside of any request.
    ///
    /// - Parameter clientID: who it is, or said to be, where it said so.
    package func audit(_ name: AuditEvent.Name, _ reason: String, clientID: [UInt8]? = nil, peer: String?) {
        guard let audit = engine.audit else {
            return
        }
        var event = AuditEvent(name)
        event.clientID = clientID
        event.peer = peer
        event.reason = reason
        audit.record(event)
    }

    /// OPEN made a session.
    ///
    /// - Parameter refusal: what it is answered all the same.
    func auditOpening(_ grant: borrowing GrantBuffer, _ request: Request, refusal: SessionRefusal? = nil) {
        guard engine.audit != nil else {
            return
        }
        let (sessionID, subject) = (grant.sessionID, Array(grant.bytes[grant.subject]))
        audit(.sessionOpened, request) { event in
            event.sessionID = sessionID
            event.subject = subject
            event.reason = refusal.map { Refusal($0).error.status.name }
        }
    }

    /// A REFRESH was refused: tells when that has revoked its session, or when the token was another client's.
    func auditRejection(_ rejection: SessionRejection, _ request: Request) {
        if let reuse = rejection.reuse {
            audit(.refreshTokenReused, request) { event in
                event.sessionID = rejection.sessionID
                event.reason = reuse.kind.name
                event.facts = [AuditEvent.Fact("milliseconds_since_rotation", reuse.millisecondsSinceRotation)]
            }
        } else if rejection.hasRevokedForeign {
            audit(.refreshTokenForeign, request) { event in
                event.sessionID = rejection.sessionID
                event.reason = Status.clientMismatch.name
            }
        } else if rejection.refusal == .clientMismatch {
            auditForeignToken(of: rejection.sessionID, .refresh, request)
        }
    }

    /// An operation was refused because its refresh token is another client's, whose session lives on.
    func auditForeignToken(of sessionID: SessionID?, _ kind: Kind, _ request: Request) {
        audit(.operationRefused, request) { event in
            event.sessionID = sessionID
            event.reason = Status.clientMismatch.name
            event.facts = [AuditEvent.Fact("operation", kind.name)]
        }
    }
}

extension AuditEvent {
    /// Notes what REVOKE aims at.
    mutating func note(_ target: RevokeRequestFields.Target, in body: RawSpan) {
        switch target {
        case .refreshToken: note(target: "refresh_token")
        case .sessionID(let range): note(sessionID: body.extracting(range))
        case .subject(let range): note(subject: body.extracting(range))
        case .clientID(let range): note(clientID: body.extracting(range))
        case .all: note(target: "all")
        }
    }

    /// Notes what FORCE_ROTATION aims at.
    mutating func note(_ target: ForceRotationRequestFields.Target, in body: RawSpan) {
        switch target {
        case .sessionID(let range): note(sessionID: body.extracting(range))
        case .subject(let range): note(subject: body.extracting(range))
        case .clientID(let range): note(clientID: body.extracting(range))
        case .all: note(target: "all")
        }
    }

    /// Notes which session it is, if it is one, however the request names it.
    mutating func note(_ aim: SessionAim) {
        if case .session(let id) = aim {
            sessionID = id
        }
    }

    /// Notes what came of it. What was refused may hold in memory all the same; the reason tells.
    mutating func note(_ mutation: SessionMutation) {
        if case .refused(let refusal) = mutation {
            reason = Refusal(refusal).error.status.name
        }
    }

    /// Notes what a change of keys is about.
    mutating func note(_ command: KeyCommand) {
        switch command {
        case .prepare: break
        case .activate(let keyID, _), .revoke(let keyID):
            facts.append(Fact("key", String(decoding: keyID, as: UTF8.self)))
        case .importFile(let file): facts.append(Fact("file", file))
        }
    }

    private mutating func note(target: String) {
        facts.append(Fact("target", target))
    }

    private mutating func note(sessionID: RawSpan) {
        note(target: "session_id")
        self.sessionID = SessionID(sessionID)
    }

    private mutating func note(subject: RawSpan) {
        note(target: "subject")
        self.subject = subject.withUnsafeBytes { Array($0) }
    }

    private mutating func note(clientID: RawSpan) {
        note(target: "client_id")
        facts.append(Fact("target_client", clientID.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }))
    }
}

extension ReuseKind {
    /// As the protocol's table of fields names it.
    fileprivate var name: String {
        switch self {
        case .previousAfterWindow: "previous_after_window"
        case .olderGeneration: "older_generation"
        case .olderEpoch: "older_epoch"
        }
    }
}
