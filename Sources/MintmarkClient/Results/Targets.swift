import MintmarkWire

/// What to revoke.
public enum RevocationTarget: Hashable, Sendable {
    /// The session of a refresh token, the newest or an older one.
    case refreshToken(String)

    /// One session.
    case session(SessionID)

    /// All sessions and access tokens of a subject.
    case subject(String)

    /// All sessions and access tokens of a client.
    case client(id: String)

    /// All sessions and access tokens.
    case all

    var wireTarget: RevokeRequest.Target {
        switch self {
        case .refreshToken(let token): .refreshToken(Array(token.utf8))
        case .session(let id): .sessionID(id.bytes)
        case .subject(let subject): .subject(subject)
        case .client(let id): .clientID(id)
        case .all: .all
        }
    }
}

extension RevocationTarget: CustomReflectable {
    /// Everything but a refresh token: a target that is printed or logged gives no token away.
    public var customMirror: Mirror {
        switch self {
        case .refreshToken: Mirror(self, children: ["refreshToken": RedactedToken()], displayStyle: .enum)
        case .session(let id): Mirror(self, children: ["session": id], displayStyle: .enum)
        case .subject(let subject): Mirror(self, children: ["subject": subject], displayStyle: .enum)
        case .client(let id): Mirror(self, children: ["client": id], displayStyle: .enum)
        case .all: Mirror(self, children: [], displayStyle: .enum)
        }
    }
}

/// Whose next refresh shall rotate.
public enum RotationTarget: Hashable, Sendable {
    /// One session.
    case session(SessionID)

    /// All sessions of a subject.
    case subject(String)

    /// All sessions of a client.
    case client(id: String)

    /// All sessions.
    case all

    var wireTarget: ForceRotationRequest.Target {
        switch self {
        case .session(let id): .sessionID(id.bytes)
        case .subject(let subject): .subject(subject)
        case .client(let id): .clientID(id)
        case .all: .all
        }
    }
}
