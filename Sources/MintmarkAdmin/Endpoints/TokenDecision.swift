/// What `/authz` asks about. Immutable.
package struct TokenQuestion: Sendable, Equatable {
    /// token68 characters (RFC 9110 section 11.2).
    package let token: [UInt8]
    /// What the token must be for and from, and what it must have, beside what the server asks of every token.
    package let query: AuthzQuery

    package init(token: [UInt8], query: AuthzQuery) {
        self.token = token
        self.query = query
    }
}

/// What the server says of a token.
package enum TokenDecision: Sendable, Equatable {
    case active(BearerIdentity)
    /// - Parameter reason: letters, digits and underscores.
    case inactive(reason: String)
    /// The token is good, and lacks some of these scope-tokens.
    case insufficientScope(required: [[UInt8]])
    /// Too many were asked about.
    case tooOften(retryAfterSeconds: UInt32)
    /// Nothing is said now: the server is starting, or its client may not ask.
    case unavailable
    /// Nobody may ask here.
    case off
}

/// Who shows a good token, as UTF-8 that may hold anything. Immutable.
package struct BearerIdentity: Sendable, Equatable {
    package var issuer: [UInt8]
    package var subject: [UInt8]
    package var clientID: [UInt8]?
    package var scope: [UInt8]?
    package var audiences: [[UInt8]]
    /// In seconds since 1970.
    package var expiresAt: UInt64

    package init(
        issuer: [UInt8],
        subject: [UInt8],
        clientID: [UInt8]?,
        scope: [UInt8]?,
        audiences: [[UInt8]],
        expiresAt: UInt64
    ) {
        self.issuer = issuer
        self.subject = subject
        self.clientID = clientID
        self.scope = scope
        self.audiences = audiences
        self.expiresAt = expiresAt
    }

    /// The scope-tokens.
    var scopeTokens: [ArraySlice<UInt8>] {
        (scope ?? []).split(separator: UInt8(ascii: " "))
    }
}

/// What came of a question to `/authz`. The raw value is the name that is counted by.
package enum AuthzOutcome: String, CaseIterable, Sendable {
    case allowed
    case noToken = "no_token"
    case invalidRequest = "invalid_request"
    case invalidToken = "invalid_token"
    case insufficientScope = "insufficient_scope"
    case rateLimited = "rate_limited"
    case unavailable
}
