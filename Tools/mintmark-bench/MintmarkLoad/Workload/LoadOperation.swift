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
    /// No request, but a connection with everything up to its first one.
    case handshake

    /// Those that a connection can be asked for.
    static let requests = allCases.filter { $0 != .handshake }

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
        case .handshake: "handshake"
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
        case .handshake: .hello
        }
    }
}
