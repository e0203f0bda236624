import CSodium

/// An Ed25519 signature: the encoding of the point R, then of the scalar S (RFC 8032 §5.1.6).
package typealias Ed25519Signature = InlineArray<64, UInt8>

/// An Ed25519 private key (RFC 8032 §5.1.5), held in guarded memory.
///
/// Immutable, safe to share between threads. Signing is deterministic, takes constant time for messages of one length,
/// and allocates nothing beyond the growth of the caller's buffer.
package struct Ed25519SigningKey: Sendable {
    /// The length of the seed that a key is made from (the "private key" of RFC 8032), in bytes.
    package static let seedByteCount = 32

    /// The length of a signature, in bytes.
    package static let signatureByteCount = 64

    /// The public half of this key.
    package let publicKey: Ed25519PublicKey

    /// The seed, the encoded public key, then the two halves of SHA-512 of the seed (RFC 8032 §5.1.5): the scalar, and
    /// the prefix that nonces are hashed from. 32 bytes each.
    private let expanded: SecretBytes

    /// Makes the key of `seed`, which must be 32 bytes long.
    package init(seed: SecretBytes) {
        precondition(seed.count == Self.seedByteCount, "a seed of \(seed.count) bytes, not 32")
        var encoded = InlineArray<32, UInt8>(repeating: 0)
        expanded = SecretBytes(characterCount: 128) { expanded in
            encoded.withUnsafeMutableCharacters { publicKey in
                seed.withUnsafeBytes { seed in
                    _ = crypto_sign_seed_keypair(publicKey, expanded, seed)
                    _ = crypto_hash_sha512(expanded + 64, seed, UInt64(Self.seedByteCount))
                }
            }
            // The clamping of RFC 8032 §5.1.5.
            expanded[64] &= 0b1111_1000
            expanded[95] &= 0b0111_1111
            expanded[95] |= 0b0100_0000
        }
        guard let publicKey = Ed25519PublicKey(encoded.span.bytes) else {
            preconditionFailure("libsodium made a public key that is not valid")
        }
        self.publicKey = publicKey
    }

    /// Makes a new key from 32 bytes of `random`.
    package init(random: some RandomSource) {
        self.init(seed: SecretBytes(count: Self.seedByteCount, random: random))
    }

    /// The signature of `message`, by value.
    package func signature(of message: RawSpan) -> Ed25519Signature {
        var signature = Ed25519Signature(repeating: 0)
        signature.withUnsafeMutableCharacters { sign(message, into: $0) }
        return signature
    }

    /// Appends the 64-byte signature of `message` to `output`.
    package func sign(_ message: RawSpan, appendingTo output: inout [UInt8]) {
        output.append(capacity: Self.signatureByteCount) { target in
            sign(message, into: target)
            return Self.signatureByteCount
        }
    }

    /// Appends to `buffer` the 64-byte signature of the bytes of `buffer` at `range`.
    package func appendSignature(of range: Range<Int>, to buffer: inout [UInt8]) {
        let signature = signature(of: buffer.span.bytes.extracting(range))
        buffer.append(copying: signature.span.bytes)
    }

    /// Lends the seed, 32 bytes, for writing a key file.
    func withSeed<Result, Failure: Error>(
        _ body: (UnsafePointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try expanded.withUnsafeBytes(body)
    }

    /// Lends the encoded public key, the scalar and the prefix, 32 bytes each.
    func withParts<Result>(
        _ body: (
            _ publicKey: UnsafePointer<UInt8>,
            _ scalar: UnsafePointer<UInt8>,
            _ prefix: UnsafePointer<UInt8>
        ) -> Result
    ) -> Result {
        expanded.withUnsafeBytes { body($0 + 32, $0 + 64, $0 + 96) }
    }

    private func sign(_ message: RawSpan, into signature: UnsafeMutablePointer<UInt8>) {
        expanded.withUnsafeBytes { key in
            message.withUnsafeCharacters { start in
                _ = crypto_sign_detached(signature, nil, start, UInt64(message.byteCount), key)
            }
        }
    }
}
