import MintmarkWire

/// Holds the answers of a session against what is known of it.
///
/// Pure, but for the tokens that were ever minted. The answers are to requests that were underway together, so nothing is
/// concluded from their order.
struct CrashJudge {
    let before: CrashSession
    let exchanges: [CrashExchange]
    let grace: CrashGrace

    init(_ session: CrashSession, _ exchanges: [CrashExchange], grace: CrashGrace) {
        before = session
        self.exchanges = exchanges
        self.grace = grace
    }

    /// What is wrong with the answers; nil if nothing is.
    func finding(_ minted: MintedTokens) -> CrashFinding? {
        if let finding = forkedSuccessor { return finding }
        for index in exchanges.indices {
            if let finding = finding(index) { return finding }
        }
        return doubleMint(minted)
    }

    private func finding(_ index: Int) -> CrashFinding? {
        let exchange = exchanges[index]
        guard exchange.outcome != nil else { return nil }
        switch exchange.request {
        case .refresh(let token):
            switch before.age(of: token) {
            case .newest: return newestRefreshed(index)
            case .previous: return previousRefreshed(index)
            case .older: return olderRefreshed(index)
            }
        case .introspect(let token): return introspected(index, token)
        case .verify:
            return Self.verified(exchange, revocation: before.revocation, maySay: mayBeRevoked(besides: index))
        case .revoke: return Self.revoked(exchange)
        case .open, .sign: preconditionFailure("neither is a request about a session")
        }
    }

    /// Whether something else than the request at `index` may have ended the session.
    func mayBeRevoked(besides index: Int) -> Bool {
        if before.revocation != .excluded { return true }
        return exchanges.indices.contains { $0 != index && before.canBeRevoked(by: exchanges[$0], grace: grace) }
    }

    /// Judges an answer to VERIFY about something that was, may have been, or was not revoked.
    static func verified(_ exchange: CrashExchange, revocation: Certainty, maySay isRevocable: Bool) -> CrashFinding? {
        guard case .verified(let response) = exchange.outcome else {
            return CrashFinding(.unexpectedAnswer, expected: "a verdict", answered: exchange.answer)
        }
        if response.isActive {
            guard revocation == .certain else { return nil }
            return CrashFinding(.acceptedAccessToken, expected: "inactive: TOKEN_REVOKED", answered: exchange.answer)
        }
        if isRevocable, response.reason == StatusCode(.tokenRevoked) { return nil }
        let expected = revocation == .certain ? "inactive: TOKEN_REVOKED" : "active"
        return CrashFinding(.refusedAccessToken, expected: expected, answered: exchange.answer)
    }

    /// Judges an answer to REVOKE.
    static func revoked(_ exchange: CrashExchange) -> CrashFinding? {
        guard exchange.outcome == nil || exchange.outcome == .revoked else {
            return CrashFinding(.unexpectedAnswer, expected: "done", answered: exchange.answer)
        }
        return nil
    }
}

/// Tokens that were used.
extension CrashJudge {
    private func newestRefreshed(_ index: Int) -> CrashFinding? {
        guard let response = exchanges[index].refreshed else { return newestRefused(index, exchanges[index].refusal) }
        let answered = exchanges[index].answer
        guard before.revocation != .certain else {
            return CrashFinding(.lostRevocation, expected: "REVOKED", answered: answered)
        }
        guard response.grant.sessionID == before.id else {
            return CrashFinding(.doubleMint, expected: "the same session", answered: "another session")
        }
        let generation = before.generation &+ 1
        let expected = "generation \(generation)"
        switch response.refreshOutcome {
        case .rotated where before.successor == .certain:
            return CrashFinding(.lostRotation, expected: "same_successor, \(expected)", answered: answered)
        case .sameSuccessor where before.successor == .excluded && !othersRefreshNewest(besides: index):
            return CrashFinding(.unexpectedAnswer, expected: "rotated, \(expected)", answered: answered)
        case .fastForward where !before.isLoose:
            return CrashFinding(.lostRotation, expected: "rotated, \(expected)", answered: answered)
        case .unchanged:
            return CrashFinding(.unexpectedAnswer, expected: "rotated, \(expected)", answered: answered)
        case .rotated, .sameSuccessor, .fastForward: break
        }
        guard response.generation == generation else {
            let rule: CrashRule = response.generation < generation ? .lostRotation : .forkedSuccessor
            return CrashFinding(rule, expected: expected, answered: answered)
        }
        return nil
    }

