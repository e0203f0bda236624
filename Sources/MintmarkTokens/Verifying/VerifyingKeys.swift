import MintmarkCrypto

/// Every key that a verifier knows, found by its `kid`. Immutable.
///
/// The server's own keys come first, then those of the trusted issuers. Issuers choose their `kid`s by themselves, so
/// one `kid` can name several keys: each of them vouches for its own issuer alone.
struct VerifyingKeys: Sendable {
    /// A key and whom it vouches for.
    struct Key: Sendable {
        let publicKey: Ed25519PublicKey
        let isTrusted: Bool
        let issuer: [UInt8]
        /// A token has to be for one of these; empty: for whomever.
        let audiences: [[UInt8]]
    }

    /// The keys that share one `kid`.
    struct Group: Sendable {
        let keyID: [UInt8]
        /// What a signer of this program writes as the header: a token that begins so needs no look into it.
        let headerText: [UInt8]
        fileprivate(set) var keys: [Key]
    }

    private(set) var groups: [Group] = []

    init(_ ring: KeyRing, profile: TokenProfile, issuers: [TrustedIssuer]) {
        for key in ring.keys {
            let vouching = Key(
                publicKey: key.publicKey,
                isTrusted: key.state.isTrusted,
                issuer: profile.issuer,
                audiences: []
            )
            add(vouching, keyID: key.keyID, algorithm: key.algorithm, profile)
        }
        for issuer in issuers {
            for key in issuer.keys {
                let vouching = Key(
                    publicKey: key.publicKey,
                    isTrusted: true,
                    issuer: issuer.issuer,
                    audiences: issuer.audiences
                )
                add(vouching, keyID: key.keyID, algorithm: .edDSA, profile)
            }
        }
    }

    private mutating func add(
        _ key: Key,
        keyID: [UInt8],
        algorithm: KeyRing.Algorithm,
        _ profile: TokenProfile
    ) {
        if let index = groups.firstIndex(where: { $0.keyID == keyID }) {
            groups[index].keys.append(key)
            return
        }
        let headerText = profile.headerText(keyID: keyID, algorithm: algorithm)
        groups.append(Group(keyID: keyID, headerText: headerText, keys: [key]))
    }

    /// Index of the group whose signer writes exactly this header.
    @inline(__always)
    func index(ofHeaderText headerText: RawSpan) -> Int? {
        for index in groups.indices {
            let known = groups[index].headerText
            if known.span.bytes.hasSameBytes(as: headerText) { return index }
        }
        return nil
    }

    /// Index of the group with that `kid`, compared exactly. There are few: the search is linear.
    func index(ofKeyID keyID: RawSpan) -> Int? {
        groups.firstIndex { group in
            let known = group.keyID
            return known.span.bytes.hasSameBytes(as: keyID)
        }
    }
}
