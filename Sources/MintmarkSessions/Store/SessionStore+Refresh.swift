import MintmarkCrypto

/// What REFRESH brings to its critical section.
private struct RefreshCall {
    let token: RefreshToken
    let request: SessionRefresh
    let contextHash: ContextHash?
    let caller: SessionCaller
    let now: SessionInstant
}

/// What the critical section has found out: everything that the decision was made on, and the decision.
private struct RefreshFinding {
    let session: PackedSession
    let place: Int
    let facts: RefreshFacts
    let surroundings: RefreshSurroundings
    let decision: RefreshDecision
}

private enum RefreshStep {
    case answered(SessionAnswer)
    case takeEpoch(above: StoreEpoch)
}

extension SessionStore {
    /// REFRESH.
    ///
    /// On success `grant` holds what the answer is made of; else its content is unspecified.
    ///
    /// - Parameters:
    ///   - body: the bytes that `request` points into.
    ///   - admit: the last check before anything changes, on the grant as it would be (without the refresh token):
    ///     permission, size of the answer, a signing key at hand. Runs in the critical section: it must be quick and
    ///     must not call the store.
    package func refresh(
        _ request: SessionRefresh,
        in body: RawSpan,
        caller: SessionCaller,
        now: SessionInstant,
        grant: inout GrantBuffer,
        admit: (GrantBuffer) -> SessionRefusal? = { _ in nil }
    ) -> SessionAnswer {
        guard let token = codec.decode(body.extracting(request.token)) else {
            return .refused(SessionRejection(.invalid))
        }
        let call = RefreshCall(
            token: token,
            request: request,
            contextHash: request.context.map { ContextHash(of: body.extracting($0), in: token.sessionID) },
            caller: caller,
            now: now
        )
        let box = shard(of: token.sessionID)
        while true {
            switch box.withLock({ step(call, in: body, &$0, &grant, admit) }) {
            case .answered(let answer):
                if case .granted = answer {
                    grant.appendRefreshToken(codec)
                }
                return answer
            case .takeEpoch(let above):
                let lsn = epochs.take(above: above, wallSeconds: now.wallSeconds, random: random, journal: journal)
                guard let lsn else { return .refused(SessionRejection(.storage)) }
                guard epochs.current > above else { return .again(after: lsn) }
            }
        }
    }

    /// The critical section.
    private func step(
        _ call: RefreshCall,
        in body: RawSpan,
        _ shard: inout SessionShard,
        _ grant: inout GrantBuffer,
        _ admit: (GrantBuffer) -> SessionRefusal?
    ) -> RefreshStep {
        shard.settle(upTo: journal.durableLSN, atMilliseconds: call.now.serviceMilliseconds)
        guard let place = shard.find(call.token.sessionID), var session = shard.load(at: place) else {
            return .answered(.refused(SessionRejection(.unknown)))
        }
        if session.isRevocationHeld {
            journalHeldRevocation(of: &session, at: place, &shard, now: call.now)
        }
        grant.fill(from: shard, session, at: place)
        let admission = admission(of: grant, openLSN: session.state.openLSN, now: call.now)
        let surroundings = surroundings(of: session, grant, cutOffLSN: admission.cutOffLSN)
        let facts = facts(of: call, in: body, grant)
        let decision = RefreshDecision.decide(
            on: call.token.generation,
            session: session.state,
            facts: facts,
            policy: call.caller.policy,
            surroundings: surroundings,
            now: call.now
        )
        let finding = RefreshFinding(
            session: session,
            place: place,
            facts: facts,
            surroundings: surroundings,
            decision: decision
        )
        switch admission {
        case .cutOff(let lsn):
            return .answered(.refused(rejection(.revoked, of: session, shard, after: lsn)))
        case .issuedAt(let issuedAt):
            grant.issue(atSeconds: issuedAt)
            return carryOut(finding, call, in: body, &shard, &grant, admit)
        }
    }

    private func carryOut(
        _ finding: RefreshFinding,
        _ call: RefreshCall,
        in body: RawSpan,
        _ shard: inout SessionShard,
        _ grant: inout GrantBuffer,
        _ admit: (GrantBuffer) -> SessionRefusal?
    ) -> RefreshStep {
        let session = finding.session
        switch finding.decision {
        case .takeEpoch(let above):
            return .takeEpoch(above: above)
        case .refuse(let refusal):
            return .answered(.refused(rejection(refusal, of: session, shard)))
        case .reuse(let kind):
            let refusal = revoke(session, at: finding.place, .reuse, &shard, now: call.now) ?? .reused
            var rejection = rejection(refusal, of: session, shard)
            let elapsed = call.now.serviceMilliseconds.subtractingOrZero(session.state.rotatedAtMilliseconds)
            rejection.reuse = ReuseReport(kind: kind, millisecondsSinceRotation: elapsed)
            return .answered(.refused(rejection))
        case .revokeForeign:
            let failure = revoke(session, at: finding.place, .clientMismatch, &shard, now: call.now)
            var rejection = rejection(failure ?? .clientMismatch, of: session, shard)
            // Where the journal failed, in memory at least.
            rejection.hasRevokedForeign = true
            return .answered(.refused(rejection))
        case .rotate, .fastForward, .repeatSuccessor, .keep:
            grant.narrow(audience: call.request.audience, scope: call.request.scope, in: body)
            return .answered(accept(finding, call, &shard, &grant, admit))
        }
    }

