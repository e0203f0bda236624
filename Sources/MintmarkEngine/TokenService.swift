package import MintmarkTokens

/// Everything that makes and judges access tokens, under one key ring and one set of settings. Immutable.
package struct TokenService: Sendable {
    package let signer: TokenSigner
    package let verifier: TokenVerifier
    /// Nil: every verification checks the signature.
    package let cache: VerifiedTokenCache?
    /// What VERIFY forgives when the request does not say.
    package let leewaySeconds: UInt32

    package init(keys: KeyRing, profile: TokenProfile, cache: VerifiedTokenCache?, leewaySeconds: UInt32) {
        signer = TokenSigner(keys: keys, profile: profile)
        verifier = TokenVerifier(keys: keys, profile: profile)
        self.cache = cache
        self.leewaySeconds = leewaySeconds
    }
}
