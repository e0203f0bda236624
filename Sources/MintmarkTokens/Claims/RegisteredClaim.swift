import MintmarkCrypto

/// The claims that the server sets itself (RFC 7519 section 4.1, RFC 9068 section 2.2).
///
/// Custom claims may not use their names; a verifier reads those it needs.
package enum RegisteredClaim: String, CaseIterable, Sendable {
    case issuer = "iss"
    case subject = "sub"
    case audience = "aud"
    case expiresAt = "exp"
    case notBefore = "nbf"
    case issuedAt = "iat"
    case tokenID = "jti"
    case clientID = "client_id"
    case sessionID = "sid"
    case scope

    /// The claim of that name. `name` has its escapes resolved; names are case-sensitive.
    package init?(name: RawSpan) {
        switch name.byteCount {
        case 3: self.init(shortName: name)
        case 5 where name.hasSameBytes(as: "scope"): self = .scope
        case 9 where name.hasSameBytes(as: "client_id"): self = .clientID
        default: return nil
        }
    }

    /// Whether a claim has a name of that length: one look keeps most names from being compared.
    @inline(__always)
    static func hasName(byteCount: Int) -> Bool {
        byteCount == 3 || byteCount == 5 || byteCount == 9
    }

    private init?(shortName name: RawSpan) {
        if name.hasSameBytes(as: "iss") {
            self = .issuer
        } else if name.hasSameBytes(as: "sub") {
            self = .subject
        } else if name.hasSameBytes(as: "aud") {
            self = .audience
        } else if name.hasSameBytes(as: "exp") {
            self = .expiresAt
        } else if name.hasSameBytes(as: "nbf") {
            self = .notBefore
        } else if name.hasSameBytes(as: "iat") {
            self = .issuedAt
        } else if name.hasSameBytes(as: "jti") {
            self = .tokenID
        } else if name.hasSameBytes(as: "sid") {
            self = .sessionID
        } else {
            return nil
        }
    }
}
