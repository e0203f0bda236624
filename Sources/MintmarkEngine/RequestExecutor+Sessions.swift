import MintmarkSessions
import MintmarkTokens
import MintmarkWire

/// REVOKE, INTROSPECT, FORCE_ROTATION and SNAPSHOT: the operations on sessions that give no tokens.
extension RequestExecutor {
    mutating func revoke(
        _ request: Request,
        _ body: RawSpan,
        into writer: inout FrameWriter
    ) throws(Refusal) -> Disposition {
        let fields = try asRefusal { () throws(WireError) in try RevokeRequestFields(decoding: body) }
        if fields.target.isAdministrative {
            try requireAdministrator(request)
            try requireAudit(for: .revoke, request)
        }
        try takeRate(.revoke, request)
        let mutation: SessionMutation
        switch fields.target {
        case .refreshToken(let range):
            mutation = engine.sessions.revoke(
                refreshToken: body.extracting(range),
                caller: request.caller.session,
                now: request.instant
            )
        case .sessionID(let range):
            mutation = try revoke(sessionID: body.extracting(range), request)
        case .subject(let range):
            mutation = revoke(.everything(of: .subject(bytes(body.extracting(range)))), request)
        case .clientID(let range):
            mutation = revoke(.everything(of: .client(bytes(body.extracting(range)))), request)
        case .all:
            mutation = revoke(.everything(of: .all), request)
        }
        audit(.revoked, request) { $0.note(fields.target, mutation, in: body) }
        let lsn = try number(of: mutation)
        try asRefusal { () throws(WireError) in
            let response = RevokeResponse(serverTime: request.instant.wallSeconds)
            try response.encode(requestID: request.id, into: &writer)
        }
        return .answered(after: lsn)
    }

    mutating func forceRotation(
        _ request: Request,
        _ body: RawSpan,
        into writer: inout FrameWriter
    ) throws(Refusal) -> Disposition {
        let fields = try asRefusal { () throws(WireError) in try ForceRotationRequestFields(decoding: body) }
        try requireAudit(for: .forceRotation, request)
        let aim: SessionAim =
            switch fields.target {
            case .sessionID(let range): try aim(at: body.extracting(range))
            case .subject(let range): .everything(of: .subject(bytes(body.extracting(range))))
            case .clientID(let range): .everything(of: .client(bytes(body.extracting(range))))
            case .all: .everything(of: .all)
            }
        try takeRate(.administration, request)
        let mutation = engine.sessions.forceRotation(aim, now: request.instant)
        audit(.rotationForced, request) { $0.note(fields.target, mutation, in: body) }
        let lsn = try number(of: mutation)
        try asRefusal { () throws(WireError) in
            let response = ForceRotationResponse(serverTime: request.instant.wallSeconds)
            try response.encode(requestID: request.id, into: &writer)
        }
        return .answered(after: lsn)
    }

    mutating func snapshot(
        _ request: Request,
        _ body: RawSpan,
        into writer: inout FrameWriter
    ) throws(Refusal) -> Disposition {
        _ = try asRefusal { () throws(WireError) in try SnapshotRequest(decoding: body) }
        guard let snapshots = engine.snapshots else {
            throw Refusal(.notConfigured)
        }
        try requireAudit(for: .snapshot, request)
        try takeRate(.administration, request)
        let number = snapshots.request()
        audit(.snapshotRequested, request)
        try asRefusal { () throws(WireError) in
            let response = SnapshotResponse(serverTime: request.instant.wallSeconds)
            try response.encode(requestID: request.id, into: &writer)
        }
        return .awaitingSnapshot(number)
    }

