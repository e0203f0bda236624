/// Who knows which access tokens were revoked before they expire.
///
/// Asked about every token that is otherwise good, cached or not, from any thread; must not block.
package protocol AccessTokenRevocations {
    /// Whether a token with these claims is revoked: by its session, its subject, its client, or with all others.
    ///
    /// - Parameters:
    ///   - subject: `sub`, escapes resolved; lent for the call.
    ///   - clientID: `client_id`, escapes resolved, empty when the token has none; lent for the call.
    ///   - sessionID: the 16 bytes of `sid` as a big-endian number.
    ///   - issuedAt: `iat`, seconds since 1970.
    func isRevoked(subject: RawSpan, clientID: RawSpan, sessionID: UInt128?, issuedAt: UInt64) -> Bool

    /// The greatest `iat` that this server may have handed out. Behind a revocation it lies ahead of the clock.
    var greatestIssuedAt: UInt64 { get }

    /// The longest life of a token that this server hands out, in seconds.
    var accessTokenSecondsMax: UInt64 { get }
}

extension AccessTokenRevocations {
    package var greatestIssuedAt: UInt64 { 0 }
    package var accessTokenSecondsMax: UInt64 { 0 }
}

/// Nothing was ever revoked.
package struct NoRevocations: AccessTokenRevocations {
    package init() {}

    package func isRevoked(subject: RawSpan, clientID: RawSpan, sessionID: UInt128?, issuedAt: UInt64) -> Bool {
        false
    }
}
