import MintmarkWire

/// A JWT, and when it expires.
public struct AccessToken: Hashable, Sendable {
    /// The JWT in compact serialization (RFC 7519).
    public var accessToken: String

    /// Its `exp` claim: seconds since 1970-01-01T00:00:00Z.
    public var expiresAt: UInt64

    /// The same from the server's time on, in seconds. Right also where the clocks differ.
    public var expiresInSeconds: UInt32

    /// The server's clock when it answered: seconds since 1970-01-01T00:00:00Z.
    public var serverTime: UInt64

    init(_ response: SignResponse) {
        accessToken = String(decoding: response.accessToken, as: UTF8.self)
        expiresAt = response.expiresAt
        expiresInSeconds = response.expiresInSeconds
        serverTime = response.serverTime
    }
}

extension AccessToken: CustomReflectable {
    /// Everything but the token: a value that is printed or logged gives no token away.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "accessToken": RedactedToken(),
                "expiresAt": expiresAt,
                "expiresInSeconds": expiresInSeconds,
                "serverTime": serverTime,
            ],
            displayStyle: .struct
        )
    }
}
