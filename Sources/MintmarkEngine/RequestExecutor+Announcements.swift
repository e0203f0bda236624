import MintmarkSessions
import MintmarkTokens
package import MintmarkWire

/// What a request will look for lies somewhere in much more memory than the processor keeps near, and fetching it takes as
/// long as answering another request. So requests that came together are announced two ahead of their turn: first what
/// tells where the token or session is gets fetched, and one request later the thing itself.
///
/// An announcement is a guess from the request's first field. It changes, counts and refuses nothing.
extension RequestExecutor {
    /// What was begun to be fetched.
    enum Announcement {
        case accessToken(VerifiedTokenCache.Announcement)
        case session(SessionID)
    }

    /// Tells of the request behind the one that was announced last. The next two that are executed come before it.
    package mutating func announce(_ header: FrameHeader, body: RawSpan) {
        finishAnnouncement()
        switch header.requestKind {
        case .verify:
            if let cache, let token = VerifyRequestFields.presumedToken(in: body) {
                announcement = .accessToken(cache._withUnsafeGuaranteedRef { $0.announce(body.extracting(token)) })
            }
        case .refresh:
            if let token = RefreshRequestFields.presumedToken(in: body),
                let id = RefreshTokenCodec.presumedSessionID(in: body.extracting(token), scratch: &identifier)
            {
                engine.sessions.announce(id)
                announcement = .session(id)
            }
        default:
            break
        }
    }

    /// Fetches what was announced last; nothing else is announced for now.
    package mutating func finishAnnouncement() {
        switch announcement {
        case .accessToken(let token): cache?._withUnsafeGuaranteedRef { $0.prefetch(token) }
        case .session(let id): engine.sessions.prefetch(id)
        case nil: return
        }
        announcement = nil
    }
}
