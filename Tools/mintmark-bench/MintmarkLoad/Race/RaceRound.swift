import MintmarkWire

/// A session as a round knows it.
struct RaceSession: Sendable {
    let subject: String
    let id: [UInt8]
    /// The newest refresh token and its generation.
    var token: [UInt8]
    var generation: UInt32
    /// Every token of the session that was ever given to somebody.
    var refreshTokens: [[UInt8]]
    var accessTokens: [[UInt8]]
}

/// One round: what it sends, what it expects, and what it remembers for the case that it finds something.
final class RaceRound {
    let scenario: RaceScenario
    let number: Int
    let lane: RaceLane

    private var lines: [String] = []
    private var names: [[UInt8]: String] = [:]
    private var beganAt: Int64 = 0

    var plan: RacePlan { lane.plan }

    init(_ scenario: RaceScenario, number: Int, on lane: RaceLane) {
        self.scenario = scenario
        self.number = number
        self.lane = lane
        beganAt = MonotonicClock.now()
    }

    /// A subject that no other round has while this one goes on: the names come again, so that a server need not
    /// remember the revocations of ever more of them.
    var subject: String {
        "race-\(lane.number)-\(number / plan.threads % 1_000)-\(scenario.rawValue)"
    }

    /// Sends requests at one instant, in the order of a draw; returns the answers in the requests' order.
    func fire(_ requests: [RaceRequest]) throws(RaceFailure) -> [RaceAnswer] {
        let order = requests.indices.shuffled(using: &lane.random)
        let shuffled = try racing { () throws(LoadFailure) in try lane.fire(order.map { requests[$0] }) }
        let answers = zip(order, shuffled).sorted { $0.0 < $1.0 }.map(\.1)
        for answer in shuffled.sorted(by: { $0.answeredAt < $1.answeredAt }) {
            note(answer)
        }
        for answer in answers {
            try requireNew(answer)
        }
        return answers
    }

    /// Sends one request.
    func ask(_ request: RaceRequest) throws(RaceFailure) -> RaceAnswer {
        try fire([request])[0]
    }

    /// A token that is given as a new one must be new.
    private func requireNew(_ answer: RaceAnswer) throws(RaceFailure) {
        if let token = answer.accessToken {
            try require(lane.minted.add(token), "an access token was given twice")
        }
        let isNew =
            switch answer.outcome {
            case .opened: true
            case .refreshed(let response): response.refreshOutcome == .rotated
            default: false
            }
        if isNew, let token = answer.refreshToken {
            try require(lane.minted.add(token), "a refresh token that is said to be new was given before")
        }
    }

    /// Ends the race unless the condition holds.
    func require(_ condition: Bool, _ finding: @autoclosure () -> String) throws(RaceFailure) {
        guard !condition else { return }
        throw .violation(
            RaceViolation(scenario: scenario, round: number, finding: finding(), sequence: lines)
        )
    }
}

/// The record of the round.
extension RaceRound {
    /// Adds a line to the sequence.
    func note(_ text: String) {
        lines.append("\(time(MonotonicClock.now())) ms  \(text)")
    }

    private func note(_ answer: RaceAnswer) {
        let times = "\(time(answer.sentAt)) to \(time(answer.answeredAt)) ms"
        lines.append("\(times)  \(describe(answer.request)) → \(describe(answer.outcome))")
    }

    private func time(_ instant: Int64) -> String {
        Text.number(Double(instant - beganAt) / 1e6, decimals: 3)
    }

    private func describe(_ request: RaceRequest) -> String {
        switch request {
        case .open(let subject): "OPEN \(subject)"
        case .refresh(let token): "REFRESH \(name(token, "R"))"
        case .revoke(.refreshToken(let token)): "REVOKE \(name(token, "R"))"
        case .revoke(.sessionID(let id)): "REVOKE session \(name(id, "S"))"
        case .revoke(.subject(let subject)): "REVOKE subject \(subject)"
        case .revoke(.clientID(let client)): "REVOKE client \(client)"
        case .revoke(.all): "REVOKE all"
        case .introspect(let token): "INTROSPECT \(name(token, "R"))"
        case .verify(let token): "VERIFY \(name(token, "A"))"
        case .sign(let subject): "SIGN \(subject)"
        }
    }

    private func describe(_ outcome: RaceOutcome) -> String {
        switch outcome {
        case .opened(let grant): "\(describe(grant))"
        case .refreshed(let response):
            "\(response.refreshOutcome), generation \(response.generation), \(describe(response.grant))"
        case .revoked: "done"
        case .introspected(let response):
            response.isActive
                ? "active, expires in \(response.refreshExpiresInSeconds ?? 0) s"
                : "inactive: \(describe(response.reason))"
        case .verified(let response): response.isActive ? "active" : "inactive: \(describe(response.reason))"
        case .signed(let response): name(response.accessToken, "A")
        case .refused(let status, let reuseClass): "\(status)\(reuseClass.map { " (\($0))" } ?? "")"
        }
    }

    private func describe(_ grant: SessionGrant) -> String {
        "\(name(grant.refreshToken, "R")), \(name(grant.accessToken, "A")), session \(name(grant.sessionID, "S")), "
            + "expires in \(grant.times.refreshExpiresInSeconds) s"
    }

    private func describe(_ reason: StatusCode?) -> String { reason.map { "\($0)" } ?? "for no reason" }

    /// What a token is called in the sequence: tokens are secrets, and long.
    private func name(_ token: [UInt8], _ letter: String) -> String {
        if let name = names[token] { return name }
        let name = "\(letter)\(names.values.count { $0.hasPrefix(letter) })"
        names[token] = name
        return name
    }
}
