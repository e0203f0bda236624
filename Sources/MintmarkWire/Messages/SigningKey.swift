/// A signing key of a server, as KEY_LIST tells of it.
public struct SigningKey: Hashable, Sendable {
    /// Where a key is in its life.
    public enum State: UInt8, CaseIterable, Hashable, Sendable {
        /// Published and verifying; does not sign yet.
        case prepared = 1
        /// Signs.
        case active = 2
        /// Verifies until the last token that it signed has expired.
        case retired = 3
        /// Its tokens are refused.
        case revoked = 4
    }

    /// The `kid`.
    public var keyID: String
    /// Where it is in its life.
    public var state: State
    /// The Ed25519 public key, 32 bytes.
    public var publicKey: [UInt8]
    /// When it was first published: seconds since 1970-01-01T00:00:00Z, like the others.
    public var preparedAt: UInt64
    /// From when on everybody who keeps the published keys knows it. Before, it is activated immediately only.
    public var usableAt: UInt64
    /// When it began to sign; 0: not yet.
    public var activatedAt: UInt64
    /// When it stopped to sign; 0: not yet.
    public var retiredAt: UInt64
    /// When it was revoked; 0: it was not.
    public var endedAt: UInt64

    /// Describes a key. `publicKey` has 32 bytes.
    public init(
        keyID: String,
        state: State,
        publicKey: [UInt8],
        preparedAt: UInt64,
        usableAt: UInt64,
        activatedAt: UInt64 = 0,
        retiredAt: UInt64 = 0,
        endedAt: UInt64 = 0
    ) {
        self.keyID = keyID
        self.state = state
        self.publicKey = publicKey
        self.preparedAt = preparedAt
        self.usableAt = usableAt
        self.activatedAt = activatedAt
        self.retiredAt = retiredAt
        self.endedAt = endedAt
    }
}