    private func facts(of call: RefreshCall, in body: RawSpan, _ grant: GrantBuffer) -> RefreshFacts {
        let bytes = grant.bytes.span.bytes
        var facts = RefreshFacts()
        facts.isOwnClient = grant.isClient(call.caller.clientID)
        if !facts.isOwnClient, !call.caller.revokingOwners.isEmpty {
            facts.ownerRevokes = call.caller.revokingOwners.contains(Array(grant.bytes[grant.client]))
        }
        facts.contextHash = call.contextHash
        facts.accessTokenTTLSeconds = call.request.accessTokenTTLSeconds
        if let audience = call.request.audience {
            facts.isWithinTerms = SessionAudience.isPart(
                body.extracting(audience),
                of: bytes.extracting(grant.audience)
            )
        }
        if let scope = call.request.scope {
            let isPart = ScopeList.isPart(body.extracting(scope), of: bytes.extracting(grant.scope))
            facts.isWithinTerms = facts.isWithinTerms && isPart
        }
        return facts
    }

    /// The last checks; then the event, and the change that it says.
    private func accept(
        _ finding: RefreshFinding,
        _ call: RefreshCall,
        _ shard: inout SessionShard,
        _ grant: inout GrantBuffer,
        _ admit: (GrantBuffer) -> SessionRefusal?
    ) -> SessionAnswer {
        let policy = call.caller.policy
        let lifetime = accessTokenTTLSeconds(asked: finding.facts.accessTokenTTLSeconds, policy: policy)
        let expiresAt = call.now.accessTokenExpiry(lifetime: lifetime)
        let change = finding.decision.change(
            on: call.token.generation,
            session: finding.session.state,
            facts: finding.facts,
            policy: policy,
            surroundings: finding.surroundings,
            accessTokenExpirySeconds: expiresAt,
            now: call.now
        )
        var next = finding.session
        if let change {
            next.state.apply(change, at: .zero)
        }
        next.state.accessTokenExpirySeconds = max(next.state.accessTokenExpirySeconds, expiresAt)
        if finding.decision.isUseOfCurrent {
            next.isTouched = true
            next.state.lastUsedSeconds = max(next.state.lastUsedSeconds, call.now.storeSeconds)
        }
        grant.fill(from: next.state, outcome: finding.decision.outcome, expiresAtSeconds: expiresAt, now: call.now)
        guard codec.canEncode(epoch: next.state.current.epoch) else {
            return .refused(rejection(.invalid, of: finding.session, shard))
        }
        if let refusal = admit(grant) {
            return .refused(rejection(refusal, of: finding.session, shard))
        }
        return commit(change, next, finding, &shard, now: call.now)
    }

    /// Journals and changes. Whatever fails here has changed nothing.
    private func commit(
        _ change: SessionChange?,
        _ next: PackedSession,
        _ finding: RefreshFinding,
        _ shard: inout SessionShard,
        now: SessionInstant
    ) -> SessionAnswer {
        let present = finding.session
        guard journal.isWritable else { return .refused(rejection(.storage, of: present, shard)) }
        guard let reservation = shard.reserve(for: next, at: finding.place, replacing: present) else {
            return .refused(rejection(.storeFull, of: present, shard))
        }
        var next = next
        if let change {
            guard let lsn = shard.append(.changed(next.state.id, change), to: journal) else {
                shard.cancel(reservation)
                return .refused(rejection(.storage, of: present, shard))
            }
            settle(change, lsn, &next.state, at: finding.place, &shard, now: now)
        }
        shard.store(next, at: finding.place, replacing: present, in: reservation)
        return .granted(after: shard.unsettled.lsn(of: next.state.id))
    }

    /// Notes what answers have to wait for, or that there is nothing to wait for.
    private func settle(
        _ change: SessionChange,
        _ lsn: LogSequenceNumber,
        _ state: inout SessionState,
        at place: Int,
        _ shard: inout SessionShard,
        now: SessionInstant
    ) {
        let isDurable = lsn <= journal.durableLSN
        switch change {
        case .rotated(let rotation):
            if isDurable {
                state.released(atMilliseconds: now.serviceMilliseconds)
            } else {
                shard.noteUnsettled(state.id, lsn, rotation: .init(current: rotation.current, place: place))
            }
        case .touched, .revoked, .forced:
            if !isDurable {
                shard.noteUnsettled(state.id, lsn)
            }
        case .graced:
            // The answer waits for the rotation that it discloses, not for its own count.
            break
        }
    }
}

extension RefreshDecision {
    /// Whether the session's current token, or one that becomes it, was used.
    fileprivate var isUseOfCurrent: Bool {
        switch self {
        case .rotate, .fastForward, .keep: true
        case .repeatSuccessor, .takeEpoch, .refuse, .reuse, .revokeForeign: false
        }
    }

    /// Of a decision that grants.
    var outcome: RotationOutcome {
        switch self {
        case .rotate: .rotated
        case .fastForward: .fastForward
        case .repeatSuccessor: .sameSuccessor
        case .keep: .unchanged
        case .takeEpoch, .refuse, .reuse, .revokeForeign:
            preconditionFailure("\(self) grants nothing")
        }
    }
}