    /// Whether another request of the newest token may be the one that rotated it.
    private func othersRefreshNewest(besides index: Int) -> Bool {
        exchanges.indices.contains { other in
            guard other != index, exchanges[other].request == .refresh(before.newestToken) else { return false }
            return exchanges[other].outcome == nil || exchanges[other].refreshed?.refreshOutcome != .sameSuccessor
        }
    }

    /// Judges a refusal of the newest token, by REFRESH or INTROSPECT.
    private func newestRefused(_ index: Int, _ status: Status?) -> CrashFinding? {
        let exchange = exchanges[index]
        let isRetry = before.successor != .excluded
        let expected = before.revocation == .certain ? "REVOKED" : isRetry ? "same_successor or rotated" : "rotated"
        switch status {
        case .revoked where mayBeRevoked(besides: index): return nil
        case .unknown where before.isLoose: return nil
        case .unknown, .invalid:
            return CrashFinding(.lostOpen, expected: expected, answered: exchange.answer)
        // The window of the rotation that was not answered may be over: nobody knows when it began.
        case .reused where isRetry && !isWindowOpen(since: before.unansweredSince, index): return nil
        case .revoked, .reused, .graceExhausted, .expired:
            return CrashFinding(isRetry ? .refusedRetry : .deadSession, expected: expected, answered: exchange.answer)
        default:
            return CrashFinding(.unexpectedAnswer, expected: expected, answered: exchange.answer)
        }
    }

    private func isWindowOpen(since begin: ServiceInstant?, _ index: Int) -> Bool {
        guard let begin else { return false }
        return grace.isSurelyOpen(from: begin, to: exchanges[index].answeredAt)
    }

    private func previousRefreshed(_ index: Int) -> CrashFinding? {
        let exchange = exchanges[index]
        if let response = exchange.refreshed { return previousSucceeded(exchange, response) }
        switch exchange.refusal {
        case .revoked where mayBeRevoked(besides: index): return nil
        case .unknown where before.isLoose: return nil
        case .unknown, .invalid:
            return CrashFinding(.lostOpen, expected: "same_successor", answered: exchange.answer)
        case .reused where before.isLoose || isReuse(index): return nil
        default:
            return CrashFinding(.refusedRetry, expected: "same_successor", answered: exchange.answer)
        }
    }

    /// Whether the previous token may be reuse: its window may be over, or it is two generations back by now.
    private func isReuse(_ index: Int) -> Bool {
        let isSuperseded =
            before.successor != .excluded
            || exchanges.indices.contains { other in
                exchanges[other].request == .refresh(before.newestToken)
            }
        return isSuperseded || !isWindowOpen(since: before.rotation?.from, index)
    }

    private func previousSucceeded(_ exchange: CrashExchange, _ response: RefreshResponse) -> CrashFinding? {
        guard before.revocation != .certain else {
            return CrashFinding(.lostRevocation, expected: "REVOKED", answered: exchange.answer)
        }
        guard !before.isLoose else { return nil }
        if let rotation = before.rotation, grace.isSurelyOver(from: rotation.to, to: exchange.sentAt) {
            return CrashFinding(.resurrectedToken, expected: "REUSED", answered: exchange.answer)
        }
        guard response.refreshOutcome == .sameSuccessor else {
            return CrashFinding(.resurrectedToken, expected: "same_successor", answered: exchange.answer)
        }
        guard response.grant.refreshToken == before.newestToken, response.generation == before.generation else {
            return CrashFinding(
                .forkedSuccessor,
                expected: "the token of generation \(before.generation)",
                answered: "another, \(exchange.answer)"
            )
        }
        return nil
    }

