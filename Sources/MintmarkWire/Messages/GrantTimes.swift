/// When the tokens of OPEN and REFRESH expire: in seconds since 1970, and in seconds from `serverTime` on.
public struct GrantTimes: Hashable, Sendable {
    /// The server's clock.
    public var serverTime: UInt64
    /// When the access token expires.
    public var expiresAt: UInt64
    /// The same from `serverTime` on.
    public var expiresInSeconds: UInt32
    /// When the refresh token expires if it is not used.
    public var refreshExpiresAt: UInt64
    /// The same from `serverTime` on.
    public var refreshExpiresInSeconds: UInt32
    /// When the session expires.
    public var sessionExpiresAt: UInt64
    /// The same from `serverTime` on.
    public var sessionExpiresInSeconds: UInt32

    /// Derives the remaining seconds from the instants: 0 for what has passed, 2^32 - 1 for what lies beyond.
    public init(serverTime: UInt64, expiresAt: UInt64, refreshExpiresAt: UInt64, sessionExpiresAt: UInt64) {
        self.init(
            serverTime: serverTime,
            expiresAt: expiresAt,
            expiresInSeconds: GrantTimes.remainingSeconds(until: expiresAt, from: serverTime),
            refreshExpiresAt: refreshExpiresAt,
            refreshExpiresInSeconds: GrantTimes.remainingSeconds(until: refreshExpiresAt, from: serverTime),
            sessionExpiresAt: sessionExpiresAt,
            sessionExpiresInSeconds: GrantTimes.remainingSeconds(until: sessionExpiresAt, from: serverTime)
        )
    }

    /// Takes all numbers as they are.
    public init(
        serverTime: UInt64,
        expiresAt: UInt64,
        expiresInSeconds: UInt32,
        refreshExpiresAt: UInt64,
        refreshExpiresInSeconds: UInt32,
        sessionExpiresAt: UInt64,
        sessionExpiresInSeconds: UInt32
    ) {
        self.serverTime = serverTime
        self.expiresAt = expiresAt
        self.expiresInSeconds = expiresInSeconds
        self.refreshExpiresAt = refreshExpiresAt
        self.refreshExpiresInSeconds = refreshExpiresInSeconds
        self.sessionExpiresAt = sessionExpiresAt
        self.sessionExpiresInSeconds = sessionExpiresInSeconds
    }
}

extension GrantTimes {
    /// The seconds from `now` to `instant` as they travel: not below 0, not above 2^32 - 1.
    public static func remainingSeconds(until instant: UInt64, from now: UInt64) -> UInt32 {
        instant > now ? UInt32(clamping: instant - now) : 0
    }
}
