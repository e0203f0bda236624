/// Judges facts at a moment. Pure: for a token out of the cache and for one just read the same function answers.
enum TokenVerdict {
    /// The first reason to refuse the token now, or nil. See `TokenVerifier.verify` for the parameters.
    @inline(__always)
    static func refusal(
        of facts: TokenFacts,
        text: RawSpan,
        expectedAudience: RawSpan?,
        leewaySeconds: UInt32,
        now: UInt64,
        revocations: some AccessTokenRevocations
    ) -> TokenRefusal? {
        if let expectedAudience {
            let audiences = text.extracting(facts.audiences.range)
            guard AudienceList.contains(expectedAudience, in: audiences) else { return .audienceRefused }
        }
        if let refusal = untimeliness(of: facts, leewaySeconds: leewaySeconds, now: now, revocations: revocations) {
            return refusal
        }
        let isRevoked = revocations.isRevoked(
            subject: text.extracting(facts.subject.range),
            clientID: text.extracting(facts.clientID.range),
            sessionID: facts.sessionID,
            issuedAt: facts.issuedAt
        )
        return isRevoked ? .revoked : nil
    }

    /// Whether the token is expired or not yet valid. Leeway always widens the token's life, and nothing overflows:
    /// dates are below 2^63 (RFC 7519 sections 4.1.4 to 4.1.6).
    ///
    /// An `iat` ahead of the clock is good when the server itself has handed it out (``isMoved(_:_:revocations:)``).
    @inline(__always)
    static func untimeliness(
        of facts: TokenFacts,
        leewaySeconds: UInt32,
        now: UInt64,
        revocations: some AccessTokenRevocations
    ) -> TokenRefusal? {
        let leeway = UInt64(leewaySeconds)
        guard now < facts.expiresAt + leeway else { return .expired }
        guard facts.notBefore <= now + leeway else { return .notYetValid }
        guard facts.issuedAt <= now + leeway || isMoved(facts, now + leeway, revocations: revocations) else {
            return .notYetValid
        }
        return nil
    }

    /// Whether this server may have dated the token ahead of the clock: what is issued in the second of a
    /// revocation carries a later `iat`, and must be good at once, with any leeway.
    ///
    /// It expires by the clock all the same. One that expires later was issued while the clock itself was ahead, and would
    /// be good for as long as it was.
    ///
    /// - Parameter latest: the clock with the leeway.
    private static func isMoved(
        _ facts: TokenFacts,
        _ latest: UInt64,
        revocations: some AccessTokenRevocations
    ) -> Bool {
        !facts.isForeign && facts.issuedAt <= revocations.greatestIssuedAt
            && facts.expiresAt <= latest + revocations.accessTokenSecondsMax
    }
}
