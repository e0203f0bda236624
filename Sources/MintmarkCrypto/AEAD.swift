import CSodium

/// Authenticated encryption with additional data: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha, RFC 8439 construction).
///
/// A sealed message is `nonce 24 bytes · ciphertext · tag 16 bytes`. The nonce is long enough to be random for every
/// message of one key. Immutable, safe to share between threads.
package struct AEAD: Sendable {
    /// The length of a key, in bytes.
    package static let keyByteCount = 32

    /// How much longer a sealed message is than its plaintext, in bytes.
    package static let overheadByteCount = nonceByteCount + tagByteCount

    private static let nonceByteCount = 24
    private static let tagByteCount = 16

    private let key: SecretBytes

    /// `key` must be 32 bytes long.
    package init(key: SecretBytes) {
        precondition(key.count == Self.keyByteCount, "an AEAD key of \(key.count) bytes, not 32")
        self.key = key
    }

    /// Appends `plaintext`, sealed together with `additionalData` under a nonce from `random`, to `output`.
    package func seal(
        _ plaintext: RawSpan,
        additionalData: RawSpan,
        random: some RandomSource,
        appendingTo output: inout [UInt8]
    ) {
        output.append(capacity: plaintext.byteCount + Self.overheadByteCount) { nonce in
            random.fill(UnsafeMutableRawBufferPointer(start: nonce, count: Self.nonceByteCount))
            let ciphertext = nonce + Self.nonceByteCount
            key.withUnsafeBytes { key in
                plaintext.withUnsafeCharacters { start in
                    additionalData.withUnsafeCharacters { additional in
                        _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
                            ciphertext,
                            nil,
                            start,
                            UInt64(plaintext.byteCount),
                            additional,
                            UInt64(additionalData.byteCount),
                            nil,
                            nonce,
                            key
                        )
                    }
                }
            }
            return plaintext.byteCount + Self.overheadByteCount
        }
    }

    /// Appends the plaintext of `sealed` to `output`. False, with `output` as it was, unless the whole message is
    /// authentic and was sealed with the same additional data.
    package func open(_ sealed: RawSpan, additionalData: RawSpan, appendingTo output: inout [UInt8]) -> Bool {
        let plaintextByteCount = sealed.byteCount - Self.overheadByteCount
        guard plaintextByteCount >= 0 else { return false }
        guard plaintextByteCount > 0 else { return open(sealed, additionalData, into: nil) }
        var isAuthentic = false
        output.append(capacity: plaintextByteCount) { target in
            isAuthentic = open(sealed, additionalData, into: target)
            return isAuthentic ? plaintextByteCount : 0
        }
        return isAuthentic
    }

    /// The secret that was sealed, opened straight into guarded memory. Nil unless the whole message is authentic, was
    /// sealed with the same additional data, and is not empty.
    package func openSecret(_ sealed: RawSpan, additionalData: RawSpan) -> SecretBytes? {
        let byteCount = sealed.byteCount - Self.overheadByteCount
        guard byteCount > 0 else { return nil }
        var isAuthentic = false
        let secret = SecretBytes(characterCount: byteCount) { target in
            isAuthentic = open(sealed, additionalData, into: target)
        }
        return isAuthentic ? secret : nil
    }

    private func open(
        _ sealed: RawSpan,
        _ additionalData: RawSpan,
        into plaintext: UnsafeMutablePointer<UInt8>?
    ) -> Bool {
        key.withUnsafeBytes { key in
            sealed.withUnsafeCharacters { nonce in
                guard let nonce else { return false }
                return additionalData.withUnsafeCharacters { additional in
                    crypto_aead_xchacha20poly1305_ietf_decrypt(
                        plaintext,
                        nil,
                        nil,
                        nonce + Self.nonceByteCount,
                        UInt64(sealed.byteCount - Self.nonceByteCount),
                        additional,
                        UInt64(additionalData.byteCount),
                        nonce,
                        key
                    ) == 0
                }
            }
        }
    }
}
