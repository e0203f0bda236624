public import MintmarkWire

/// What the server knows of a refresh token.
public enum Introspection: Hashable, Sendable {
    /// A refresh would succeed now.
    case active(SessionDescription)

    /// A refresh would fail, with this status.
    case inactive(reason: StatusCode)
}

/// A session whose refresh token is active. What the server does not tell is nil.
public struct SessionDescription: Hashable, Sendable {
    /// The session's subject.
    public var subject: String?

    /// The session's audience.
    public var audience: [String]?

    /// The session's scope.
    public var scope: String?

    /// The session's own claims: one JSON object.
    public var claims: [UInt8]?

    /// Names the session.
    public var sessionID: SessionID?

    /// Whose session it is.
    public var clientID: String?

    /// When the refresh token expires if it is not used: seconds since 1970-01-01T00:00:00Z.
    public var refreshExpiresAt: UInt64?

    /// The same from the server's time on, in seconds.
    public var refreshExpiresInSeconds: UInt32?

    /// When the session ends whatever is done: seconds since 1970-01-01T00:00:00Z.
    public var sessionExpiresAt: UInt64?

    /// The same from the server's time on, in seconds.
    public var sessionExpiresInSeconds: UInt32?

    /// What a refresh would do now.
    public var refreshOutcome: RefreshOutcome?

    /// How many rotations led to the token.
    public var generation: UInt32?

    /// When the session was opened: seconds since 1970-01-01T00:00:00Z.
    public var createdAt: UInt64?

    /// When the session was last refreshed, or opened: seconds since 1970-01-01T00:00:00Z.
    public var lastUsedAt: UInt64?

    /// The server's clock when it answered: seconds since 1970-01-01T00:00:00Z.
    public var serverTime: UInt64

    init(_ response: IntrospectResponse) {
        subject = response.subject
        audience = response.audience
        scope = response.scope
        claims = response.claims
        sessionID = response.sessionID.map { SessionID(checked: $0) }
        clientID = response.clientID
        refreshExpiresAt = response.refreshExpiresAt
        refreshExpiresInSeconds = response.refreshExpiresInSeconds
        sessionExpiresAt = response.sessionExpiresAt
        sessionExpiresInSeconds = response.sessionExpiresInSeconds
        refreshOutcome = response.refreshOutcome
        generation = response.generation
        createdAt = response.createdAt
        lastUsedAt = response.lastUsedAt
        serverTime = response.serverTime
    }
}
