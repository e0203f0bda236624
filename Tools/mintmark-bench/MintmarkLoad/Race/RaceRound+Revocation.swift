import MintmarkWire

/// Rounds about revocation.
extension RaceRound {
    func revocation() throws(RaceFailure) -> RaceStep {
        var session = try openSession(subject)
        for _ in 0..<lane.random.below(3) { try rotate(&session) }
        let targets: [RevokeRequest.Target] = [
            .refreshToken(session.token), .sessionID(session.id), .subject(session.subject),
        ]
        let target = targets[lane.random.below(targets.count)]
        let refreshes = 1 + lane.random.below(plan.connections)
        let answers = try fire([.revoke(target)] + Array(repeating: .refresh(session.token), count: refreshes))
        try require(answers[0].outcome == .revoked, "REVOKE must succeed")
        let isReused = answers.contains { $0.status == .reused }
        if isReused, !isSurelyInside(answers, rotationSentAt: answers[0].sentAt) { return .undecided }
        for answer in answers.dropFirst() {
            guard let response = answer.refreshed else {
                let isExhausted = answer.status == .graceExhausted && refreshes - 1 > plan.graceUses
                try require(answer.status == .revoked || isExhausted, "expected REVOKED, not \(outcomeName(answer))")
                continue
            }
            session.accessTokens.append(response.grant.accessToken)
            session.refreshTokens.append(response.grant.refreshToken)
        }
        session.refreshTokens = Array(Set(session.refreshTokens))
        try requireDead(session)
        return .decided
    }

    func cutOff() throws(RaceFailure) -> RaceStep {
        var old = try openSession(subject)
        try rotate(&old)
        try requireActive(old.accessTokens)
        let answers = try fire([.revoke(.subject(subject))] + old.accessTokens.map { .verify($0) })
        try require(answers[0].outcome == .revoked, "REVOKE must succeed")
        // In the same second as the revocation: what comes behind it is not what it was about.
        let made = try fire([.open(subject: subject), .sign(subject: subject)])
        let fresh = made.compactMap(\.accessToken)
        try require(fresh.count == 2, "OPEN and SIGN after a revocation must succeed")
        try requireActive(fresh)
        try requireDead(old)
        guard let token = made[0].refreshToken else { return .undecided }
        let refreshed = try ask(.refresh(token))
        try require(refreshed.refreshed?.refreshOutcome == .rotated, "a session opened after a revocation must live")
        return .decided
    }
}
