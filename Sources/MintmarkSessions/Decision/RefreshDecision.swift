/// What a REFRESH with a genuine token shall do to a session that is known.
///
/// ``decide(on:session:facts:policy:surroundings:now:)`` is a pure function: the same arguments give the same decision
/// in this store, in a test, and around any other engine that keeps the records.
package enum RefreshDecision: Equatable, Sendable {
    /// The current token is replaced by a new one.
    case rotate

    /// The token is ahead of the record, because the store lost its tail: it is adopted, and replaced at once.
    case fastForward

    /// The previous token inside its window: the current token is given, with a new access token.
    case repeatSuccessor(isCounted: Bool)

    /// The current token stays.
    case keep(changesIdle: Bool)

    /// Nothing can be minted beyond the token in the store's epoch: take a greater one, durably, and decide again.
    case takeEpoch(above: StoreEpoch)

    /// Nothing changes.
    case refuse(SessionRefusal)

    /// The token was rotated away: the session is revoked, although the call is refused.
    case reuse(ReuseKind)

    /// Another client's token, and the policy says to revoke then.
    case revokeForeign
}

/// What of a REFRESH bears on the decision.
package struct RefreshFacts: Equatable, Sendable {
    /// Whether the caller is the session's client.
    package var isOwnClient = true

    /// Whether the session's client, which is not the caller, wants the session to end then.
    package var ownerRevokes = false

    /// Whether scope and audience asked for are within the session's.
    package var isWithinTerms = true

    /// Of the caller's context; nil: it gave none.
    package var contextHash: ContextHash?

    /// The access-token TTL asked for; nil: the policy's.
    package var accessTokenTTLSeconds: UInt32?

    package init() {}
}

/// What of the store bears on the decision.
package struct RefreshSurroundings: Equatable, Sendable {
    /// The epoch that new tokens carry.
    package var storeEpoch: StoreEpoch

    /// Whether a REFRESH from the session's current token has succeeded since the store started.
    package var isTouched: Bool

    /// Whether the session was opened before a cut-off of its subject, its client or all.
    package var isCutOff: Bool

    /// The newest forced rotation of the session's subject, its client or all that came after its OPEN.
    package var forcedMark: LogSequenceNumber?

    package init(
        storeEpoch: StoreEpoch,
        isTouched: Bool = false,
        isCutOff: Bool = false,
        forcedMark: LogSequenceNumber? = nil
    ) {
        self.storeEpoch = storeEpoch
        self.isTouched = isTouched
        self.isCutOff = isCutOff
        self.forcedMark = forcedMark
    }
}

extension RefreshDecision {
    /// Decides. The order of the checks is part of the contract: a session that is known to be dead says so before
    /// anything else, and nothing that may still refuse comes after the decision to revoke.
    package static func decide(
        on generation: TokenGeneration,
        session: SessionState,
        facts: RefreshFacts,
        policy: ClientPolicy,
        surroundings: RefreshSurroundings,
        now: SessionInstant
    ) -> RefreshDecision {
        if session.revocation != nil || surroundings.isCutOff {
            return .refuse(.revoked)
        }
        guard facts.isOwnClient else {
            return facts.ownerRevokes ? .revokeForeign : .refuse(.clientMismatch)
        }
        guard now.storeSeconds < session.expirySeconds else { return .refuse(.expired) }

        let place = TokenPlace(of: generation, in: session, isTouched: surroundings.isTouched)
        let decision: RefreshDecision
        switch place {
        case .current:
            decision = current(session: session, facts: facts, policy: policy, surroundings: surroundings, now: now)
        case .previous:
            decision = previous(session: session, facts: facts, policy: policy, now: now)
        case .ahead:
            decision = generation.number < .max ? .fastForward : .refuse(.expired)
        case .old(let kind):
            return .reuse(kind)
        }
        if let refusal = decision.lateRefusal(session: session, facts: facts, policy: policy) {
            return .refuse(refusal)
        }
        if decision == .fastForward, generation.epoch >= surroundings.storeEpoch {
            return .takeEpoch(above: generation.epoch)
        }
        return decision
    }

