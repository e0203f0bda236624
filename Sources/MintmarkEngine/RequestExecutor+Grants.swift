import MintmarkSessions
import MintmarkTokens
import MintmarkWire

/// OPEN and REFRESH: the operations that give tokens of a session.
extension RequestExecutor {
    mutating func open(
        _ request: Request,
        _ body: RawSpan,
        into writer: inout FrameWriter
    ) throws(Refusal) -> Disposition {
        let fields = try asRefusal { () throws(WireError) in try OpenRequestFields(decoding: body) }
        let claims = try checkedClaims(fields.claims, in: body)
        let refusal = refusal(
            by: request.caller.permissions,
            subject: body.extracting(fields.subject),
            audiences: body.extracting(fields.audience.bytes),
            scope: body.extracting(fields.scope ?? 0..<0),
            claims: body.extracting(claims)
        )
        if let refusal {
            throw Refusal(refusal)
        }
        try checkTTL(fields.accessTokenTTLSeconds, request.caller.policy)
        var opening = SessionOpening(subject: fields.subject, audience: fields.audience.bytes)
        opening.scope = fields.scope
        opening.claims = claims.isEmpty ? nil : claims
        opening.context = fields.context
        opening.attemptID = fields.attemptID
        opening.accessTokenTTLSeconds = fields.accessTokenTTLSeconds
        let sessions = engine.sessions
        return try answer(.open, request, into: &writer) { executor, grant in
            sessions.open(
                opening,
                in: body,
                caller: request.caller.session,
                now: request.instant,
                grant: &grant,
                admit: { executor.admits($0, .open, request) }
            )
        }
    }

    mutating func refresh(
        _ request: Request,
        _ body: RawSpan,
        into writer: inout FrameWriter
    ) throws(Refusal) -> Disposition {
        let fields = try asRefusal { () throws(WireError) in try RefreshRequestFields(decoding: body) }
        var refresh = SessionRefresh(token: fields.refreshToken)
        refresh.audience = fields.audience?.bytes
        refresh.scope = fields.scope
        refresh.context = fields.context
        refresh.accessTokenTTLSeconds = fields.accessTokenTTLSeconds
        let sessions = engine.sessions
        return try answer(.refresh, request, into: &writer) { executor, grant in
            sessions.refresh(
                refresh,
                in: body,
                caller: request.caller.session,
                now: request.instant,
                grant: &grant,
                admit: { executor.admits($0, .refresh, request) }
            )
        }
    }

    /// Runs the store's part, then makes the access token outside of the store's locks.
    private mutating func answer(
        _ kind: Kind,
        _ request: Request,
        into writer: inout FrameWriter,
        _ decide: (inout RequestExecutor, inout GrantBuffer) -> SessionAnswer
    ) throws(Refusal) -> Disposition {
        // Moved out for the call, so that its claims can be written while the store holds the grant.
        var grant = GrantBuffer()
        swap(&grant, &self.grant)
        defer { swap(&grant, &self.grant) }
        admission = Admission()
        switch decide(&self, &grant) {
        case .refused(let rejection):
            if rejection.hasOpened {
                auditOpening(grant, request, refusal: rejection.refusal)
            }
            auditRejection(rejection, request)
            var refusal = Refusal(rejection)
            switch rejection.refusal {
            case .notPermitted: refusal.rule = admission.rule
            case .rateLimited: refusal.retryAfterMilliseconds = admission.retryAfterMilliseconds
            default: break
            }
            throw refusal
        case .again(let lsn):
            return .again(after: lsn)
        case .granted(let lsn):
            // The session is there, whatever becomes of its tokens.
            if kind == .open, !grant.isRepeatedOpen {
                auditOpening(grant, request)
            }
            let tokens = tokens
            try signWrittenClaims(tokens)
            try asRefusal { () throws(WireError) in try write(kind, grant, request, into: &writer) }
            rememberToken(request.instant, tokens)
            return .answered(after: lsn)
        }
    }

