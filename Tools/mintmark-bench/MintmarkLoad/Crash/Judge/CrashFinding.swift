/// What must be true of everything that a daemon has acknowledged, also behind a kill.
enum CrashRule: String, CaseIterable, Sendable {
    case lostOpen = "lost_open"
    case lostRotation = "lost_rotation"
    case refusedRetry = "refused_retry"
    case deadSession = "dead_session"
    case resurrectedToken = "resurrected_token"
    case lostRevocation = "lost_revocation"
    case acceptedAccessToken = "accepted_access_token"
    case refusedAccessToken = "refused_access_token"
    case forkedSuccessor = "forked_successor"
    case doubleMint = "double_mint"
    case refusedStart = "refused_start"
    case unexpectedAnswer = "unexpected_answer"

    /// What must hold, in one sentence.
    var invariant: String {
        switch self {
        case .lostOpen: "A session whose OPEN was acknowledged exists."
        case .lostRotation: "The newest acknowledged refresh token is the current one, or its successor is."
        case .refusedRetry: "The retry of a refresh whose answer never came succeeds."
        case .deadSession: "A session that nobody revoked lives."
        case .resurrectedToken: "A token two generations back is reuse, and ends the session."
        case .lostRevocation: "A session whose revocation was acknowledged, or told of, never lives again."
        case .acceptedAccessToken: "An access token of what was revoked is refused."
        case .refusedAccessToken: "An access token of what was not revoked is accepted until it expires."
        case .forkedSuccessor: "All answers to refreshes of one token carry the same successor."
        case .doubleMint: "No token is minted twice for two holders."
        case .refusedStart: "The daemon starts after every kill."
        case .unexpectedAnswer: "A good request gets an answer that its operation has."
        }
    }
}

/// Something that must not have happened.
struct CrashFinding: Error, Hashable, Sendable {
    var rule: CrashRule
    /// The session's number in the ledger; nil if it is about no session alone.
    var session: Int?
    var subject: String?
    var expected: String
    var answered: String

    init(_ rule: CrashRule, expected: String, answered: String) {
        self.rule = rule
        self.expected = expected
        self.answered = answered
    }

    /// The same, about a session or a subject.
    func about(session: Int? = nil, subject: String) -> CrashFinding {
        var finding = self
        finding.session = session
        finding.subject = subject
        return finding
    }
}

/// What of the daemon's acknowledgements must survive a kill.
enum CrashPromise: Hashable, Sendable {
    /// Everything: the modes `always` and `interval`.
    case everything
    /// Revocations, reuse verdicts and cut-offs: the mode `snapshot`.
    case revocations
}
