package import MintmarkCrypto

/// The keys that sign and verify, at one moment. Immutable, so it is shared freely; a change makes a new ring.
package final class KeyRing: Sendable {
    /// Where a key is in its life.
    package enum State: UInt8, Sendable, CaseIterable {
        /// Published, so that verifiers know it in time, but not used for signing yet.
        case prepared
        /// Signs. Exactly one key of a ring is active.
        case active
        /// Signs no more; its tokens are still good.
        case retired
        /// Its tokens are refused; it is published no more.
        case revoked

        /// Whether tokens signed with a key in this state are good, and the key is published.
        ///
        /// A prepared key verifies, because whoever reads the published set lets it verify as well.
        package var isTrusted: Bool { self != .revoked }
    }

    /// The `alg` that is written for a key. A verifier takes either for any key: RFC 9864 names the same algorithm anew.
    package enum Algorithm: Sendable, CaseIterable {
        case edDSA
        case ed25519

        package var name: StaticString {
            switch self {
            case .edDSA: "EdDSA"
            case .ed25519: "Ed25519"
            }
        }
    }

    /// One public key and how it is used.
    package struct Key: Sendable {
        package let publicKey: Ed25519PublicKey
        package let state: State
        package let algorithm: Algorithm
        /// The `kid`: the key's JWK thumbprint (RFC 7638, RFC 8037 section 2) in base64url, 43 characters.
        package let keyID: [UInt8]

        package init(_ publicKey: Ed25519PublicKey, state: State, algorithm: Algorithm = .edDSA) {
            self.publicKey = publicKey
            self.state = state
            self.algorithm = algorithm
            keyID = JSONWebKey.thumbprint(of: publicKey)
        }
    }

    package let keys: [Key]
    /// The private half of the active key.
    package let signingKey: Ed25519SigningKey
    /// Index of the active key.
    package let activeIndex: Int
    /// The JWK Set of the trusted keys (RFC 7517 section 5), in the ring's order.
    package let jwks: [UInt8]

    /// - Parameter signingKey: the private half of the one active key.
    package init(_ keys: [Key], signingKey: Ed25519SigningKey) throws(KeyRingError) {
        let active = keys.indices.filter { keys[$0].state == .active }
        guard active.count == 1 else { throw .activeKeyCount(active.count) }
        guard keys[active[0]].publicKey == signingKey.publicKey else { throw .signingKeyIsNotActive }
        guard Set(keys.map(\.publicKey)).count == keys.count else { throw .keyRepeated }
        self.keys = keys
        self.signingKey = signingKey
        activeIndex = active[0]
        jwks = JSONWebKey.set(of: keys.filter(\.state.isTrusted))
    }

    /// The active key.
    package var activeKey: Key { keys[activeIndex] }

    /// Whether tokens that are good under `other` are good under this ring, as far as keys go.
    func trustsAll(of other: KeyRing) -> Bool {
        let trusted = Set(keys.filter(\.state.isTrusted).map(\.publicKey))
        return other.keys.allSatisfy { !$0.state.isTrusted || trusted.contains($0.publicKey) }
    }
}

/// Why keys make no ring.
package enum KeyRingError: Error, Equatable, Sendable {
    /// Not exactly one key is active.
    case activeKeyCount(Int)
    /// The signing key is not the private half of the active key.
    case signingKeyIsNotActive
    /// The same key twice.
    case keyRepeated
}
