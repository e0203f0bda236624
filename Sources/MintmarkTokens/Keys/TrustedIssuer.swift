package import MintmarkCrypto

/// Another issuer whose tokens are good here: verified with its keys and no others. A plain value.
package struct TrustedIssuer: Equatable, Sendable {
    /// One of its keys.
    package struct Key: Equatable, Sendable {
        /// The `kid` that its tokens name it by.
        package let keyID: [UInt8]
        package let publicKey: Ed25519PublicKey

        package init(keyID: [UInt8], publicKey: Ed25519PublicKey) {
            self.keyID = keyID
            self.publicKey = publicKey
        }
    }

    /// The `iss` of its tokens, UTF-8.
    package let issuer: [UInt8]
    /// Its tokens have to be for one of these; empty: for whomever.
    package let audiences: [[UInt8]]
    package let keys: [Key]

    package init(issuer: [UInt8], audiences: [[UInt8]] = [], keys: [Key]) {
        self.issuer = issuer
        self.audiences = audiences
        self.keys = keys
    }
}
