import MintmarkWire

/// How a round goes on.
enum RaceStep {
    /// It is over. It counts for its scenario if everything came when it had to.
    case done(isDecided: Bool)
    /// It goes on at an instant of the monotonic clock, or as soon as possible after it.
    case later(Int64, (RaceRound) throws(RaceFailure) -> RaceStep)

    static var decided: RaceStep { .done(isDecided: true) }
    /// What came could be right or wrong: the machine was too slow, or no second had passed that could be counted.
    static var undecided: RaceStep { .done(isDecided: false) }
}

/// What rounds are made of.
extension RaceRound {
    /// Opens a session.
    func openSession(_ subject: String) throws(RaceFailure) -> RaceSession {
        let answer = try ask(.open(subject: subject))
        guard case .opened(let grant) = answer.outcome else {
            throw .stopped(.wrongAnswer("OPEN was refused: \(answer.outcome)"))
        }
        return RaceSession(
            subject: subject,
            id: grant.sessionID,
            token: grant.refreshToken,
            generation: 0,
            refreshTokens: [grant.refreshToken],
            accessTokens: [grant.accessToken]
        )
    }

    /// Uses the newest token of a session whose turn nobody else has: it must rotate.
    @discardableResult
    func rotate(_ session: inout RaceSession) throws(RaceFailure) -> RaceAnswer {
        let answer = try ask(.refresh(session.token))
        try takeRotation(answer, &session)
        return answer
    }

    /// Takes the answer of the one call that rotated.
    func takeRotation(_ answer: RaceAnswer, _ session: inout RaceSession) throws(RaceFailure) {
        guard let response = answer.refreshed, response.refreshOutcome == .rotated else {
            return try require(false, "the newest token must rotate, and was answered \(outcomeName(answer))")
        }
        try require(
            response.generation == session.generation + 1,
            "a rotation of generation \(session.generation) led to generation \(response.generation)"
        )
        try require(response.grant.sessionID == session.id, "a refresh was answered with another session")
        try require(response.grant.refreshToken != session.token, "a rotation gave the token back that it took")
        session.token = response.grant.refreshToken
        session.generation = response.generation
        session.refreshTokens.append(response.grant.refreshToken)
        session.accessTokens.append(response.grant.accessToken)
    }

    /// Judges an answer to a retry: it must give the session's newest token, as it is.
    func requireSuccessor(_ answer: RaceAnswer, of session: inout RaceSession) throws(RaceFailure) {
        guard let response = answer.refreshed, response.refreshOutcome == .sameSuccessor else {
            return try require(false, "a retry inside the window must succeed, and was answered \(outcomeName(answer))")
        }
        try require(
            response.grant.refreshToken == session.token && response.generation == session.generation,
            "a retry was given another successor, of generation \(response.generation)"
        )
        session.accessTokens.append(response.grant.accessToken)
    }

    func requireRefused(_ answer: RaceAnswer, _ status: Status) throws(RaceFailure) {
        try require(answer.status == status, "expected \(status.name), not \(outcomeName(answer))")
    }

    func requireReused(_ answer: RaceAnswer, _ expected: ReuseClass) throws(RaceFailure) {
        guard case .refused(StatusCode(.reused), let reuseClass) = answer.outcome else {
            return try require(false, "expected REUSED, not \(outcomeName(answer))")
        }
        // The class tells an operator what was seen; a server that gives none hides it.
        try require(reuseClass == nil || reuseClass == expected, "expected REUSED (\(expected))")
    }

    /// No token of the session may be of any use.
    func requireDead(_ session: RaceSession) throws(RaceFailure) {
        for token in session.refreshTokens {
            guard case .introspected(let response) = try ask(.introspect(token)).outcome else {
                return try require(false, "INTROSPECT of a revoked session's token was refused")
            }
            try require(!response.isActive, "a refresh token of a revoked session is active")
            try requireRefused(try ask(.refresh(token)), .revoked)
        }
        try requireInactive(session.accessTokens)
    }

    func requireInactive(_ accessTokens: [[UInt8]]) throws(RaceFailure) {
        for answer in try fire(accessTokens.map { .verify($0) }) {
            guard case .verified(let response) = answer.outcome else {
                return try require(false, "VERIFY was refused")
            }
            try require(!response.isActive, "an access token lives on after its session was revoked")
            try require(response.reason == StatusCode(.tokenRevoked), "expected TOKEN_REVOKED")
        }
    }

    func requireActive(_ accessTokens: [[UInt8]]) throws(RaceFailure) {
        for answer in try fire(accessTokens.map { .verify($0) }) {
            guard case .verified(let response) = answer.outcome else {
                return try require(false, "VERIFY was refused")
            }
            try require(response.isActive, "a good access token is inactive")
        }
    }

    func outcomeName(_ answer: RaceAnswer) -> String {
        switch answer.outcome {
        case .refreshed(let response): "\(response.refreshOutcome)"
        case .refused(let status, _): "\(status)"
        case .opened, .revoked, .introspected, .verified, .signed: "something else"
        }
    }

    /// Whether all answers came while the window of a rotation was open for sure.
    func isSurelyInside(_ answers: [RaceAnswer], rotationSentAt: Int64) -> Bool {
        let last = answers.map(\.answeredAt).max() ?? rotationSentAt
        return plan.isSurelyInside(from: rotationSentAt, to: last)
    }

    /// Whether one of the answers is one that only a window that is over explains.
    func tellsOfReuse(_ answers: [RaceAnswer]) -> Bool {
        answers.contains { [.reused, .revoked].contains($0.status) }
    }
}
