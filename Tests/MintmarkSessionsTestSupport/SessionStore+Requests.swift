package import MintmarkSessions

extension SessionStore {
    package func open(
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

    package func refresh(
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
