import MintmarkWire

extension MintmarkClient {
    /// Makes one access token that belongs to no session.
    ///
    /// - Parameters:
    ///   - subject: The `sub` claim: 1 to 256 bytes.
    ///   - audience: The `aud` claim: 1 to 16 items.
    ///   - claims: Further claims: one strict JSON object, as bytes.
    ///   - scope: The `scope` claim: scope-tokens separated by single spaces (RFC 6749 section 3.3).
    ///   - accessTokenTTLSeconds: How long the token shall live. At most, and without it, what the server's policy says.
    ///   - timeout: How long to wait. The configuration's when nil.
    public func sign(
        subject: String,
        audience: [String],
        claims: [UInt8]? = nil,
        scope: String? = nil,
        accessTokenTTLSeconds: UInt32? = nil,
        timeout: Duration? = nil
    ) async throws(MintmarkError) -> AccessToken {
        let request = SignRequest(
            claims: claims,
            subject: subject,
            audience: audience,
            scope: scope,
            accessTokenTTLSeconds: accessTokenTTLSeconds
        )
        return AccessToken(try await perform(request, timeout: timeout))
    }

    /// Judges an access token. A token that must not be used is an answer, not an error.
    ///
    /// - Parameters:
    ///   - accessToken: The JWT in compact serialization.
    ///   - audience: Which audience the token must be for.
    ///   - omitsClaims: Whether to do without the claims, which makes the answer a few bytes long.
    ///   - requiresLiveSession: Whether the token's session must be known to the server and alive.
    ///   - leewaySeconds: The clock difference to forgive, at most 300. The server's setting when nil.
    ///   - timeout: How long to wait. The configuration's when nil.
    public func verify(
        _ accessToken: String,
        audience: ExpectedAudience,
        omitsClaims: Bool = false,
        requiresLiveSession: Bool = false,
        leewaySeconds: UInt32? = nil,
        timeout: Duration? = nil
    ) async throws(MintmarkError) -> Verification {
        let expected: VerifyRequest.ExpectedAudience =
            switch audience {
            case .named(let name): .named(name)
            case .any: .any
            }
        let request = VerifyRequest(
            accessToken: Array(accessToken.utf8),
            expectedAudience: expected,
            omitsClaims: omitsClaims,
            requiresLiveSession: requiresLiveSession,
            leewaySeconds: leewaySeconds
        )
        let response = try await perform(request, timeout: timeout)
        if response.isActive { return .active(claims: response.claims) }
        return .inactive(reason: try reason(response.reason, of: .verify))
    }

    /// The public keys that verify access tokens: a JWK Set (RFC 7517 section 5), as JSON.
    ///
    /// - Parameter timeout: How long to wait. The configuration's when nil.
    public func keys(timeout: Duration? = nil) async throws(MintmarkError) -> [UInt8] {
        try await perform(KeysRequest(), timeout: timeout).jwks
    }

    /// The reason that comes with every inactive token.
    func reason(_ reason: StatusCode?, of kind: Kind) throws(MintmarkError) -> StatusCode {
        guard let reason else {
            let error = WireError(.fieldMissing, field: Tag.reason.rawValue)
            throw MintmarkError(.body(error, kindByte: kind.responseByte))
        }
        return reason
    }
}
