import MintmarkSessions
import MintmarkTokens

/// Tells the token verifier what the session store knows of revocations.
struct SessionRevocations: AccessTokenRevocations {
    let sessions: SessionStore

    @inline(__always)
    func isRevoked(subject: RawSpan, clientID: RawSpan, sessionID: UInt128?, issuedAt: UInt64) -> Bool {
        sessions.rejectsAccessToken(
            subject: subject,
            client: clientID,
            sessionID: sessionID.map { SessionID(number: $0) },
            issuedAt: issuedAt
        )
    }

    var greatestIssuedAt: UInt64 { sessions.cutOffs.greatestIssuedAt }
}
