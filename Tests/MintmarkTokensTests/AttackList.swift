import Testing

/// The known attacks on tokens, each with the test that tries it, under the rule that it would break. The list is what a
/// reviewer reads; `AttackListTests` sees to it that every rule has its attacks and every name in it is a test.
enum AttackList {
    /// What holds for access tokens, a line each.
    enum Rule: String, CaseIterable {
        /// Exactly three parts of strict base64url, at most 8 KiB, measured before anything is decoded.
        case serialization
        /// Header and claims are strict JSON objects: encoding, names, depth and numbers are bounded.
        case strictJSON
        /// `alg` is exactly EdDSA or Ed25519, whichever of them the key writes.
        case algorithm
        /// `kid` is bounded, only a lookup, and names a key that is trusted.
        case keyID
        /// Nothing in a header moves trust into the token or changes what is signed.
        case trust
        /// `typ` is the configured one.
        case type
        /// `iss` is exact, `aud` contains what is asked for, and claims have their types.
        case issuerAndAudience
        /// `exp` is required, `nbf` and `iat` are honoured, leeway is safe, dates are integers without overflow.
        case times
        /// Signature first, claims after; every reason is a status of its own.
        case order
        /// The signature is 64 bytes of one spelling, over exactly this text.
        case signature
        /// A public key is a point of the group, in its one spelling, or is not loaded.
        case publicKey
        /// What is published is met.
        case vectors
        /// SIGN is no oracle: issuer, times and `jti` are the server's, and nothing is smuggled in beside them.
        case oracle
        /// A token out of the cache is judged like any other.
        case cache
    }

    struct Attack: CustomTestStringConvertible, Sendable {
        let attack: String
        let suite: String
        let test: String
        /// The test target, which is a folder.
        var target = "MintmarkTokensTests"

        var testDescription: String { attack }
    }

    static let attacks: [Attack] = Rule.allCases.flatMap(attacks)
}
