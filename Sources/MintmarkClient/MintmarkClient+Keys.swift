import MintmarkCrypto
public import MintmarkWire

/// The life of the server's signing keys: for administrators.
extension MintmarkClient {
    /// How long the server may take for a change of its keys: it waits for its disk, and may have to encrypt a key.
    private static let keyTimeout = Duration.seconds(30)

    /// The signing keys, in the order in which they came; removed ones are not among them.
    ///
    /// - Parameter timeout: How long to wait. The configuration's when nil.
    public func signingKeys(timeout: Duration? = nil) async throws(MintmarkError) -> [SigningKey] {
        try await perform(KeyListRequest(), timeout: timeout).signingKeys
    }

    /// Has the server make a signing key and publish it. Never repeated by itself: each call makes a key.
    ///
    /// - Parameter timeout: How long to wait; half a minute when nil.
    public func prepareKey(timeout: Duration? = nil) async throws(MintmarkError) -> PreparedKey {
        let response = try await perform(KeyPrepareRequest(), timeout: timeout ?? Self.keyTimeout)
        return PreparedKey(keyID: response.keyID, usableAt: response.usableAt)
    }

    /// Lets a prepared key sign from now on, and retires the one that signed.
    ///
    /// - Parameters:
    ///   - keyID: The `kid` of the key.
    ///   - immediately: Whether to do so also when it was published too recently for everybody to know it.
    ///   - timeout: How long to wait; half a minute when nil.
    public func activateKey(
        _ keyID: String,
        immediately: Bool = false,
        timeout: Duration? = nil
    ) async throws(MintmarkError) {
        let request = KeyActivateRequest(keyID: keyID, immediately: immediately)
        _ = try await perform(request, timeout: timeout ?? Self.keyTimeout)
    }

    /// Refuses a key's tokens for good. Where it was the one that signed, another signs at once.
    ///
    /// - Parameters:
    ///   - keyID: The `kid` of the key.
    ///   - timeout: How long to wait; half a minute when nil.
    /// - Returns: the `kid` of the key that signs now.
    @discardableResult
    public func revokeKey(_ keyID: String, timeout: Duration? = nil) async throws(MintmarkError) -> String {
        try await perform(KeyRevokeRequest(keyID: keyID), timeout: timeout ?? Self.keyTimeout).keyID
    }

    /// Takes up a signing key, as prepared, from a file that lies in the server's key directory. The key does not travel.
    ///
    /// - Parameters:
    ///   - keyFile: The file's name.
    ///   - timeout: How long to wait; half a minute when nil.
    public func importKey(_ keyFile: String, timeout: Duration? = nil) async throws(MintmarkError) -> PreparedKey {
        let response = try await perform(KeyImportRequest(keyFile: keyFile), timeout: timeout ?? Self.keyTimeout)
        return PreparedKey(keyID: response.keyID, usableAt: response.usableAt)
    }
}

/// A key that is published and does not sign yet.
public struct PreparedKey: Hashable, Sendable {
    /// Its `kid`.
    public var keyID: String
    /// From when on it can be activated as it is: seconds since 1970-01-01T00:00:00Z.
    public var usableAt: UInt64

    /// Describes a prepared key.
    public init(keyID: String, usableAt: UInt64) {
        self.keyID = keyID
        self.usableAt = usableAt
    }
}

extension SigningKey {
    /// The object identifier and the frame of an Ed25519 key (RFC 8410 section 4).
    private static let publicKeyInfoPrefix: [UInt8] = [
        0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    /// The public key as PEM: one block `PUBLIC KEY` (RFC 7468 section 13), without a line end behind it.
    public var publicKeyPEM: String {
        let info = Self.publicKeyInfoPrefix + publicKey
        var text: [UInt8] = []
        Base64URL.encode(info.span.bytes, appendingTo: &text)
        // The other alphabet, and padding.
        let body = text.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        let padding = String(repeating: "=", count: (4 - body.count % 4) % 4)
        return """
            -----BEGIN PUBLIC KEY-----
            \(String(decoding: body, as: UTF8.self))\(padding)
            -----END PUBLIC KEY-----
            """
    }
}
