package import MintmarkCrypto

/// One signing key and where it is in its life. A plain value.
package struct KeyRecord: Equatable, Sendable {
    package enum State: UInt8, Sendable, CaseIterable {
        /// Published and verifying; does not sign yet.
        case prepared = 1
        /// Signs.
        case active = 2
        /// Verifies until the last token that it signed has expired.
        case retired = 3
        /// Its tokens are refused, all of them, for good.
        case revoked = 4
        /// Gone; only remembered, so that it never comes back.
        case removed = 5

        /// Whether a key in this state verifies and is published.
        package var isLive: Bool {
            switch self {
            case .prepared, .active, .retired: true
            case .revoked, .removed: false
            }
        }
    }

    package let publicKey: Ed25519PublicKey
    /// The `kid`: the key's thumbprint, 43 characters.
    package let keyID: [UInt8]
    package internal(set) var state: State
    /// The longest life of a token that it may have signed, in seconds.
    package internal(set) var tokenLifetimeSeconds: UInt32 = 0
    /// When it was first published, seconds since 1970.
    package internal(set) var preparedAt: UInt64
    /// When it began to sign; 0: never yet.
    package internal(set) var activatedAt: UInt64 = 0
    /// When it stopped to sign; 0: not yet, or, of a removed key, that it was revoked before it counted as removed.
    package internal(set) var retiredAt: UInt64 = 0
    /// When it was revoked or removed; 0: not yet.
    package internal(set) var endedAt: UInt64 = 0

    init(_ publicKey: Ed25519PublicKey, state: State, preparedAt: UInt64) {
        self.publicKey = publicKey
        keyID = JSONWebKey.thumbprint(of: publicKey)
        self.state = state
        self.preparedAt = preparedAt
    }

    /// Whether it was revoked, and not only grew old.
    package var wasRevoked: Bool { state == .revoked || state == .removed && retiredAt == 0 }

    /// The 32 bytes of the public key.
    package var publicKeyBytes: [UInt8] { publicKey.rawBytes }

    /// When a retired key has signed no token that could still be good: from here on it may go.
    package var removableAt: UInt64 {
        retiredAt + UInt64(tokenLifetimeSeconds) + KeyLimits.leewaySecondsMax + KeyLimits.clockAllowanceSeconds
    }

    /// The key as a ring holds it; nil for one that is gone.
    package func ringKey(algorithm: KeyRing.Algorithm) -> KeyRing.Key? {
        let state: KeyRing.State
        switch self.state {
        case .prepared: state = .prepared
        case .active: state = .active
        case .retired: state = .retired
        case .revoked: state = .revoked
        case .removed: return nil
        }
        return KeyRing.Key(publicKey, state: state, algorithm: algorithm)
    }
}
