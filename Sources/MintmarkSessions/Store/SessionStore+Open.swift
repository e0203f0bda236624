import MintmarkCrypto
import Synchronization

/// What OPEN carries through its steps.
private struct OpenCall {
    let record: SessionRecord
    let request: OpenRequest
    let caller: SessionCaller
    let now: SessionInstant
}

extension SessionStore {
    /// OPEN.
    ///
    /// With an attempt id that is remembered, no session is opened: the answer is the session that the first call with
    /// it has opened, with its current refresh token.
    ///
    /// - Parameters:
    ///   - body: the bytes that `request` points into.
    ///   - admit: as for ``refresh(_:in:caller:now:grant:admit:)``.
    package func open(
        _ request: OpenRequest,
        in body: RawSpan,
        caller: SessionCaller,
        now: SessionInstant,
        grant: inout SessionGrant,
        admit: (SessionGrant) -> SessionRefusal? = { _ in nil }
    ) -> SessionAnswer {
        if let seconds = request.accessTokenTTLSeconds, seconds > caller.policy.accessTokenTTLSeconds {
            return .refused(SessionRejection(.accessTokenTTLTooLong))
        }
        let call = OpenCall(
            record: newRecord(request, in: body, caller: caller, now: now),
            request: request,
            caller: caller,
            now: now
        )
        let id = call.record.state.id
        let attempt = request.attemptID.flatMap { SessionID(body.extracting($0)) }
        if let attempt {
            switch attempts.begin(
                client: caller.clientID,
                attempt: attempt,
                proposing: id,
                atMilliseconds: now.serviceMilliseconds
            ) {
            case .new: break
            case .known(let known): return answerAgain(known, call, &grant, admit)
            case .full: return .refused(SessionRejection(.busy))
            }
        }
        let answer = openListed(call, &grant, admit)
        if case .granted = answer {
            grant.appendRefreshToken(codec)
        } else if let attempt {
            attempts.cancel(client: caller.clientID, attempt: attempt)
        }
        return answer
    }

    private func newRecord(
        _ request: OpenRequest,
        in body: RawSpan,
        caller: SessionCaller,
        now: SessionInstant
    ) -> SessionRecord {
        let id = SessionID(random: random)
        var state = SessionState(
            opening: id,
            epoch: epochs.current,
            createdSeconds: now.storeSeconds,
            idleExpirySeconds: SessionInstant.adding(caller.policy.idleSeconds, to: now.storeSeconds),
            absoluteExpirySeconds: SessionInstant.adding(caller.policy.absoluteSeconds, to: now.storeSeconds),
            rotatedAtMilliseconds: now.serviceMilliseconds
        )
        if let context = request.context, caller.policy.context != .ignore {
            state.contextHash = ContextHash(of: body.extracting(context), in: id)
        }
        let terms = SessionTerms(
            client: caller.clientID,
            subject: [UInt8](body.extracting(request.subject)),
            audience: [UInt8](body.extracting(request.audience)),
            scope: request.scope.map { [UInt8](body.extracting($0)) } ?? [],
            claims: request.claims.map { [UInt8](body.extracting($0)) } ?? []
        )
        return SessionRecord(state: state, terms: terms)
    }

    /// Opens within the cap on the subject's sessions, if there is one.
    private func openListed(
        _ call: OpenCall,
        _ grant: inout SessionGrant,
        _ admit: (SessionGrant) -> SessionRefusal?
    ) -> SessionAnswer {
        guard let cap = call.caller.policy.sessionsPerSubject else { return openCounted(call, &grant, admit) }
        let id = call.record.state.id
        let subject = call.record.terms.subject
        let client = call.record.terms.client
        let entry = list(call, cap)
        if case .full = entry {
            return .refused(SessionRejection(.sessionCap))
        }
        let answer = openCounted(call, &grant, admit)
        guard case .granted(let lsn) = answer else {
            subjects.remove(id, subject: subject, client: client)
            if case .replaced(let oldest) = entry {
                subjects.restore(oldest, subject: subject, client: client)
            }
            return answer
        }
        guard case .replaced(let oldest) = entry else { return answer }
        switch replace(oldest, now: call.now) {
        case .done(let revoked): return .granted(after: max(lsn, revoked))
        case .refused(let refusal): return .refused(SessionRejection(refusal))
        }
    }

    /// Lists the session among its subject's; those that have died make room first.
    private func list(_ call: OpenCall, _ cap: SubjectCap) -> SubjectSessions.Entry {
        let id = call.record.state.id
        let subject = call.record.terms.subject
        let client = call.record.terms.client
        let entry = subjects.add(id, subject: subject, client: client, cap: cap, mayReplace: false)
        guard case .full(let listed) = entry else { return entry }
        for other in listed where !liveness(of: other, now: call.now).isLive {
            subjects.remove(other, subject: subject, client: client)
        }
        return subjects.add(id, subject: subject, client: client, cap: cap, mayReplace: cap.rule == .oldestOut)
    }

    /// Opens within the bound on all sessions.
    private func openCounted(
        _ call: OpenCall,
        _ grant: inout SessionGrant,
        _ admit: (SessionGrant) -> SessionRefusal?
    ) -> SessionAnswer {
        guard recordCount.add(1, ordering: .relaxed).newValue <= limits.sessionCountMax else {
            recordCount.subtract(1, ordering: .relaxed)
            return .refused(SessionRejection(.storeFull))
        }
        let answer = shard(of: call.record.state.id).withLock { insert(call, &$0, &grant, admit) }
        if case .granted = answer {
            return answer
        }
        recordCount.subtract(1, ordering: .relaxed)
        return answer
    }

