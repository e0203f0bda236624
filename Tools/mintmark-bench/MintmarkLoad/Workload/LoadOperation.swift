import MintmarkWire

/// What the load consists of. The raw value is the place in tables.
enum LoadOperation: Int, CaseIterable, Hashable, Sendable {
    case sign
    case verify
    case refresh
    case ping

    var name: String {
        switch self {
        case .sign: "sign"
        case .verify: "verify"
        case .refresh: "refresh"
        case .ping: "ping"
        }
    }

    /// The kind of its requests.
    var kind: Kind {
        switch self {
        case .sign: .sign
        case .verify: .verify
        case .refresh: .refresh
        case .ping: .ping
        }
    }
}
