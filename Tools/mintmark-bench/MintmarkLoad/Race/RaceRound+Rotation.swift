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

    func graceKeepsExpiry() throws(RaceFailure) -> RaceStep {
        var session = try openSession(subject)
        let token = session.token
        let rotation = try rotate(&session)
        return .later(plan.windowMiddle(after: rotation.sentAt)) { (round) throws(RaceFailure) in
            let retry = try round.ask(.refresh(token))
            guard round.isSurelyInside([retry], rotationSentAt: rotation.sentAt) else { return .undecided }
            var session = session
            try round.requireSuccessor(retry, of: &session)
            let before = rotation.refreshed?.grant.times
            let after = retry.refreshed?.grant.times
            try round.require(
                before?.refreshExpiresAt == after?.refreshExpiresAt
                    && before?.sessionExpiresAt == after?.sessionExpiresAt,
                "a retry inside the window extended an expiry"
            )
            return .decided
        }
    }
}