    /// The critical section.
    private func insert(
        _ call: OpenCall,
        _ shard: inout SessionShard,
        _ grant: inout SessionGrant,
        _ admit: (SessionGrant) -> SessionRefusal?
    ) -> SessionAnswer {
        var record = call.record
        grant.fill(from: record)
        let lifetime = accessTokenTTLSeconds(asked: call.request.accessTokenTTLSeconds, policy: call.caller.policy)
        issue(&grant, &record.state, lifetime: lifetime, openLSN: .max, now: call.now)
        if let refusal = admit(grant) {
            return .refused(SessionRejection(refusal))
        }
        guard journal.isWritable else { return .refused(SessionRejection(.storage)) }
        // The number has to be in the record, and the record in a slot, before anything can be journaled; a session
        // whose event is not journaled is taken out again.
        guard shard.find(record.state.id) == nil, shard.insert(record) else {
            return .refused(SessionRejection(.storeFull))
        }
        guard let place = shard.find(record.state.id), let present = shard.load(at: place) else {
            preconditionFailure("a session just inserted is not there")
        }
        guard let lsn = shard.append(.opened(record), to: journal) else {
            shard.remove(present, at: place)
            return .refused(SessionRejection(.storage))
        }
        var next = present
        next.state.openLSN = lsn
        // Once more: a cut-off may have come before this event, and the access token must not fall under it.
        issue(&grant, &next.state, lifetime: lifetime, openLSN: lsn, now: call.now)
        shard.store(next, at: place, replacing: present)
        if lsn > journal.durableLSN {
            shard.noteUnsettled(record.state.id, lsn)
        }
        return .granted(after: shard.unsettled.lsn(of: record.state.id))
    }

    /// Decides the times of the access token, on the session's side and the answer's. They stay as they are when a
    /// cut-off has already come after the session: then the token falls under it.
    private func issue(
        _ grant: inout SessionGrant,
        _ state: inout SessionState,
        lifetime: UInt64,
        openLSN: LogSequenceNumber,
        now: SessionInstant
    ) {
        guard case .issuedAt(let issuedAt) = admission(of: grant, openLSN: openLSN, now: now) else { return }
        let expiresAt = SessionInstant.adding(lifetime, to: issuedAt)
        state.accessTokenExpirySeconds = expiresAt
        grant.issue(atSeconds: issuedAt)
        grant.fill(from: state, outcome: .unchanged, expiresAtSeconds: expiresAt, now: now)
    }
}

// MARK: The same attempt again

extension SessionStore {
    /// Answers an OPEN whose attempt id is remembered with the session it opened: its current refresh token and a new
    /// access token. Nothing rotates, no expiry moves.
    private func answerAgain(
        _ id: SessionID,
        _ call: OpenCall,
        _ grant: inout SessionGrant,
        _ admit: (SessionGrant) -> SessionRefusal?
    ) -> SessionAnswer {
        let answer = shard(of: id).withLock { shard -> SessionAnswer in
            // The first call may be just before its critical section.
            guard let place = shard.find(id), let session = shard.load(at: place) else {
                return .refused(SessionRejection(.busy))
            }
            return answerAgain(session, at: place, call, &shard, &grant, admit)
        }
        if case .granted = answer {
            grant.appendRefreshToken(codec)
        }
        return answer
    }

    private func answerAgain(
        _ session: PackedSession,
        at place: Int,
        _ call: OpenCall,
        _ shard: inout SessionShard,
        _ grant: inout SessionGrant,
        _ admit: (SessionGrant) -> SessionRefusal?
    ) -> SessionAnswer {
        grant.fill(from: shard, session, at: place)
        guard grant.isSubject(call.record.terms.subject) else { return .refused(SessionRejection(.attemptConflict)) }
        let admission = admission(of: grant, openLSN: session.state.openLSN, now: call.now)
        if case .cutOff(let lsn) = admission {
            return .refused(rejection(.revoked, of: session, shard, after: lsn))
        }
        guard case .issuedAt(let issuedAt) = admission, session.state.revocation == nil else {
            return .refused(rejection(.revoked, of: session, shard))
        }
        guard call.now.storeSeconds < session.state.expirySeconds else {
            return .refused(rejection(.expired, of: session, shard))
        }
        let lifetime = accessTokenTTLSeconds(asked: call.request.accessTokenTTLSeconds, policy: call.caller.policy)
        var next = session
        let expiresAt = SessionInstant.adding(lifetime, to: issuedAt)
        next.state.accessTokenExpirySeconds = max(next.state.accessTokenExpirySeconds, expiresAt)
        grant.issue(atSeconds: issuedAt)
        grant.fill(from: next.state, outcome: .unchanged, expiresAtSeconds: expiresAt, now: call.now)
        guard codec.canEncode(epoch: next.state.current.epoch) else {
            return .refused(rejection(.invalid, of: session, shard))
        }
        if let refusal = admit(grant) {
            return .refused(rejection(refusal, of: session, shard))
        }
        shard.store(next, at: place, replacing: session)
        return .granted(after: shard.unsettled.lsn(of: session.state.id))
    }

    /// Revokes the oldest session of a subject in favour of one that was opened.
    private func replace(_ id: SessionID, now: SessionInstant) -> SessionMutation {
        shard(of: id).withLock { shard in
            guard let place = shard.find(id), let session = shard.load(at: place) else { return .done(.zero) }
            if let refusal = revoke(session, at: place, .replaced, &shard, now: now) {
                return .refused(refusal)
            }
            return .done(shard.unsettled.lsn(of: id))
        }
    }
}
