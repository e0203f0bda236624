import MintmarkWire

extension StatusCode {
    /// The error of RFC 6749 (sections 4.1.2.1 and 5.2) that says about the same; nil if none does.
    var oAuthError: String? {
        guard let status else { return oAuthErrorOfUnknown }
        switch status {
        case .invalid, .unknown, .revoked, .expired, .reused: return "invalid_grant"
        case .clientMismatch, .contextMismatch, .graceExhausted: return "invalid_grant"
        case .scopeExceeded: return "invalid_scope"
        case .sessionCap: return "access_denied"
        case .authRequired, .authFailed, .clientGone, .clientUnknown: return "invalid_client"
        case .notPermitted: return "unauthorized_client"
        case .shuttingDown, .handshakeTimeout, .frameTimeout: return "temporarily_unavailable"
        default: return oAuthErrorOfUnknown
        }
    }

    /// What the hundreds of a number tell.
    private var oAuthErrorOfUnknown: String? {
        switch rawValue {
        case 200...299: "invalid_request"
        case 400...499: "temporarily_unavailable"
        case 500...599: "server_error"
        default: nil
        }
    }
}
