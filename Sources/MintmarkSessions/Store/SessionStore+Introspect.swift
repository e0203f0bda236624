/// What INTROSPECT says.
package enum SessionIntrospection: Equatable, Sendable {
    /// The grant is filled as a REFRESH would fill it, without tokens: ``GrantBuffer/outcome`` is what REFRESH would
    /// do now, ``GrantBuffer/generation`` that of the token asked about. May be answered once everything up to the
    /// number is durable.
    case active(after: LogSequenceNumber)

    /// REFRESH would refuse so now. `storage`: nothing may be told of the session yet.
    case inactive(SessionRefusal, after: LogSequenceNumber)
}

extension SessionStore {
    /// INTROSPECT: what a REFRESH with nothing but this token and the session's own context would do now. Changes
    /// nothing, counts as no use, and is never reuse.
    ///
    /// - Parameters:
    ///   - caller: as for REFRESH, policy included.
    ///   - grant: texts, session id, times of creation and last use, and expiries are the session's as they are; the
    ///     access token's times are unspecified.
    package func introspect(
        refreshToken: RawSpan,
        caller: SessionCaller,
        now: SessionInstant,
        grant: inout GrantBuffer
    ) -> SessionIntrospection {
        guard let token = codec.decode(refreshToken) else { return .inactive(.invalid, after: .zero) }
        return shard(of: token.sessionID).withLock { shard in
            guard let place = shard.find(token.sessionID), let session = shard.load(at: place) else {
                return .inactive(.unknown, after: .zero)
            }
            grant.fill(from: shard, session, at: place)
            return introspect(token, session, caller: caller, now: now, shard, &grant)
        }
    }

    private func introspect(
        _ token: RefreshToken,
        _ session: PackedSession,
        caller: SessionCaller,
        now: SessionInstant,
        _ shard: SessionShard,
        _ grant: inout GrantBuffer
    ) -> SessionIntrospection {
        guard !session.isRevocationHeld else { return .inactive(.storage, after: .zero) }
        let cutOff = cutOffLSN(of: grant, openLSN: session.state.openLSN)
        let surroundings = surroundings(of: session, grant, cutOffLSN: cutOff)
        var facts = RefreshFacts()
        facts.isOwnClient = grant.isClient(caller.clientID)
        facts.contextHash = session.state.contextHash
        let decision = RefreshDecision.decide(
            on: token.generation,
            session: session.state,
            facts: facts,
            policy: caller.policy,
            surroundings: surroundings,
            now: now
        )
        let after = max(cutOff ?? .zero, shard.unsettled.lsn(of: session.state.id))
        switch decision {
        case .refuse(let refusal):
            return .inactive(refusal, after: after)
        case .reuse:
            return .inactive(.reused, after: after)
        case .revokeForeign:
            return .inactive(.clientMismatch, after: after)
        case .takeEpoch:
            grant.fill(from: session.state, outcome: .fastForward, expiresAtSeconds: 0, now: now)
        case .rotate, .fastForward, .repeatSuccessor, .keep:
            grant.fill(from: session.state, outcome: decision.outcome, expiresAtSeconds: 0, now: now)
        }
        grant.describe(token.generation)
        return .active(after: after)
    }
}
