public import MintmarkWire

/// The verdict on an access token.
public enum Verification: Hashable, Sendable {
    /// The token may be used now. The claims are the token's own JSON object, nil if they were not wanted.
    case active(claims: [UInt8]?)

    /// The token must not be used.
    case inactive(reason: StatusCode)

    /// Whether the token may be used now.
    public var isActive: Bool {
        switch self {
        case .active: true
        case .inactive: false
        }
    }
}

/// Which audience an access token must be for.
public enum ExpectedAudience: Hashable, Sendable {
    /// This one must be among the token's.
    case named(String)

    /// Any. Only for those to whom every token is addressed.
    case any
}
