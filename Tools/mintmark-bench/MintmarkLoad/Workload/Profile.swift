/// A kind of load with a name: what one of these services sees in practice.
enum Profile: String, CaseIterable, Sendable {
    /// A gateway: tokens are verified with every request, some much more often than others.
    case gateway
    /// Everybody logs in at once.
    case loginStorm = "login-storm"
    /// Access tokens live for a short time.
    case refreshHeavy = "refresh-heavy"
    /// Sessions are ended while others go on.
    case revokeStorm = "revoke-storm"
    /// A third of all requests must be refused.
    case hostile

    var mix: String {
        switch self {
        case .gateway: "verify=95,refresh=4,sign=1"
        case .loginStorm: "open=8,verify=2"
        case .refreshHeavy: "refresh=7,verify=3"
        case .revokeStorm: "revoke=5,verify=4,open=1"
        case .hostile: "verify=2,hostile=1"
        }
    }

    var keys: String {
        switch self {
        case .gateway: "zipf:0.99"
        case .loginStorm: "latest:0.99"
        case .refreshHeavy, .revokeStorm, .hostile: "uniform"
        }
    }

    /// The options that it stands for.
    var expansion: String { "--mix \(mix) --keys \(keys)" }
}
