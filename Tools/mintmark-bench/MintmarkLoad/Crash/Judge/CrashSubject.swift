import MintmarkWire

/// A subject, its sessions and the tokens that were signed for it: what one revocation reaches.
struct CrashSubject: Hashable, Sendable {
    let name: String
    private(set) var sessions: [CrashSession] = []
    private(set) var signedTokens: [SignedToken] = []

    /// An access token that belongs to no session.
    struct SignedToken: Hashable, Sendable {
        let token: [UInt8]
        fileprivate(set) var revocation = Certainty.excluded
    }

    /// More are not remembered.
    static let signedTokensMax = 4

    init(name: String) {
        self.name = name
    }

    /// Whether a session of it lives.
    var isLive: Bool { sessions.contains(where: \.isLive) }

    /// The store came back, and promises revocations only.
    mutating func loosen() {
        for index in sessions.indices { sessions[index].loosen() }
    }

    /// Judges answers to requests about this subject that were underway together, and takes them.
    ///
    /// - Returns: What is wrong with them. The subject is of no use any more then.
    mutating func take(
        _ operations: [CrashOperation],
        _ exchanges: [CrashExchange],
        grace: CrashGrace,
        minted: MintedTokens
    ) -> CrashFinding? {
        let pairs = Array(zip(operations, exchanges))
        let cutOffs = pairs.filter { $0.0.target == .subject && $0.0.request.kind == .revoke }.map(\.1)
        var sessions = sessions
        for index in sessions.indices {
            let own = pairs.filter { $0.0.target == .session(index) }.map(\.1) + cutOffs
            guard !own.isEmpty else { continue }
            if let finding = CrashJudge(sessions[index], own, grace: grace).finding(minted) {
                return finding.about(session: sessions[index].number, subject: name)
            }
            sessions[index].absorb(own, grace: grace)
        }
        if let finding = takeSigned(pairs, cutOffs) ?? takeNew(pairs, into: &sessions, minted) {
            return finding
        }
        self.sessions = sessions
        return nil
    }

    /// Judges verdicts about signed tokens, and lets revocations reach them.
    private mutating func takeSigned(
        _ pairs: [(CrashOperation, CrashExchange)],
        _ cutOffs: [CrashExchange]
    ) -> CrashFinding? {
        for (operation, exchange) in pairs {
            guard
                case .signedToken(let index) = operation.target, let outcome = exchange.outcome
            else { continue }
            let revocation = signedTokens[index].revocation
            let isRevocable = revocation != .excluded || !cutOffs.isEmpty
            if let finding = CrashJudge.verified(exchange, revocation: revocation, maySay: isRevocable) {
                return finding.about(subject: name)
            }
            if case .verified(let response) = outcome, revocation == .possible, cutOffs.isEmpty {
                signedTokens[index].revocation = response.isActive ? .excluded : .certain
            }
        }
        for exchange in cutOffs {
            for index in signedTokens.indices where signedTokens[index].revocation != .certain {
                signedTokens[index].revocation = exchange.outcome == nil ? .possible : .certain
            }
        }
        return nil
    }

    /// Takes sessions that were opened, and tokens that were signed.
    private mutating func takeNew(
        _ pairs: [(CrashOperation, CrashExchange)],
        into sessions: inout [CrashSession],
        _ minted: MintedTokens
    ) -> CrashFinding? {
        for (operation, exchange) in pairs {
            switch (operation.request, exchange.outcome) {
            case (.open, .opened(let grant)):
                guard minted.add(grant.refreshToken), minted.add(grant.accessToken), minted.add(grant.sessionID) else {
                    return Self.doubleMint.about(session: operation.number, subject: name)
                }
                sessions.append(CrashSession(number: operation.number, subject: name, grant: grant))
            case (.sign, .signed(let response)):
                guard minted.add(response.accessToken) else { return Self.doubleMint.about(subject: name) }
                signedTokens =
                    signedTokens.suffix(Self.signedTokensMax - 1) + [SignedToken(token: response.accessToken)]
            case (.open, .some), (.sign, .some):
                return CrashFinding(.unexpectedAnswer, expected: "success", answered: exchange.answer)
                    .about(subject: name)
            default: break
            }
        }
        return nil
    }

    private static let doubleMint = CrashFinding(
        .doubleMint,
        expected: "a new session with new tokens",
        answered: "a session id or a token that was given before"
    )
}

/// A request, and what of its subject it is about.
struct CrashOperation: Sendable {
    enum Target: Hashable, Sendable {
        /// The subject itself: OPEN, SIGN, and the revocation of everything it has.
        case subject
        /// One of its sessions, by its place.
        case session(Int)
        /// A token that was signed for it, by its place.
        case signedToken(Int)
    }

    /// The subject's place among those of its worker.
    var subject: Int
    var target: Target
    /// The session's number in the ledger; of OPEN, that which the session will have; 0 for the subject itself.
    var number = 0
    var request: RaceRequest
}
