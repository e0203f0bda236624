import MintmarkWire

extension MintmarkClient {
    /// Opens a session: an access token and the first refresh token.
    ///
    /// - Parameters:
    ///   - subject: The `sub` claim: 1 to 256 bytes.
    ///   - audience: The `aud` claim: 1 to 16 items.
    ///   - claims: Further claims: one strict JSON object, as bytes.
    ///   - scope: The `scope` claim: scope-tokens separated by single spaces (RFC 6749 section 3.3).
    ///   - accessTokenTTLSeconds: How long the access token shall live. At most, and without it, what the server's
    ///     policy says.
    ///   - context: A fingerprint of the user's surroundings, 1 to 256 bytes. To be given to every refresh.
    ///   - attemptID: Makes the call repeatable, by the client itself and, for a minute, by its caller. Without one
    ///     (nil) the call is sent once.
    ///   - timeout: How long to wait. The configuration's when nil.
    public func open(
        subject: String,
        audience: [String],
        claims: [UInt8]? = nil,
        scope: String? = nil,
        accessTokenTTLSeconds: UInt32? = nil,
        context: [UInt8]? = nil,
        attemptID: AttemptID? = AttemptID(),
        timeout: Duration? = nil
    ) async throws(MintmarkError) -> SessionTokens {
        let request = OpenRequest(
            claims: claims,
            subject: subject,
            audience: audience,
            scope: scope,
            accessTokenTTLSeconds: accessTokenTTLSeconds,
            context: context,
            attemptID: attemptID?.bytes
        )
        return SessionTokens(try await perform(request, timeout: timeout).grant)
    }

    /// Trades a refresh token for new tokens.
    ///
    /// Use the refresh token of the answer from then on, and never again one that an answer has replaced. When the call
    /// fails with a retryable error, call again soon with the same token: inside the server's grace window the
    /// answer is the same successor. When four fifths of the window have passed since the first of these calls (8 seconds
    /// by default), ask ``introspect(_:timeout:)`` before each further one, which is never reuse.
    ///
    /// - Parameters:
    ///   - refreshToken: The session's newest refresh token.
    ///   - audience: A part of the session's audience, for this access token only. All of it when nil.
    ///   - scope: A part of the session's scope, for this access token only. All of it when nil.
    ///   - accessTokenTTLSeconds: How long the access token shall live. At most, and without it, what the server's
    ///     policy says.
    ///   - context: A fingerprint of the user's surroundings, 1 to 256 bytes.
    ///   - timeout: How long to wait. The configuration's when nil.
    public func refresh(
        _ refreshToken: String,
        audience: [String]? = nil,
        scope: String? = nil,
        accessTokenTTLSeconds: UInt32? = nil,
        context: [UInt8]? = nil,
        timeout: Duration? = nil
    ) async throws(MintmarkError) -> RefreshedSession {
        let request = RefreshRequest(
            refreshToken: Array(refreshToken.utf8),
            audience: audience,
            scope: scope,
            accessTokenTTLSeconds: accessTokenTTLSeconds,
            context: context
        )
        return RefreshedSession(try await perform(request, timeout: timeout))
    }

    /// Ends a session, or many. Ending what is unknown, or has ended, is success (RFC 7009 section 2.2).
    ///
    /// - Parameters:
    ///   - target: What to end.
    ///   - timeout: How long to wait. The configuration's when nil.
    public func revoke(_ target: RevocationTarget, timeout: Duration? = nil) async throws(MintmarkError) {
        _ = try await perform(RevokeRequest(target.wireTarget), timeout: timeout)
    }

    /// Tells what a refresh token is. Changes nothing and counts as no use.
    ///
    /// - Parameters:
    ///   - refreshToken: Any refresh token.
    ///   - timeout: How long to wait. The configuration's when nil.
    public func introspect(
        _ refreshToken: String,
        timeout: Duration? = nil
    ) async throws(MintmarkError) -> Introspection {
        let request = IntrospectRequest(refreshToken: Array(refreshToken.utf8))
        let response = try await perform(request, timeout: timeout)
        if response.isActive { return .active(SessionDescription(response)) }
        return .inactive(reason: try reason(response.reason, of: .introspect))
    }

    /// Makes the next refresh rotate, whatever the policy says.
    ///
    /// - Parameters:
    ///   - target: Whose next refresh.
    ///   - timeout: How long to wait. The configuration's when nil.
    public func forceRotation(of target: RotationTarget, timeout: Duration? = nil) async throws(MintmarkError) {
        _ = try await perform(ForceRotationRequest(target.wireTarget), timeout: timeout)
    }
}