    mutating func introspect(
        _ request: Request,
        _ body: RawSpan,
        into writer: inout FrameWriter
    ) throws(Refusal) -> Disposition {
        let fields = try asRefusal { () throws(WireError) in try IntrospectRequestFields(decoding: body) }
        let introspection = engine.sessions.introspect(
            refreshToken: body.extracting(fields.refreshToken),
            caller: request.caller.session,
            now: request.instant,
            grant: &grant
        )
        let response: IntrospectResponse
        let after: LogSequenceNumber
        switch introspection {
        case .active(let lsn):
            try takeRate(.introspect, request)
            response = activeIntrospection(request)
            after = lsn
        case .inactive(let refusal, let lsn):
            let status = Refusal(refusal).error.status
            counters.add(.status(status))
            response = IntrospectResponse(
                serverTime: request.instant.wallSeconds,
                isActive: false,
                reason: StatusCode(status)
            )
            after = lsn
        }
        try asRefusal { () throws(WireError) in try response.encode(requestID: request.id, into: &writer) }
        return .answered(after: after)
    }

    /// Revokes one session: any for an administrator, else the caller's own.
    private func revoke(sessionID: RawSpan, _ request: Request) throws(Refusal) -> SessionMutation {
        let aim = try aim(at: sessionID)
        guard case .session(let id) = aim, !request.caller.permissions.isAdministrator else {
            return revoke(aim, request)
        }
        return engine.sessions.revoke(id, caller: request.caller.session, now: request.instant)
    }

    private func revoke(_ aim: SessionAim, _ request: Request) -> SessionMutation {
        let wallSeconds = engine.settings.wallSeconds
        return engine.sessions.revoke(aim, now: request.instant, readingWallSeconds: wallSeconds)
    }

    /// The session with these 16 bytes, whose number was checked with the field.
    private func aim(at identifier: RawSpan) throws(Refusal) -> SessionAim {
        guard let id = SessionID(identifier) else {
            throw Refusal(.fieldSize, field: .sessionID)
        }
        return .session(id)
    }

    private func number(of mutation: SessionMutation) throws(Refusal) -> LogSequenceNumber {
        switch mutation {
        case .done(let lsn): lsn
        case .refused(let refusal): throw Refusal(refusal)
        }
    }

    private func bytes(_ span: RawSpan) -> [UInt8] {
        span.withUnsafeBytes { Array($0) }
    }

    /// What the grant says that the store has just filled.
    private func activeIntrospection(_ request: Request) -> IntrospectResponse {
        let now = request.instant.wallSeconds
        var identifier: [UInt8] = []
        grant.sessionID.append(to: &identifier)
        return IntrospectResponse(
            serverTime: now,
            claims: grant.claims.isEmpty ? nil : Array(grant.bytes[grant.claims]),
            subject: text(grant.subject),
            audience: audiences(grant.audience),
            scope: grant.scope.isEmpty ? nil : text(grant.scope),
            isActive: true,
            sessionID: identifier,
            clientID: text(grant.client),
            refreshExpiresAt: now + UInt64(grant.refreshExpiresInSeconds),
            refreshExpiresInSeconds: grant.refreshExpiresInSeconds,
            sessionExpiresAt: now + UInt64(grant.sessionExpiresInSeconds),
            sessionExpiresInSeconds: grant.sessionExpiresInSeconds,
            refreshOutcome: RefreshOutcome(grant.outcome),
            generation: grant.generation.number,
            createdAt: grant.createdSeconds,
            lastUsedAt: grant.lastUsedSeconds
        )
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: grant.bytes[range], as: UTF8.self)
    }

    private func audiences(_ range: Range<Int>) -> [String] {
        let list = Array(grant.bytes[range])
        var audiences: [String] = []
        var offset = 0
        while let item = AudienceList.item(at: offset, in: list.span.bytes) {
            audiences.append(String(decoding: list[item], as: UTF8.self))
            offset = item.upperBound
        }
        return audiences
    }
}

extension RevokeRequestFields.Target {
    /// Whether it reaches beyond one session.
    fileprivate var isAdministrative: Bool {
        switch self {
        case .refreshToken, .sessionID: false
        case .subject, .clientID, .all: true
        }
    }
}
