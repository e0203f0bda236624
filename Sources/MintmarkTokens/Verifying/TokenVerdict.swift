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
        if let refusal = untimeliness(of: facts, leewaySeconds: leewaySeconds, now: now) {
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
    @inline(__always)
    static func untimeliness(of facts: TokenFacts, leewaySeconds: UInt32, now: UInt64) -> TokenRefusal? {
        let leeway = UInt64(leewaySeconds)
        guard now < facts.expiresAt + leeway else { return .expired }
        let latestStart = max(facts.notBefore, facts.issuedAt)
        guard latestStart <= leeway || latestStart - leeway <= now else { return .notYetValid }
        return nil
    }
}
