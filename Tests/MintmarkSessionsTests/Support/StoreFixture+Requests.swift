import MintmarkSessions

extension SessionStore {
    func open(
        subject: String = "alice",
        audience audiences: [UInt8] = audience("https://api.example"),
        scope: String? = nil,
        claims: String? = nil,
        context: String? = nil,
        attempt: [UInt8]? = nil,
        ttl: UInt32? = nil,
        caller: SessionCaller = .client(),
        now: SessionInstant,
        grant: inout GrantBuffer,
        admit: (GrantBuffer) -> SessionRefusal? = { _ in nil }
    ) -> Outcome {
        var body = Body()
        var request = SessionOpening(subject: body.append(Array(subject.utf8)), audience: body.append(audiences))
        request.scope = scope.map { body.append(Array($0.utf8)) }
        request.claims = claims.map { body.append(Array($0.utf8)) }
        request.context = context.map { body.append(Array($0.utf8)) }
        request.attemptID = attempt.map { body.append($0) }
        request.accessTokenTTLSeconds = ttl
        let answer = open(request, in: body.bytes.span.bytes, caller: caller, now: now, grant: &grant, admit: admit)
        return Outcome(answer, grant)
    }

    func refresh(
        _ token: [UInt8],
        audience: [UInt8]? = nil,
        scope: String? = nil,
        context: String? = nil,
        ttl: UInt32? = nil,
        caller: SessionCaller = .client(),
        now: SessionInstant,
        grant: inout GrantBuffer,
        admit: (GrantBuffer) -> SessionRefusal? = { _ in nil }
    ) -> Outcome {
        var body = Body()
        var request = SessionRefresh(token: body.append(token))
        request.audience = audience.map { body.append($0) }
        request.scope = scope.map { body.append(Array($0.utf8)) }
        request.context = context.map { body.append(Array($0.utf8)) }
        request.accessTokenTTLSeconds = ttl
        let answer = refresh(request, in: body.bytes.span.bytes, caller: caller, now: now, grant: &grant, admit: admit)
        return Outcome(answer, grant)
    }
}

extension Outcome {
    fileprivate init(_ answer: SessionAnswer, _ grant: GrantBuffer) {
        switch answer {
        case .granted(let lsn): self = .granted(Granted(grant, after: lsn))
        case .refused(let rejection): self = .refused(rejection)
        case .again(let lsn): self = .again(after: lsn)
        }
    }
}

extension StoreFixture {
    func open(
        subject: String = "alice",
        scope: String? = nil,
        claims: String? = nil,
        context: String? = nil,
        attempt: [UInt8]? = nil,
        caller: SessionCaller = .client()
    ) -> Outcome {
        store.open(
            subject: subject,
            scope: scope,
            claims: claims,
            context: context,
            attempt: attempt,
            caller: caller,
            now: now,
            grant: &grant
        )
    }

    func refresh(_ token: [UInt8], context: String? = nil, caller: SessionCaller = .client()) -> Outcome {
        store.refresh(token, context: context, caller: caller, now: now, grant: &grant)
    }

    func introspect(_ token: [UInt8], caller: SessionCaller = .client()) -> SessionIntrospection {
        store.introspect(refreshToken: token.span.bytes, caller: caller, now: now, grant: &grant)
    }

    func revoke(_ aim: SessionAim) -> SessionMutation {
        store.revoke(aim, now: now) { self.clocks.wallSeconds }
    }

    func force(_ aim: SessionAim) -> SessionMutation {
        store.forceRotation(aim, now: now)
    }

    /// Whether an access token as the grant says would be refused.
    func rejects(_ granted: Granted, client: String = "local") -> Bool {
        store.rejectsAccessToken(
            subject: granted.subject.span.bytes,
            client: Array(client.utf8).span.bytes,
            sessionID: granted.sessionID,
            issuedAt: granted.issuedAt
        )
    }

    /// The session's record as it lies in the store.
    func record(_ id: SessionID) -> SessionRecord? {
        var found: SessionRecord?
        for number in 0..<store.shardCount where found == nil {
            store.copyShard(number).forEach { record in
                if record.state.id == id {
                    found = record
                }
            }
        }
        return found
    }
}