    private static func current(
        session: SessionState,
        facts: RefreshFacts,
        policy: ClientPolicy,
        surroundings: RefreshSurroundings,
        now: SessionInstant
    ) -> RefreshDecision {
        let isForced = session.forcedRotation.meeting(surroundings.forcedMark).isPending
        let hasMoved = policy.context == .rotate && facts.contextHash != session.contextHash
        guard isForced || hasMoved || policy.rotates(session, at: now) else {
            let idleExpiry = policy.idleExpirySeconds(of: session, at: now)
            // A use that extends the idle expiry by less is not worth a journal record. It comes nearer where the policy was
            // made stricter.
            let isLate = idleExpiry >= session.idleExpirySeconds + max(1, UInt64(policy.idleSeconds) / 16)
            return .keep(changesIdle: isLate || idleExpiry < session.idleExpirySeconds)
        }
        return session.current.number < .max ? .rotate : .refuse(.expired)
    }

    private static func previous(
        session: SessionState,
        facts: RefreshFacts,
        policy: ClientPolicy,
        now: SessionInstant
    ) -> RefreshDecision {
        let isSameContext = policy.context == .ignore || facts.contextHash == session.contextHash
        guard session.isRotationReleased else {
            return isSameContext ? .repeatSuccessor(isCounted: false) : .refuse(.contextMismatch)
        }
        let elapsed = now.serviceMilliseconds.subtractingOrZero(session.rotatedAtMilliseconds)
        let hasGrace = policy.grace.streak.map { session.graceStreak < $0 } ?? true
        guard elapsed < UInt64(policy.grace.windowMilliseconds), hasGrace else {
            return .reuse(.previousAfterWindow)
        }
        guard session.graceUses < policy.grace.uses else { return .refuse(.graceExhausted) }
        return isSameContext ? .repeatSuccessor(isCounted: true) : .refuse(.contextMismatch)
    }

    /// Everything that may still refuse a call that would be answered, without any change.
    private func lateRefusal(session: SessionState, facts: RefreshFacts, policy: ClientPolicy) -> SessionRefusal? {
        switch self {
        case .rotate, .fastForward, .repeatSuccessor, .keep:
            break
        case .takeEpoch, .refuse, .reuse, .revokeForeign:
            return nil
        }
        guard facts.isWithinTerms else { return .scopeExceeded }
        if policy.context == .refuse, facts.contextHash != session.contextHash {
            return .contextMismatch
        }
        if let seconds = facts.accessTokenTTLSeconds, seconds > policy.accessTokenTTLSeconds {
            return .accessTokenTTLTooLong
        }
        return nil
    }
}

/// Where a genuine token stands in its session.
private enum TokenPlace {
    case current
    case previous
    case ahead
    case old(ReuseKind)

    init(of generation: TokenGeneration, in session: SessionState, isTouched: Bool) {
        if generation == session.current {
            self = .current
        } else if generation == session.previous {
            self = .previous
        } else if generation > session.current, !isTouched {
            self = .ahead
        } else {
            self = .old(generation.epoch == session.current.epoch ? .olderGeneration : .olderEpoch)
        }
    }
}

extension ClientPolicy {
    /// Whether the policy by itself rotates the current token now.
    fileprivate func rotates(_ session: SessionState, at now: SessionInstant) -> Bool {
        let age = now.serviceMilliseconds.subtractingOrZero(session.rotatedAtMilliseconds)
        switch rotation {
        case .always: return true
        case .never: return false
        case .after(let seconds): return age >= UInt64(seconds) * 1_000
        case .afterFraction(let fraction): return Double(age) >= Double(idleSeconds) * 1_000 * fraction
        }
    }

    /// The idle expiry after a use now; never above the absolute one.
    func idleExpirySeconds(of session: SessionState, at now: SessionInstant) -> UInt64 {
        min(now.storeSeconds + UInt64(idleSeconds), session.absoluteExpirySeconds)
    }
}

extension UInt64 {
    /// The difference, or zero where it would be negative.
    func subtractingOrZero(_ other: UInt64) -> UInt64 {
        self > other ? self - other : 0
    }
}
