import MintmarkSessions
import MintmarkTokens

/// Tells the token verifier what the session store knows of revocations. Immutable.
///
/// An object, so that lending it to the verifier costs no reference count for each token.
final class SessionRevocations: AccessTokenRevocations, Sendable {
    private let sessions: SessionStore

    init(sessions: SessionStore) {
        self.sessions = sessions
    }

    func isRevoked(subject: RawSpan, clientID: RawSpan, sessionID: UInt128?, issuedAt: UInt64) -> Bool {
        sessions.rejectsAccessToken(
            subject: subject,
            client: clientID,
            sessionID: sessionID.map { SessionID(number: $0) },
            issuedAt: issuedAt
        )
    }

    var greatestIssuedAt: UInt64 { sessions.cutOffs.greatestIssuedAt }
    var accessTokenSecondsMax: UInt64 { sessions.accessTokenSecondsMax }
}
