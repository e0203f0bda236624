/// Why an access token is refused: the first check that fails, in the order listed here.
package enum TokenRefusal: Error, Equatable, Sendable, CaseIterable {
    /// Longer than `TokenLimits.accessTokenLengthMax`.
    case oversize
    /// Not three parts of strict base64url, or, found later, header or claims not one strict JSON object.
    case malformed
    /// `alg` is absent or neither `EdDSA` nor `Ed25519`.
    case algorithmRefused
    /// The header has one of `crit jwk jku x5u x5c zip b64`, whatever its value.
    case headerRefused
    /// `typ` is absent or not exactly the configured type.
    case typeRefused
    /// `kid` is absent, no text, too long, or names no key of the ring.
    case keyUnknown
    /// `kid` names a revoked key.
    case keyRevoked
    /// The signature is not 64 bytes, or does not verify.
    case signatureInvalid
    /// A claim is absent that must be there, or has the wrong type.
    case claimsRefused
    /// `iss` is not exactly the configured issuer.
    case issuerRefused
    /// `aud` does not contain the expected audience.
    case audienceRefused
    /// `exp` has passed.
    case expired
    /// `nbf` or `iat` lies in the future.
    case notYetValid
    /// The token's session, subject or client was revoked, or everything.
    case revoked
}
