import CSodium

/// A sequence of encrypted chunks of which none can be changed, dropped, doubled or moved without notice, and whose end
/// is marked (libsodium's `crypto_secretstream_xchacha20poly1305`).
///
/// A value with a state of its own; not to be copied, since two continuations of one state would use a nonce twice.
package struct SecretStream: ~Copyable {
    /// The length of a key, in bytes.
    package static let keyByteCount = 32

    /// The length of the random header that both sides begin with, in bytes.
    package static let headerByteCount = 24

    /// How much longer an encrypted chunk is than its plaintext, in bytes.
    package static let overheadByteCount = 17

    private static let messageTag: UInt8 = 0
    private static let finalTag: UInt8 = 3

    private var state = crypto_secretstream_xchacha20poly1305_state()

    /// Begins at a header of 24 random bytes, which are not secret and never serve twice with one key.
    ///
    /// `key` must be 32 bytes long, `header` 24.
    package init(key: SecretBytes, header: RawSpan) {
        precondition(key.count == Self.keyByteCount, "a stream key of \(key.count) bytes, not 32")
        precondition(header.byteCount == Self.headerByteCount, "a stream header of \(header.byteCount) bytes, not 24")
        Sodium.start()
        // Both directions begin with the same state; the function for reading takes the header that it is given.
        key.withUnsafeBytes { key in
            header.withUnsafeCharacters { header in
                guard let header else { return }
                _ = crypto_secretstream_xchacha20poly1305_init_pull(&state, header, key)
            }
        }
    }

    deinit {
        var state = state
        withUnsafeMutableBytes(of: &state) { sodium_memzero($0.baseAddress, $0.count) }
    }

    /// Appends the next chunk, encrypted, to `output`.
    package mutating func seal(
        _ plaintext: RawSpan,
        additionalData: RawSpan,
        isFinal: Bool,
        appendingTo output: inout [UInt8]
    ) {
        let count = plaintext.byteCount + Self.overheadByteCount
        let tag = isFinal ? Self.finalTag : Self.messageTag
        output.append(capacity: count) { target in
            plaintext.withUnsafeCharacters { start in
                additionalData.withUnsafeCharacters { additional in
                    _ = crypto_secretstream_xchacha20poly1305_push(
                        &state,
                        target,
                        nil,
                        start,
                        UInt64(plaintext.byteCount),
                        additional,
                        UInt64(additionalData.byteCount),
                        tag
                    )
                }
            }
            return count
        }
    }

    /// Appends the plaintext of the next chunk to `output` and tells whether it was the last one. Nil, with `output` as
    /// it was, unless the chunk is the one that was sealed at this place, with this additional data.
    package mutating func open(_ chunk: RawSpan, additionalData: RawSpan, appendingTo output: inout [UInt8]) -> Bool? {
        let count = chunk.byteCount - Self.overheadByteCount
        guard count >= 0 else { return nil }
        var tag: UInt8 = 0
        var isAuthentic = false
        // One byte more than needed, so that an empty plaintext has an address.
        output.append(capacity: count + 1) { target in
            isAuthentic = chunk.withUnsafeCharacters { start in
                guard let start else { return false }
                return additionalData.withUnsafeCharacters { additional in
                    crypto_secretstream_xchacha20poly1305_pull(
                        &state,
                        target,
                        nil,
                        &tag,
                        start,
                        UInt64(chunk.byteCount),
                        additional,
                        UInt64(additionalData.byteCount)
                    ) == 0
                }
            }
            return isAuthentic ? count : 0
        }
        guard isAuthentic else { return nil }
        switch tag {
        case Self.messageTag: return false
        case Self.finalTag: return true
        default: return nil
        }
    }
}
