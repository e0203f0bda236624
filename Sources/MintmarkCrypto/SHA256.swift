import CSodium

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    /// The length of a digest, in bytes.
    package static let byteCount = 32

    /// Appends the digest of `message` to `output`.
    package static func hash(_ message: RawSpan, appendingTo output: inout [UInt8]) {
        Sodium.start()
        output.append(capacity: byteCount) { target in
            message.withUnsafeCharacters { start in
                _ = crypto_hash_sha256(target, start, UInt64(message.byteCount))
            }
            return byteCount
        }
    }
}
