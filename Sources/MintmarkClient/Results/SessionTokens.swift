import MintmarkWire

/// The tokens of a session, and when they expire.
public struct SessionTokens: Hashable, Sendable {
    /// The JWT in compact serialization (RFC 7519).
    public var accessToken: String

    /// The refresh token to use from now on. Opaque; a secret.
    public var refreshToken: String

    /// Names the session.
    public var sessionID: SessionID

    /// When the access token expires: seconds since 1970-01-01T00:00:00Z.
    public var expiresAt: UInt64

    /// The same from the server's time on, in seconds.
    public var expiresInSeconds: UInt32

    /// When the refresh token expires if it is not used: seconds since 1970-01-01T00:00:00Z.
    public var refreshExpiresAt: UInt64

    /// The same from the server's time on, in seconds.
    public var refreshExpiresInSeconds: UInt32

    /// When the session ends whatever is done: seconds since 1970-01-01T00:00:00Z.
    public var sessionExpiresAt: UInt64

    /// The same from the server's time on, in seconds.
    public var sessionExpiresInSeconds: UInt32

    /// The server's clock when it answered: seconds since 1970-01-01T00:00:00Z.
    public var serverTime: UInt64

    init(_ grant: SessionGrant) {
        accessToken = String(decoding: grant.accessToken, as: UTF8.self)
        refreshToken = String(decoding: grant.refreshToken, as: UTF8.self)
        sessionID = SessionID(checked: grant.sessionID)
        expiresAt = grant.times.expiresAt
        expiresInSeconds = grant.times.expiresInSeconds
        refreshExpiresAt = grant.times.refreshExpiresAt
        refreshExpiresInSeconds = grant.times.refreshExpiresInSeconds
        sessionExpiresAt = grant.times.sessionExpiresAt
        sessionExpiresInSeconds = grant.times.sessionExpiresInSeconds
        serverTime = grant.times.serverTime
    }
}

extension SessionTokens: CustomReflectable {
    /// Everything but the tokens: a value that is printed or logged gives no token away.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "accessToken": RedactedToken(),
                "refreshToken": RedactedToken(),
                "sessionID": sessionID,
                "expiresAt": expiresAt,
                "expiresInSeconds": expiresInSeconds,
                "refreshExpiresAt": refreshExpiresAt,
                "refreshExpiresInSeconds": refreshExpiresInSeconds,
                "sessionExpiresAt": sessionExpiresAt,
                "sessionExpiresInSeconds": sessionExpiresInSeconds,
                "serverTime": serverTime,
            ],
            displayStyle: .struct
        )
    }
}
