import MintmarkCrypto
import Synchronization

/// What OPEN carries through its steps.
struct OpenCall {
    let record: SessionRecord
    let request: SessionOpening
    let caller: SessionCaller
    let now: SessionInstant
}

/// What came of opening a session. One that was opened may be answered by a refusal all the same.
private struct OpenResult {
    let answer: SessionAnswer
    let isOpened: Bool

    static func opened(_ answer: SessionAnswer) -> OpenResult {
        OpenResult(answer: answer, isOpened: true)
    }

    static func notOpened(_ refusal: SessionRefusal) -> OpenResult {
        OpenResult(answer: .refused(SessionRejection(refusal)), isOpened: false)
    }
}

extension SessionStore {
    /// OPEN.
    ///
    /// With an attempt id that is remembered, no session is opened: the answer is the session that the first call with
    /// it has opened, with its current refresh token.
    ///
    /// - Parameters:
    ///   - body: the bytes that `request` points into.
    ///   - admit: as for ``refresh(_:in:caller:now:grant:admit:)``. Asked once more when the times of the grant have
    ///     moved since, for what it makes of them; what it says then does not count.
    package func open(
        _ request: SessionOpening,
        in body: RawSpan,
        caller: SessionCaller,
        now: SessionInstant,
        grant: inout GrantBuffer,
        admit: (GrantBuffer) -> SessionRefusal? = { _ in nil }
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
        guard let attempt = request.attemptID.flatMap({ SessionID(body.extracting($0)) }) else {
            return openListed(call, &grant, admit).answer
        }
        switch attempts.begin(client: caller.clientID, attempt: attempt, atMilliseconds: now.serviceMilliseconds) {
        case .new: break
        case .pending: return .refused(SessionRejection(.busy))
        case .opened(let id, let count):
            let isExemptFromRate = count <= Self.freeRepetitionsMax
            return answerAgain(id, call, isExemptFromRate: isExemptFromRate, &grant, admit)
        case .full: return .refused(SessionRejection(.storeFull))
        }
        let result = openListed(call, &grant, admit)
        let opened = result.isOpened ? call.record.state.id : nil
        attempts.end(client: caller.clientID, attempt: attempt, opening: opened)
        return result.answer
    }

    private func newRecord(
        _ request: SessionOpening,
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
        // Under every policy: the next one may ask for it.
        if let context = request.context {
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
        _ grant: inout GrantBuffer,
        _ admit: (GrantBuffer) -> SessionRefusal?
    ) -> OpenResult {
        guard let cap = call.caller.policy.sessionsPerSubject else { return openCounted(call, &grant, admit) }
        let terms = call.record.terms
        return subjects.withList(subject: terms.subject, client: terms.client) { listed in
            if listed.count >= Int(cap.limit) {
                // Those that have died make room first.
                listed.removeAll { liveness(of: $0, now: call.now).isLive != true }
            }
            if listed.count >= Int(cap.limit), cap.rule == .reject {
                return .notOpened(.sessionCap)
            }
            let result = openCounted(call, &grant, admit)
            guard case .granted(var lsn) = result.answer else { return result }
            listed.append(call.record.state.id)
            for _ in 0..<min(max(0, listed.count - Int(cap.limit)), Self.replacedPerOpenMax) {
                // Whatever comes of it, the session that was opened stays, and the oldest is revoked in memory at least.
                switch replace(listed.removeFirst(), now: call.now) {
                case .done(let revoked): lsn = max(lsn, revoked)
                case .refused(let refusal):
                    var rejection = SessionRejection(refusal)
                    rejection.sessionID = call.record.state.id
                    rejection.hasOpened = true
                    return .opened(.refused(rejection))
                }
            }
            return .opened(.granted(after: lsn))
        }
    }

    /// More than one is replaced where the cap was lowered. A subject that has more beyond it comes down to it by and by.
    package static let replacedPerOpenMax = 16

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

    /// Opens within the bound on all sessions.
    private func openCounted(
        _ call: OpenCall,
        _ grant: inout GrantBuffer,
        _ admit: (GrantBuffer) -> SessionRefusal?
    ) -> OpenResult {
        guard recordCount.add(1, ordering: .relaxed).newValue <= limits.sessionCountMax else {
            recordCount.subtract(1, ordering: .relaxed)
            return .notOpened(.storeFull)
        }
        let answer = shard(of: call.record.state.id).withLock { insert(call, &$0, &grant, admit) }
        guard case .granted = answer else {
            recordCount.subtract(1, ordering: .relaxed)
            return OpenResult(answer: answer, isOpened: false)
        }
        grant.appendRefreshToken(codec)
        return .opened(answer)
    }

    /// The critical section.
    private func insert(
        _ call: OpenCall,
        _ shard: inout SessionShard,
        _ grant: inout GrantBuffer,
        _ admit: (GrantBuffer) -> SessionRefusal?
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
        let admittedIssuedAt = grant.issuedAtSeconds
        issue(&grant, &next.state, lifetime: lifetime, openLSN: lsn, now: call.now)
        if grant.issuedAtSeconds != admittedIssuedAt {
            // What was made of the grant tells the times of before. The session is there: nothing can refuse it now,
            // and there is no more of it than what was admitted.
            _ = admit(grant)
        }
        shard.store(next, at: place, replacing: present)
        if lsn > journal.durableLSN {
            shard.noteUnsettled(record.state.id, lsn)
        }
        return .granted(after: shard.unsettled.lsn(of: record.state.id))
    }

    /// Decides the times of the access token, on the session's side and the answer's. They stay as they are when a
    /// cut-off has already come after the session: then the token falls under it.
    private func issue(
        _ grant: inout GrantBuffer,
        _ state: inout SessionState,
        lifetime: UInt64,
        openLSN: LogSequenceNumber,
        now: SessionInstant
    ) {
        guard case .issuedAt(let issuedAt) = admission(of: grant, openLSN: openLSN, now: now) else { return }
        let expiresAt = now.accessTokenExpiry(lifetime: lifetime)
        state.accessTokenExpirySeconds = expiresAt
        grant.issue(atSeconds: issuedAt)
        grant.fill(from: state, outcome: .unchanged, expiresAtSeconds: expiresAt, now: now)
    }
}
