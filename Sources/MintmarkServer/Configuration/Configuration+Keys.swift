extension Configuration {
    /// How signing keys are kept and replaced.
    package struct Keys: Sendable, Equatable {
        package let directory: String
        package let passphraseFile: String?
        /// Whole seconds; nil: never.
        package let rotation: Duration?
        /// Whole seconds; never longer than the rotation.
        package let publication: Duration
    }

    /// Another issuer whose tokens are good.
    package struct TrustedIssuer: Sendable, Equatable {
        package let issuer: String
        /// A JWK Set.
        package let jwksFile: String
        /// Empty: whichever.
        package let audiences: [String]
    }
}
