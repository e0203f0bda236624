/// What decides how long a signing key stays in each state of its life. A plain value.
package struct KeyPolicy: Equatable, Sendable {
    /// How long a key signs before another takes over; nil: until somebody says so.
    package var rotationSeconds: UInt64?
    /// How long those who verify by the published keys may keep what they read: a key is published for this long before
    /// it signs.
    package var publicationSeconds: UInt64
    /// The longest that an access token lives that is signed from now on.
    package var tokenLifetimeSeconds: UInt32

    package init(rotationSeconds: UInt64?, publicationSeconds: UInt64, tokenLifetimeSeconds: UInt32) {
        self.rotationSeconds = rotationSeconds
        self.publicationSeconds = publicationSeconds
        self.tokenLifetimeSeconds = tokenLifetimeSeconds
    }

    /// From when on a prepared key can be activated as it is, seconds since 1970: everybody knows it by then.
    package func usableAt(_ record: KeyRecord) -> UInt64 { record.preparedAt + publicationSeconds }
}

/// The bounds of a `KeyLedger`.
package enum KeyLimits {
    /// Most keys that are prepared, active or retired at a time: all of them fit into the least answer to KEYS.
    package static let liveKeysMax = 64
    /// Most revoked keys that are told from unknown ones; beyond them, the one revoked first counts as removed.
    package static let revokedKeysMax = 64
    /// Most removed keys that are remembered, so that a file that still holds one is not taken for a new key. Those that
    /// were revoked stay longest; when all of them were, no key from a file is taken up any more.
    package static let removedKeysMax = 256
    /// The greatest leeway that a verification can ask for.
    package static let leewaySecondsMax: UInt64 = 300
    /// By how much the wall clock may be set back after a key has retired, without a token of its failing early.
    package static let clockAllowanceSeconds: UInt64 = 3_600
}
