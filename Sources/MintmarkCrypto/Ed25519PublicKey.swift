import CSodium

/// An Ed25519 public key (RFC 8032 §5.1.5): the canonical encoding of a point in the prime-order group.
///
/// A plain value, compared and hashed by its 32 bytes.
package struct Ed25519PublicKey: Hashable, Sendable {
    /// The length of an encoded key, in bytes.
    package static let byteCount = 32

    private let encoded: SIMD32<UInt8>

    /// Takes a copy of an encoded key. Nil unless `bytes` are exactly 32 and encode, canonically, a point of the
    /// prime-order group: never the neutral element, a point of small order, or a point with a component of small order.
    package init?(_ bytes: RawSpan) {
        Sodium.start()
        guard bytes.byteCount == Self.byteCount else { return nil }
        encoded = bytes.unsafeLoadUnaligned(as: SIMD32<UInt8>.self)
        guard withUnsafeCharacters({ crypto_core_ed25519_is_valid_point($0) }) == 1 else { return nil }
    }

    /// The encoded key, 32 bytes, as a new array.
    package var rawBytes: [UInt8] {
        (0..<Self.byteCount).map { encoded[$0] }
    }

    /// Lends the encoded key, 32 bytes.
    package func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafeBytes(of: encoded) { (bytes) throws(Failure) in try body(bytes.bytes) }
    }

    /// Whether `signature` is this key's signature of `message` (RFC 8032 §5.1.7, without cofactor).
    ///
    /// False for a signature that is not exactly 64 bytes, for a scalar not below the group's order, and for a point R
    /// that is of small order or not canonically encoded: a message has no second spelling of one signature that
    /// passes. Allocates nothing.
    package func verifies(signature: RawSpan, message: RawSpan) -> Bool {
        guard signature.byteCount == Ed25519SigningKey.signatureByteCount else { return false }
        return withUnsafeCharacters { key in
            signature.withUnsafeCharacters { signature in
                guard let signature else { return false }
                return message.withUnsafeCharacters { start in
                    crypto_sign_verify_detached(signature, start, UInt64(message.byteCount), key) == 0
                }
            }
        }
    }

    private func withUnsafeCharacters<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        withUnsafePointer(to: encoded) { encoded in
            encoded.withMemoryRebound(to: UInt8.self, capacity: Self.byteCount, body)
        }
    }
}
