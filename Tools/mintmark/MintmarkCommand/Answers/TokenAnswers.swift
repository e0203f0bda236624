import MintmarkClient
import MintmarkWire

/// A new session.
struct OpenAnswer: CommandAnswer {
    var tokens: SessionTokens
    /// As it was asked for. The server grants all of it, or refuses.
    var scope: String?

    var json: String {
        var object = JSONObject()
        object.add(tokens, scope: scope)
        return object.text
    }

    func text(at now: UInt64) -> String {
        var lines = AlignedLines()
        lines.add(tokens, scope: scope)
        return lines.text
    }
}

/// New tokens of a session.
struct RefreshAnswer: CommandAnswer {
    var session: RefreshedSession
    /// As it was asked for. Nil means all of the session's, which the answer does not tell.
    var scope: String?

    var json: String {
        var object = JSONObject()
        object.add(session.tokens, scope: scope)
        object.add("refresh_outcome", session.outcome.name)
        object.add("generation", session.generation)
        return object.text
    }

    func text(at now: UInt64) -> String {
        var lines = AlignedLines()
        lines.add(session.tokens, scope: scope)
        lines.add("refresh outcome", "\(session.outcome.name): \(session.outcome.sentence)")
        lines.add("generation", "\(session.generation)")
        return lines.text
    }
}

/// An access token without a session.
struct SignAnswer: CommandAnswer {
    var token: AccessToken
    /// As it was asked for. The server grants all of it, or refuses.
    var scope: String?

    var json: String {
        var object = JSONObject()
        object.addAccessToken(token.accessToken, token.expiresAt, token.expiresInSeconds, scope: scope)
        object.add("server_time", token.serverTime)
        return object.text
    }

    func text(at now: UInt64) -> String {
        var lines = AlignedLines()
        lines.add("access token", token.accessToken)
        lines.add("expires", TimeText.instant(token.expiresAt, from: token.serverTime))
        lines.add("scope", scope)
        return lines.text
    }
}

extension JSONObject {
    /// The members of RFC 6749 section 5.1, and what a session has besides.
    fileprivate mutating func add(_ tokens: SessionTokens, scope: String?) {
        addAccessToken(tokens.accessToken, tokens.expiresAt, tokens.expiresInSeconds, scope: scope)
        add("refresh_token", tokens.refreshToken)
        add("refresh_expires_in", tokens.refreshExpiresInSeconds)
        add("refresh_expires_at", tokens.refreshExpiresAt)
        add("session_id", tokens.sessionID.hexadecimal)
        add("session_expires_in", tokens.sessionExpiresInSeconds)
        add("session_expires_at", tokens.sessionExpiresAt)
        add("server_time", tokens.serverTime)
    }

    fileprivate mutating func addAccessToken(
        _ token: String,
        _ expiresAt: UInt64,
        _ expiresInSeconds: UInt32,
        scope: String?
    ) {
        add("access_token", token)
        add("token_type", "Bearer")
        add("expires_in", expiresInSeconds)
        add("expires_at", expiresAt)
        add("scope", scope)
    }
}

extension AlignedLines {
    fileprivate mutating func add(_ tokens: SessionTokens, scope: String?) {
        add("access token", tokens.accessToken)
        add("expires", TimeText.instant(tokens.expiresAt, from: tokens.serverTime))
        add("scope", scope)
        add("refresh token", tokens.refreshToken)
        add("refresh expires", TimeText.instant(tokens.refreshExpiresAt, from: tokens.serverTime))
        add("session id", tokens.sessionID.hexadecimal)
        add("session expires", TimeText.instant(tokens.sessionExpiresAt, from: tokens.serverTime))
    }
}
