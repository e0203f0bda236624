import MintmarkWire

/// Rounds about rotation and retries inside the window.
extension RaceRound {
    func parallelRefresh() throws(RaceFailure) -> RaceStep {
        var session = try openSession(subject)
        let token = session.token
        let answers = try fire(Array(repeating: .refresh(token), count: plan.connections))
        if !isSurelyInside(answers, rotationSentAt: answers[0].sentAt), tellsOfReuse(answers) { return .undecided }
        let rotations = answers.filter { $0.refreshed?.refreshOutcome == .rotated }
        try require(
            rotations.count == 1,
            "\(rotations.count) of \(answers.count) parallel refreshes rotated, in place of one"
        )
        try takeRotation(rotations[0], &session)
        var exhaustedCount = 0
        for answer in answers where answer.refreshed?.refreshOutcome != .rotated {
            if answer.status == .graceExhausted {
                exhaustedCount += 1
            } else {
                try requireSuccessor(answer, of: &session)
            }
        }
        try require(
            exhaustedCount <= max(0, answers.count - 1 - plan.graceUses),
            "\(exhaustedCount) of \(answers.count) parallel refreshes were told that the window is used up"
        )
        try rotate(&session)
        return .decided
    }

    func droppedAnswer() throws(RaceFailure) -> RaceStep {
        var session = try openSession(subject)
        for _ in 0..<lane.random.below(3) { try rotate(&session) }
        let token = session.token
        let sentAt = MonotonicClock.now()
        let link = try racing { () throws(LoadFailure) in
            let link = try lane.connectForDroppedAnswer()
            try link.send(RefreshRequest(refreshToken: token), requestID: 1)
            return link
        }
        note("REFRESH of the newest token, on a connection of its own; nobody looks at its answer")
        // Either the answer was there before the retry, or both meet. In the end it has come in any case: else it might
        // come at last to a token that is two generations old by then, and be reuse.
        let isFirst = lane.random.below(2) == 0
        if isFirst { try racing { () throws(LoadFailure) in try link.skipToEnd() } }
        let retry = try ask(.refresh(token))
        if !isFirst { try racing { () throws(LoadFailure) in try link.skipToEnd() } }
        guard let response = retry.refreshed else {
            if !isSurelyInside([retry], rotationSentAt: sentAt), tellsOfReuse([retry]) { return .undecided }
            try require(false, "a retry after a lost answer must succeed, and was answered \(outcomeName(retry))")
            return .undecided
        }
        try require(
            response.refreshOutcome == .sameSuccessor || (response.refreshOutcome == .rotated && !isFirst),
            "a retry after a lost answer was answered \(response.refreshOutcome)"
        )
        try require(response.generation == session.generation + 1, "a lost answer and its retry rotated twice")
        session.token = response.grant.refreshToken
        session.generation += 1
        for _ in 0..<3 { try rotate(&session) }
        return .decided
    }

    func graceCap() throws(RaceFailure) -> RaceStep {
        var session = try openSession(subject)
        let token = session.token
        let rotation = try rotate(&session)
        let beyond = 3
        let answers = try fire(Array(repeating: .refresh(token), count: plan.graceUses + beyond))
        if !isSurelyInside(answers, rotationSentAt: rotation.sentAt), tellsOfReuse(answers) { return .undecided }
        var exhaustedCount = 0
        for answer in answers {
            if answer.status == .graceExhausted {
                exhaustedCount += 1
            } else {
                try requireSuccessor(answer, of: &session)
            }
        }
        try require(
            exhaustedCount == beyond,
            "\(answers.count - exhaustedCount) retries succeeded inside a window of \(plan.graceUses)"
        )
        try rotate(&session)
        return .decided
    }

    /// Only if a second of the server's clock begins inside the window, an expiry that was extended differs from one that
    /// was not. So there is one window behind the other, for more than a second at most, until it does.
    func graceKeepsExpiry() throws(RaceFailure) -> RaceStep {
        try graceKeepsExpiry(windowsLeft: 2 + Int(1_000_000_000 / plan.windowLate(after: 0)))
    }

    private func graceKeepsExpiry(windowsLeft: Int) throws(RaceFailure) -> RaceStep {
        var session = try openSession(subject)
        let reference = try openSession(subject).token
        let token = session.token
        let rotation = try rotate(&session)
        let before = try remainingSeconds(of: reference)
        return .later(plan.windowLate(after: rotation.sentAt)) { (round) throws(RaceFailure) in
            // A session that nobody refreshes tells how many seconds of the server's own clock have passed at least:
            // absolute times are told on another clock, and may differ by one for the same expiry.
            let passed = before - (try round.remainingSeconds(of: reference))
            let retry = try round.ask(.refresh(token))
            guard round.isSurelyInside([retry], rotationSentAt: rotation.sentAt) else { return .undecided }
            var session = session
            try round.requireSuccessor(retry, of: &session)
            guard let old = rotation.refreshed?.grant.times, let new = retry.refreshed?.grant.times else {
                return .undecided
            }
            try round.require(
                Int(new.refreshExpiresInSeconds) + passed <= Int(old.refreshExpiresInSeconds)
                    && Int(new.sessionExpiresInSeconds) + passed <= Int(old.sessionExpiresInSeconds),
                "a retry inside the window extended an expiry"
            )
            if passed > 0 { return .decided }
            return windowsLeft > 1 ? try round.graceKeepsExpiry(windowsLeft: windowsLeft - 1) : .undecided
        }
    }

    /// How long a refresh token that nobody uses still lives, on the server's clock.
    private func remainingSeconds(of token: [UInt8]) throws(RaceFailure) -> Int {
        guard case .introspected(let response) = try ask(.introspect(token)).outcome, response.isActive else {
            try require(false, "a token that nobody used is not active")
            return 0
        }
        return Int(response.refreshExpiresInSeconds ?? 0)
    }
}
