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
        let mutation: SessionMutation
        switch fields.target {
        case .refreshToken(let range):
            mutation = try revoke(refreshToken: body.extracting(range), fields.target, request, body)
        case .sessionID(let range):
            let aim = try aim(at: body.extracting(range))
            if case .session(let id) = aim, !request.caller.permissions.isAdministrator {
                mutation = try revokeOwn(id, fields.target, request, body)
            } else {
                mutation = try revoke(aim, fields.target, request, body)
            }
        case .subject(let range):
            let subject = bytes(body.extracting(range))
            mutation = try revoke(.everything(of: .subject(subject)), fields.target, request, body)
        case .clientID(let range):
            let clientID = bytes(body.extracting(range))
            mutation = try revoke(.everything(of: .client(clientID)), fields.target, request, body)
        case .all:
            mutation = try revoke(.everything(of: .all), fields.target, request, body)
        }
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
        let aim: SessionAim =
            switch fields.target {
            case .sessionID(let range): try aim(at: body.extracting(range))
            case .subject(let range): .everything(of: .subject(bytes(body.extracting(range))))
            case .clientID(let range): .everything(of: .client(bytes(body.extracting(range))))
            case .all: .everything(of: .all)
            }
        try takeRate(.administration, request)
        try requireAudit(for: .forceRotation, request) { $0.note(fields.target, in: body) }
        let mutation = engine.sessions.forceRotation(aim, now: request.instant)
        audit(.rotationForced, request) { event in
            event.note(fields.target, in: body)
            event.note(mutation)
        }
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
        try takeRate(.administration, request)
        try requireAudit(for: .snapshot, request)
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
        case .inactive(.storage, _):
            throw Refusal(.storage)
        case .inactive(let refusal, let lsn):
            if refusal == .clientMismatch {
                let refreshToken = body.extracting(fields.refreshToken)
                auditForeignToken(of: engine.sessions.sessionID(ofRefreshToken: refreshToken), .introspect, request)
            }
            let status = Refusal(refusal).error.status
            counters.add(.status(status))
            counters.add(.introspectInactive)
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

    /// A caller's own session; an administrator may have found the token anywhere.
    private mutating func revoke(
        refreshToken: RawSpan,
        _ target: RevokeRequestFields.Target,
        _ request: Request,
        _ body: RawSpan
    ) throws(Refusal) -> SessionMutation {
        guard let id = engine.sessions.sessionID(ofRefreshToken: refreshToken) else {
            // None of this server's is success (RFC 7009 section 2.2).
            try takeRate(.revoke, request)
            return .done(.zero)
        }
        let mutation = try revokeOwn(id, target, request, body)
        guard case .refused(.clientMismatch) = mutation else {
            return mutation
        }
        guard request.caller.permissions.isAdministrator else {
            auditForeignToken(of: id, .revoke, request)
            return mutation
        }
        return try revoke(.session(id), target, request, body)
    }

    /// What an administrator revokes: whatever it aims at.
    private mutating func revoke(
        _ aim: SessionAim,
        _ target: RevokeRequestFields.Target,
        _ request: Request,
        _ body: RawSpan
    ) throws(Refusal) -> SessionMutation {
        try requireAdministrator(request)
        try takeRate(.revoke, request)
        try requireAudit(for: .revoke, request) { event in
            event.note(target, in: body)
            event.note(aim)
        }
        let wallSeconds = engine.settings.wallSeconds
        let mutation = engine.sessions.revoke(aim, now: request.instant, readingWallSeconds: wallSeconds)
        audit(.revoked, request) { event in
            event.note(target, in: body)
            event.note(aim)
            event.note(mutation)
        }
        return mutation
    }

    /// What anybody revokes: one session of its own. The rate is asked before the session changes, and where there is
    /// nothing to change. What changes nothing is no event.
    private mutating func revokeOwn(
        _ id: SessionID,
        _ target: RevokeRequestFields.Target,
        _ request: Request,
        _ body: RawSpan
    ) throws(Refusal) -> SessionMutation {
        var isAsked = false
        var retryAfterMilliseconds: UInt32?
        let sessions = engine.sessions
        let mutation = sessions.revoke(id, caller: request.caller.session, now: request.instant) {
            isAsked = true
            retryAfterMilliseconds = overdraft(.revoke, request.caller, request.instant)
            return retryAfterMilliseconds == nil ? nil : .rateLimited
        }
        if let retryAfterMilliseconds {
            throw Refusal(retryAfterMilliseconds: retryAfterMilliseconds)
        }
        if isAsked {
            audit(.revoked, request) { event in
                event.isByAdministrator = false
                event.note(target, in: body)
                event.sessionID = id
                event.note(mutation)
            }
        } else if case .done = mutation {
            try takeRate(.revoke, request)
        }
        return mutation
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
