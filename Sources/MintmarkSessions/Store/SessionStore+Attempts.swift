extension SessionStore {
    /// So many repetitions of an OPEN no rate refuses or counts: as many as a rotation's grace has uses by itself.
    package static let freeRepetitionsMax = 16

    /// Answers an OPEN whose attempt id is remembered with the session it opened: its current refresh token and a new
    /// access token. Nothing rotates, no expiry moves.
    func answerAgain(
        _ id: SessionID,
        _ call: OpenCall,
        isExemptFromRate: Bool,
        _ grant: inout GrantBuffer,
        _ admit: (GrantBuffer) -> SessionRefusal?
    ) -> SessionAnswer {
        let answer = shard(of: id).withLock { shard -> SessionAnswer in
            // The attempt outlives its session when that is over and forgotten already.
            guard let place = shard.find(id), let session = shard.load(at: place) else {
                return .refused(SessionRejection(.unknown))
            }
            return answerAgain(session, at: place, call, isExemptFromRate: isExemptFromRate, &shard, &grant, admit)
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
        isExemptFromRate: Bool,
        _ shard: inout SessionShard,
        _ grant: inout GrantBuffer,
        _ admit: (GrantBuffer) -> SessionRefusal?
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
        let expiresAt = call.now.accessTokenExpiry(lifetime: lifetime)
        next.state.accessTokenExpirySeconds = max(next.state.accessTokenExpirySeconds, expiresAt)
        grant.issue(atSeconds: issuedAt)
        grant.fill(from: next.state, outcome: .sameSuccessor, expiresAtSeconds: expiresAt, now: call.now)
        grant.isRepeatedOpen = true
        grant.isExemptFromRate = isExemptFromRate
        guard codec.canEncode(epoch: next.state.current.epoch) else {
            return .refused(rejection(.invalid, of: session, shard))
        }
        if let refusal = admit(grant) {
            return .refused(rejection(refusal, of: session, shard))
        }
        shard.store(next, at: place, replacing: session)
        return .granted(after: shard.unsettled.lsn(of: session.state.id))
    }
}
