/// What a request asks for. The raw value is the kind byte of the request's frame.
public enum Kind: UInt8, CaseIterable, Hashable, Sendable {
    /// Agrees on the version; the first frame of every connection.
    case hello = 0x01

    /// Proves who the caller is, where the server asks for it.
    case auth = 0x02

    /// Does nothing and is answered.
    case ping = 0x03

    /// Makes one access token.
    case sign = 0x04

    /// Judges an access token.
    case verify = 0x05

    /// Starts a session: an access token and a refresh token.
    case `open` = 0x06

    /// Trades a refresh token for a new access token.
    case refresh = 0x07

    /// Ends a session, or all sessions of a subject or client, or all.
    case revoke = 0x08

    /// Looks at a refresh token without using it.
    case introspect = 0x09

    /// Fetches the public keys as a JWK Set.
    case keys = 0x0A

    /// Fetches counters and readiness.
    case stats = 0x0B

    /// Makes the next refresh rotate, whatever the policy.
    case forceRotation = 0x0C

    /// Writes a snapshot of the sessions to the server's disk.
    case snapshot = 0x0D

    /// Lists the signing keys.
    case keyList = 0x0E

    /// Makes a signing key and publishes it.
    case keyPrepare = 0x0F

    /// Lets a prepared key sign.
    case keyActivate = 0x10

    /// Refuses a key's tokens for good.
    case keyRevoke = 0x11

    /// Takes up a signing key from a file of the server's.
    case keyImport = 0x12
}

extension Kind {
    /// The kind byte of an error frame, whatever the request was.
    public static let errorByte: UInt8 = 0xFF

    /// The bit that tells an answer's kind byte from its request's.
    static let responseBit: UInt8 = 0x80

    /// The kind byte of the request's frame.
    public var requestByte: UInt8 { rawValue }

    /// The kind byte of the answer's frame.
    public var responseByte: UInt8 { rawValue | Kind.responseBit }

    /// The name in the specification, such as `FORCE_ROTATION`.
    public var name: String {
        switch self {
        case .hello: "HELLO"
        case .auth: "AUTH"
        case .ping: "PING"
        case .sign: "SIGN"
        case .verify: "VERIFY"
        case .open: "OPEN"
        case .refresh: "REFRESH"
        case .revoke: "REVOKE"
        case .introspect: "INTROSPECT"
        case .keys: "KEYS"
        case .stats: "STATS"
        case .forceRotation: "FORCE_ROTATION"
        case .snapshot: "SNAPSHOT"
        case .keyList: "KEY_LIST"
        case .keyPrepare: "KEY_PREPARE"
        case .keyActivate: "KEY_ACTIVATE"
        case .keyRevoke: "KEY_REVOKE"
        case .keyImport: "KEY_IMPORT"
        }
    }
}
