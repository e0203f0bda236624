import MintmarkWire

/// What is known of something that may have happened.
enum Certainty: Hashable, Sendable {
    case excluded
    /// It was asked for, and no answer came.
    case possible
    case certain
}

/// What a client that forgets nothing knows of its session: from acknowledged answers, and from requests whose answers
/// never came.
struct CrashSession: Hashable, Sendable {
    /// In the ledger.
    let number: Int
    let subject: String
    let id: [UInt8]
    /// The last refresh tokens that were given, the newest last: one generation after the other.
    private(set) var tokens: [[UInt8]]
    /// That of the newest token.
    private(set) var generation: UInt32 = 0
    /// Access tokens to check later, the newest last.
    private(set) var accessTokens: [[UInt8]]

    /// Whether the newest token was rotated away by a refresh that was not answered.
    private(set) var successor = Certainty.excluded
    private(set) var revocation = Certainty.excluded
    /// The store may have come back from an older state: only where that is allowed.
    private(set) var isLoose = false
    /// The store forgot the session: only where that is allowed.
    private(set) var isGone = false

    /// Between which instants the newest token's rotation was released; nil for generation 0.
    private(set) var rotation: Span?
    /// When the first refresh was sent that was not answered.
    private(set) var unansweredSince: ServiceInstant?

    struct Span: Hashable, Sendable {
        var from: ServiceInstant
        var to: ServiceInstant
    }

    /// How far a token is from the newest.
    enum Age: Hashable, Sendable {
        case newest
        case previous
        case older
    }

    /// More refresh tokens are not remembered, and so not used again.
    static let tokensMax = 5
    static let accessTokensMax = 2

    init(number: Int, subject: String, grant: SessionGrant) {
        self.number = number
        self.subject = subject
        id = grant.sessionID
        tokens = [grant.refreshToken]
        accessTokens = [grant.accessToken]
    }

    /// Whether it was neither revoked nor forgotten.
    var isLive: Bool { revocation != .certain && !isGone }

    /// Whether something of it is open that a question to the daemon settles.
    var isUncertain: Bool { successor == .possible || revocation == .possible }

    var newestToken: [UInt8] {
        guard let token = tokens.last else { preconditionFailure("a session has a token from its opening on") }
        return token
    }

    /// The token one generation back.
    var previousToken: [UInt8]? { tokens.dropLast().last }

    /// A token two generations back: reuse, whether or not the newest has a successor.
    var olderToken: [UInt8]? { tokens.dropLast(2).last }

    /// Of the tokens of one session only, which a request of its own must use.
    func age(of token: [UInt8]) -> Age {
        guard let place = tokens.lastIndex(of: token) else { return .older }
        switch tokens.count - 1 - place {
        case 0: return .newest
        case 1: return .previous
        default: return .older
        }
    }

    /// Only every fourth is kept, and so written down: they are long.
    static func keepsAccessToken(generation: UInt32) -> Bool { generation % 4 == 0 }
}

/// What answers change.
extension CrashSession {
    /// The store came back, and promises revocations only.
    mutating func loosen() { isLoose = true }

    /// Takes answers that a judge found right. They are to requests that were underway together.
    mutating func absorb(_ exchanges: [CrashExchange], grace: CrashGrace) {
        let before = self
        let revokes = exchanges.contains { before.canBeRevoked(by: $0, grace: grace) }
        for exchange in exchanges {
            switch exchange.request {
            case .refresh(let token): absorbRefresh(of: before.age(of: token), exchange, grace: grace, revokes: revokes)
            case .introspect: absorbIntrospection(exchange, revokes: revokes)
            case .revoke: isRevoked(exchange.outcome == nil ? .possible : .certain)
            case .open, .verify, .sign: break
            }
        }
        absorbSuccessor(exchanges, before)
    }

    /// Whether a request can end the session.
    func canBeRevoked(by exchange: CrashExchange, grace: CrashGrace) -> Bool {
        switch exchange.request {
        case .revoke: true
        case .refresh(let token):
            switch age(of: token) {
            case .newest: false
            case .previous: !isWindowOpen(until: exchange.answeredAt, grace: grace)
            case .older: true
            }
        case .open, .introspect, .verify, .sign: false
        }
    }

    /// Whether the previous token is surely inside its window.
    private func isWindowOpen(until end: ServiceInstant, grace: CrashGrace) -> Bool {
        guard successor == .excluded, let rotation else { return false }
        return grace.isSurelyOpen(from: rotation.from, to: end)
    }

    private mutating func isRevoked(_ certainty: Certainty) {
        if revocation != .certain { revocation = certainty }
    }

    private mutating func absorbRefresh(
        of age: Age,
        _ exchange: CrashExchange,
        grace: CrashGrace,
        revokes: Bool
    ) {
        switch exchange.outcome {
        case nil where age == .newest:
            if successor == .excluded { successor = .possible }
            unansweredSince = unansweredSince ?? exchange.sentAt
        case nil:
            if canBeRevoked(by: exchange, grace: grace) { isRevoked(.possible) }
        case .refreshed:
            isLoose = false
            // Whatever was asked for before and not answered has not happened, and cannot happen any more.
            if !revokes, revocation == .possible { revocation = .excluded }
        case .refused(let status, _):
            if [.revoked, .reused].contains(status.status) { revocation = .certain }
            if status.status == .unknown, revocation != .certain { isGone = true }
        default: break
        }
    }

    private mutating func absorbIntrospection(_ exchange: CrashExchange, revokes: Bool) {
        guard case .introspected(let response) = exchange.outcome else { return }
        guard response.isActive else {
            if response.reason == StatusCode(.unknown), revocation != .certain { isGone = true }
            absorbDeath(exchange, response.reason?.status)
            return
        }
        if !revokes, revocation == .possible { revocation = .excluded }
        switch response.refreshOutcome {
        case .rotated: successor = .excluded
        case .sameSuccessor: successor = .certain
        case .unchanged, .fastForward, nil: break
        }
        if successor == .excluded { unansweredSince = nil }
    }

    private mutating func absorbDeath(_ exchange: CrashExchange, _ status: Status?) {
        switch status {
        case .revoked: revocation = .certain
        // INTROSPECT ends nothing: that the newest token is reuse means that its successor was made, long ago.
        case .reused where exchange.request == .introspect(newestToken): successor = .certain
        default: break
        }
    }

    /// Takes the successor of the newest token, if answers brought one.
    private mutating func absorbSuccessor(_ exchanges: [CrashExchange], _ before: CrashSession) {
        let rotations = exchanges.filter { exchange in
            guard case .refresh(before.newestToken) = exchange.request else { return false }
            return exchange.refreshed != nil
        }
        guard let response = rotations.first?.refreshed else { return }
        let sentFirst = exchanges.map(\.sentAt).min { $0.fast < $1.fast } ?? rotations[0].sentAt
        let answeredFirst = rotations.map(\.answeredAt).min { $0.fast < $1.fast } ?? rotations[0].answeredAt
        let isLate = rotations.contains { $0.refreshed?.refreshOutcome == .sameSuccessor }
        rotation = Span(from: isLate ? before.unansweredSince ?? sentFirst : sentFirst, to: answeredFirst)
        tokens = tokens.suffix(Self.tokensMax - 1) + [response.grant.refreshToken]
        generation = response.generation
        successor = .excluded
        unansweredSince = nil
        guard Self.keepsAccessToken(generation: generation) else { return }
        accessTokens = accessTokens.suffix(Self.accessTokensMax - 1) + [response.grant.accessToken]
    }
}