    private func olderRefreshed(_ index: Int) -> CrashFinding? {
        let exchange = exchanges[index]
        let expected = before.revocation == .certain ? "REVOKED" : "REUSED"
        guard exchange.refreshed == nil else {
            let rule: CrashRule = before.revocation == .certain ? .lostRevocation : .resurrectedToken
            return before.isLoose && rule == .resurrectedToken
                ? nil : CrashFinding(rule, expected: expected, answered: exchange.answer)
        }
        switch exchange.refusal {
        case .reused where before.revocation != .certain: return nil
        case .revoked where mayBeRevoked(besides: index): return nil
        case .unknown where before.isLoose: return nil
        case .unknown, .invalid: return CrashFinding(.lostOpen, expected: expected, answered: exchange.answer)
        case .revoked: return CrashFinding(.deadSession, expected: expected, answered: exchange.answer)
        default: return CrashFinding(.unexpectedAnswer, expected: expected, answered: exchange.answer)
        }
    }
}

/// Tokens that were asked about.
extension CrashJudge {
    private func introspected(_ index: Int, _ token: [UInt8]) -> CrashFinding? {
        let exchange = exchanges[index]
        guard case .introspected(let response) = exchange.outcome else {
            return CrashFinding(.unexpectedAnswer, expected: "an answer about a token", answered: exchange.answer)
        }
        let age = before.age(of: token)
        guard response.isActive else {
            let status = response.reason?.status
            return age == .newest ? newestRefused(index, status) : olderRefused(index, status)
        }
        guard before.revocation != .certain else {
            return CrashFinding(.lostRevocation, expected: "inactive: REVOKED", answered: exchange.answer)
        }
        guard !before.isLoose else { return nil }
        guard age == .newest else {
            guard age == .older else { return nil }
            return CrashFinding(.resurrectedToken, expected: "inactive: REUSED", answered: exchange.answer)
        }
        return wouldRefresh(response.refreshOutcome, index)
    }

    private func olderRefused(_ index: Int, _ status: Status?) -> CrashFinding? {
        switch status {
        case .reused where before.revocation != .certain: return nil
        case .revoked where mayBeRevoked(besides: index): return nil
        case .unknown where before.isLoose: return nil
        case .unknown, .invalid:
            return CrashFinding(.lostOpen, expected: "inactive: REUSED", answered: exchanges[index].answer)
        case .revoked:
            return CrashFinding(.deadSession, expected: "inactive: REUSED", answered: exchanges[index].answer)
        default:
            return CrashFinding(.unexpectedAnswer, expected: "inactive: REUSED", answered: exchanges[index].answer)
        }
    }

    private func wouldRefresh(_ outcome: RefreshOutcome?, _ index: Int) -> CrashFinding? {
        let answered = exchanges[index].answer
        switch outcome {
        case .rotated where before.successor == .certain:
            return CrashFinding(.lostRotation, expected: "active, would be same_successor", answered: answered)
        case .sameSuccessor where before.successor == .excluded && !othersRefreshNewest(besides: index):
            return CrashFinding(.unexpectedAnswer, expected: "active, would be rotated", answered: answered)
        case .fastForward:
            return CrashFinding(.lostRotation, expected: "active, would be rotated", answered: answered)
        case .unchanged:
            return CrashFinding(.unexpectedAnswer, expected: "active, would be rotated", answered: answered)
        case .rotated, .sameSuccessor, nil: return nil
        }
    }
}

/// Tokens that were given.
extension CrashJudge {
    /// The answers that brought a successor of the newest token.
    private var successors: [RefreshResponse] {
        exchanges.compactMap { $0.request == .refresh(before.newestToken) ? $0.refreshed : nil }
    }

    private var forkedSuccessor: CrashFinding? {
        let tokens = Set(successors.map(\.grant.refreshToken))
        let rotations = successors.count { $0.refreshOutcome != .sameSuccessor }
        guard tokens.count > 1 || rotations > 1 else { return nil }
        return CrashFinding(
            .forkedSuccessor,
            expected: "one successor",
            answered: "\(tokens.count) successors from \(rotations) rotations"
        )
    }

    private func doubleMint(_ minted: MintedTokens) -> CrashFinding? {
        for exchange in exchanges {
            guard let access = exchange.refreshed?.grant.accessToken, !minted.add(access) else { continue }
            return CrashFinding(.doubleMint, expected: "a new access token", answered: "one that was given before")
        }
        guard let token = successors.first?.grant.refreshToken, !minted.add(token) else { return nil }
        return CrashFinding(.doubleMint, expected: "a new refresh token", answered: "one that was given before")
    }
}
