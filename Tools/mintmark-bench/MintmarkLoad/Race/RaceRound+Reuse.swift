import MintmarkWire

/// Rounds about reuse.
extension RaceRound {
    func olderGeneration() throws(RaceFailure) -> RaceStep {
        var session = try openSession(subject)
        let oldest = session.token
        try rotate(&session)
        try rotate(&session)
        if lane.random.below(2) == 0 {
            try requireReused(try ask(.refresh(oldest)), .olderGeneration)
        } else {
            // With the newest token at the same instant: whichever comes first, the session ends.
            let answers = try fire([.refresh(oldest), .refresh(session.token)])
            try requireReused(answers[0], .olderGeneration)
            if answers[1].status != .revoked { try takeRotation(answers[1], &session) }
        }
        try requireDead(session)
        return .decided
    }

    func retryAfterWindow() throws(RaceFailure) -> RaceStep {
        var session = try openSession(subject)
        let token = session.token
        let rotation = try rotate(&session)
        return reuseAfterWindow(of: token, in: session, rotation)
    }

    func retriesDoNotExtendWindow() throws(RaceFailure) -> RaceStep {
        var session = try openSession(subject)
        let token = session.token
        let rotation = try rotate(&session)
        return .later(plan.windowMiddle(after: rotation.sentAt)) { (round) throws(RaceFailure) in
            var session = session
            let retry = try round.ask(.refresh(token))
            guard round.isSurelyInside([retry], rotationSentAt: rotation.sentAt) else { return .undecided }
            try round.requireSuccessor(retry, of: &session)
            return round.reuseAfterWindow(of: token, in: session, rotation)
        }
    }

    /// Waits until the window of a rotation is over for sure. From then on the token that it replaced is reuse.
    private func reuseAfterWindow(of token: [UInt8], in session: RaceSession, _ rotation: RaceAnswer) -> RaceStep {
        .later(plan.windowIsOver(after: rotation.answeredAt)) { (round) throws(RaceFailure) in
            try round.requireReused(try round.ask(.refresh(token)), .previousAfterWindow)
            try round.requireDead(session)
            return .decided
        }
    }

    func reuseElsewhere() throws(RaceFailure) -> RaceStep {
        var reused = try openSession(subject)
        var other = try openSession(subject)
        let oldest = reused.token
        try rotate(&reused)
        try rotate(&reused)
        let answers = try fire([.refresh(oldest), .refresh(other.token)])
        try requireReused(answers[0], .olderGeneration)
        try takeRotation(answers[1], &other)
        try rotate(&other)
        try requireActive(Array(other.accessTokens.suffix(1)))
        try requireDead(reused)
        return .decided
    }

    func forgedTag() throws(RaceFailure) -> RaceStep {
        var session = try openSession(subject)
        let answers = try fire([.refresh(Self.forge(session.token)), .refresh(session.token)])
        try requireRefused(answers[0], .invalid)
        try takeRotation(answers[1], &session)
        try requireRefused(try ask(.refresh(Self.forge(session.token))), .invalid)
        try rotate(&session)
        return .decided
    }

    /// Another character in the last bytes, which are the tag's.
    private static func forge(_ token: [UInt8]) -> [UInt8] {
        var forged = token
        let place = max(0, forged.count - 6)
        forged[place] = forged[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        return forged
    }

    func uniqueTokens() throws(RaceFailure) -> RaceStep {
        // Every token that comes is compared with all others of the race.
        let opened = try fire(Array(repeating: .open(subject: subject), count: plan.connections))
        let refreshed = try fire(opened.compactMap(\.refreshToken).map { .refresh($0) })
        for answer in refreshed {
            try require(answer.refreshed?.refreshOutcome == .rotated, "the newest token must rotate")
        }
        return .decided
    }
}
