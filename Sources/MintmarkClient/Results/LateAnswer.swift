/// New tokens whose caller had stopped waiting for them, because the call's time was over or its task was cancelled.
///
/// What they stand for has happened at the server. Whoever keeps refresh tokens keeps these as if the call had
/// succeeded: of two answers about a session the one with the greater generation is newer, and of equal ones the later;
/// an opened session has generation 0.
///
/// An answer is late only as long as its connection lives: none comes when the connection is lost, or behind the end of
/// ``MintmarkClient/run()``, which does not wait for it.
public enum LateAnswer: Hashable, Sendable {
    /// A session was opened, with this attempt id.
    case opened(SessionTokens, attemptID: AttemptID?)

    /// A session was refreshed. The tokens replace the refresh token that was sent.
    case refreshed(RefreshedSession, replacing: String)
}

extension LateAnswer: CustomReflectable {
    /// Everything but the tokens: an answer that is printed or logged gives no token away.
    public var customMirror: Mirror {
        switch self {
        case .opened(let tokens, let attemptID):
            Mirror(self, children: ["opened": (tokens, attemptID: attemptID)], displayStyle: .enum)
        case .refreshed(let session, _):
            Mirror(self, children: ["refreshed": (session, replacing: RedactedToken())], displayStyle: .enum)
        }
    }
}
