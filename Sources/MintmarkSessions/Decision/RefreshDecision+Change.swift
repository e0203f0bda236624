extension RefreshDecision {
    /// The change that carries the decision out; nil when there is nothing to write. Pure.
    ///
    /// - Parameters:
    ///   - generation: of the token that was presented.
    ///   - accessTokenExpirySeconds: `exp` of the access token that goes with the answer; in a revocation the greatest
    ///     that any access token of the session can have.
    package func change(
        on generation: TokenGeneration,
        session: SessionState,
        facts: RefreshFacts,
        policy: ClientPolicy,
        surroundings: RefreshSurroundings,
        accessTokenExpirySeconds: UInt64,
        now: SessionInstant
    ) -> SessionChange? {
        switch self {
        case .rotate, .fastForward:
            let isAdopting = self == .fastForward
            let hadCountedGrace = !isAdopting && session.graceUses > 0
            // A generation that is adopted was not begun here, hence not under a mark either.
            let hadGrace = isAdopting || session.hasGraceAnswer
            let forced = session.forcedRotation.meeting(surroundings.forcedMark).rotated(hadGraceAnswer: hadGrace)
            let rotation = SessionRotation(
                current: TokenGeneration(epoch: surroundings.storeEpoch, number: generation.number + 1),
                previousEpoch: generation.epoch,
                rotatedAtMilliseconds: now.serviceMilliseconds,
                graceStreak: hadCountedGrace ? session.graceStreak.addingOrMax(1) : 0,
                contextHash: policy.context == .ignore ? session.contextHash : facts.contextHash,
                lastUsedSeconds: now.storeSeconds,
                idleExpirySeconds: policy.idleExpirySeconds(of: session, at: now),
                accessTokenExpirySeconds: accessTokenExpirySeconds,
                forcedRotation: forced
            )
            return .rotated(rotation)
        case .repeatSuccessor(let isCounted):
            // Uncounted repetitions are unbounded, so only the first is written.
            guard isCounted || !session.hasGraceAnswer else { return nil }
            let uses = isCounted ? session.graceUses.addingOrMax(1) : session.graceUses
            return .graced(uses: uses, accessTokenExpirySeconds: accessTokenExpirySeconds)
        case .keep(let changesIdle):
            guard changesIdle else { return nil }
            return .touched(
                lastUsedSeconds: now.storeSeconds,
                idleExpirySeconds: policy.idleExpirySeconds(of: session, at: now),
                accessTokenExpirySeconds: accessTokenExpirySeconds
            )
        case .reuse:
            return .revoked(.reuse, accessTokenExpirySeconds: accessTokenExpirySeconds)
        case .revokeForeign:
            return .revoked(.clientMismatch, accessTokenExpirySeconds: accessTokenExpirySeconds)
        case .takeEpoch, .refuse:
            return nil
        }
    }
}

extension UInt16 {
    /// The sum, or the greatest number where it would be greater.
    func addingOrMax(_ other: UInt16) -> UInt16 {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? .max : sum
    }
}
