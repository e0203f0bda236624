import MintmarkWire

/// What the load consists of. The raw value is the place in tables.
enum LoadOperation: Int, CaseIterable, Hashable, Sendable {
    case sign
    case verify
    case refresh
    case ping
    case `open`
    case revoke
    case keys
    /// VERIFY of tokens that must be refused.
    case hostile

    var name: String {
        switch self {
        case .sign: "sign"
        case .verify: "verify"
        case .refresh: "refresh"
        case .ping: "ping"
        case .open: "open"
        case .revoke: "revoke"
        case .keys: "keys"
        case .hostile: "hostile"
        }
    }

    /// The kind of its requests.
    var kind: Kind {
        switch self {
        case .sign: .sign
        case .verify, .hostile: .verify
        case .refresh: .refresh
        case .ping: .ping
        case .open: .open
        case .revoke: .revoke
        case .keys: .keys
        }
    }
}