    /// The store's last question before it changes anything: writes the claims, and refuses what would be too long, what
    /// the caller may not do (or may no more), what there is no memory or no time for, and last what it may not do so
    /// often. So nobody is told to come again whose token is dead, or will be by then. Asked more than once for one request,
    /// it uses up the rate once.
    private mutating func admits(
        _ grant: borrowing GrantBuffer,
        _ kind: RateBudgets.Subject,
        _ request: Request
    ) -> SessionRefusal? {
        let beginning = tokens.signer.claimsBeginning
        let bytes = grant.bytes.span.bytes
        claimsWriter.write(
            beginning: beginning.span.bytes,
            subject: bytes.extracting(grant.subject),
            audiences: bytes.extracting(grant.audience),
            clientID: bytes.extracting(grant.client),
            scope: bytes.extracting(grant.scope),
            customClaims: bytes.extracting(grant.claims),
            issuedAt: grant.issuedAtSeconds,
            expiresAt: grant.expiresAtSeconds,
            sessionID: grant.sessionID.number
        )
        admission.rule = refusal(
            by: request.caller.permissions,
            subject: bytes.extracting(grant.subject),
            audiences: bytes.extracting(grant.audience),
            scope: bytes.extracting(grant.scope),
            claims: bytes.extracting(grant.claims)
        )
        guard admission.rule == nil else {
            return .notPermitted
        }
        let byteCount = tokens.signer.byteCount(of: claimsWriter)
        guard byteCount <= Limits.accessTokenLengthMax else {
            return .tokenTooLarge
        }
        // The window of a retry goes on meanwhile: refused until that is over, an honest client would be taken for a thief.
        // How many there may be is the grace's own bound.
        if kind == .refresh, grant.outcome == .sameSuccessor {
            return nil
        }
        guard !isMemoryExhausted, !mustShed else {
            counters.add(mustShed ? .shedWaiting : .shedMemory)
            return .busy
        }
        // A repeated OPEN opens no session.
        guard !admission.isGiven, !grant.isExemptFromRate else {
            return nil
        }
        admission.retryAfterMilliseconds = overdraft(kind, request.caller, request.instant)
        admission.isGiven = admission.retryAfterMilliseconds == nil
        return admission.isGiven ? nil : .rateLimited
    }

    private mutating func write(
        _ kind: Kind,
        _ grant: GrantBuffer,
        _ request: Request,
        into writer: inout FrameWriter
    ) throws(WireError) {
        let now = request.instant.wallSeconds
        // Deadlines of sessions run on store time; clients are told the same remaining time on the wall clock.
        let times = GrantTimes(
            serverTime: now,
            expiresAt: grant.expiresAtSeconds,
            refreshExpiresAt: now + UInt64(grant.refreshExpiresInSeconds),
            sessionExpiresAt: now + UInt64(grant.sessionExpiresInSeconds)
        )
        let bytes = grant.bytes.span.bytes
        let refreshToken = bytes.extracting(grant.refreshToken)
        identifier.removeAll(keepingCapacity: true)
        grant.sessionID.append(to: &identifier)
        guard kind == .refresh else {
            return try OpenResponse.write(
                requestID: request.id,
                accessToken: tokenRoom.span.bytes.extracting(first: tokenByteCount),
                refreshToken: refreshToken,
                sessionID: identifier.span.bytes,
                times: times,
                into: &writer
            )
        }
        counters.add(ServerCounter(grant.outcome))
        try RefreshResponse.write(
            requestID: request.id,
            accessToken: tokenRoom.span.bytes.extracting(first: tokenByteCount),
            refreshToken: refreshToken,
            sessionID: identifier.span.bytes,
            times: times,
            refreshOutcome: RefreshOutcome(grant.outcome),
            generation: grant.generation.number,
            into: &writer
        )
    }
}

// MARK: - From sessions to the wire

extension Refusal {
    init(_ rejection: SessionRejection) {
        self.init(rejection.refusal, lsn: rejection.after)
        reuseClass = rejection.reuse.flatMap { ReuseClass(rawValue: $0.kind.rawValue) }
    }

    init(_ refusal: SessionRefusal, lsn: LogSequenceNumber = .zero) {
        guard let status = Status(rawValue: refusal.rawValue) else {
            preconditionFailure("\(refusal) has no status")
        }
        let field: Tag? =
            switch refusal {
            case .attemptConflict: .attemptID
            case .accessTokenTTLTooLong: .accessTokenTTL
            default: nil
            }
        self.init(status, field: field, lsn: lsn)
    }
}

extension RefreshOutcome {
    init(_ outcome: RotationOutcome) {
        self =
            switch outcome {
            case .rotated: .rotated
            case .sameSuccessor: .sameSuccessor
            case .unchanged: .unchanged
            case .fastForward: .fastForward
            }
    }
}

extension ServerCounter {
    init(_ outcome: RotationOutcome) {
        self =
            switch outcome {
            case .rotated: .refreshRotated
            case .sameSuccessor: .refreshSameSuccessor
            case .unchanged: .refreshUnchanged
            case .fastForward: .refreshFastForward
            }
    }
}

extension SessionID {
    /// The 16 bytes as a big-endian number, which is how tokens carry them.
    var number: UInt128 { UInt128(high) << 64 | UInt128(low) }

    init(number: UInt128) {
        self.init(high: UInt64(truncatingIfNeeded: number >> 64), low: UInt64(truncatingIfNeeded: number))
    }
}
