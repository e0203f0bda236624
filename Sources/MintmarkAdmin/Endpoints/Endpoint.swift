/// What can be asked for. Immutable.
package enum Endpoint: String, CaseIterable, Sendable {
    case livez
    case readyz
    case metrics
    case jwks
    /// The page for people.
    case status
    case authz
    /// Any other path, and what is no HTTP.
    case other

    /// The path that asks for it; nil: none does.
    package var path: String? {
        switch self {
        case .livez: "/livez"
        case .readyz: "/readyz"
        case .metrics: "/metrics"
        case .jwks: "/.well-known/jwks.json"
        case .status: "/"
        case .authz: "/authz"
        case .other: nil
        }
    }

    /// What a request target asks for. Paths are compared as they are spelled: whoever escapes letters asks for another.
    init(target: String) {
        let path = target.prefix { $0 != "?" && $0 != "#" }
        self = Self.allCases.first { endpoint in endpoint.path.map { $0 == path } ?? false } ?? .other
    }
}
