import CSodium

/// A sequence of encrypted chunks of which none can be changed, dropped, doubled or moved without notice, and whose end
/// is marked (libsodium's `crypto_secretstream_xchacha20poly1305`).
///
/// A value with a state of its own, in guarded memory like a key; not to be copied, since two continuations of one state
/// would use a nonce twice.
package struct SecretStream: ~Copyable {
    /// The length of a key, in bytes.
    package static let keyByteCount = 32

    /// The length of the random header that both sides begin with, in bytes.
    package static let headerByteCount = 24

    /// How much longer an encrypted chunk is than its plaintext, in bytes.
    package static let overheadByteCount = 17

    private static let messageTag: UInt8 = 0
    private static let finalTag: UInt8 = 3

    private typealias State = crypto_secretstream_xchacha20poly1305_state

    private let state: UnsafeMutablePointer<State>

    /// Begins at a header of 24 random bytes, which are not secret and never serve twice with one key.
    ///
    /// `key` must be 32 bytes long, `header` 24.
    package init(key: SecretBytes, header: RawSpan) {
        precondition(key.count == Self.keyByteCount, "a stream key of \(key.count) bytes, not 32")
        precondition(header.byteCount == Self.headerByteCount, "a stream header of \(header.byteCount) bytes, not 24")
        Sodium.start()
        guard let region = sodium_malloc(MemoryLayout<State>.size) else {
            preconditionFailure("no memory for the state of a stream")
        }
        // The C type consists of bytes, so that it may lie anywhere.
        let state = region.bindMemory(to: State.self, capacity: 1)
        self.state = state
        // Both directions begin with the same state; the function for reading takes the header that it is given.
        key.withUnsafeBytes { key in
            header.withUnsafeCharacters { header in
                guard let header else { return }
                _ = crypto_secretstream_xchacha20poly1305_init_pull(state, header, key)
            }
        }
    }

    deinit {
        // Wipes, too.
        sodium_free(state)
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
                        state,
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
        var isFinal: Bool?
        // One byte more than needed, so that an empty plaintext has an address.
        output.append(capacity: count + 1) { target in
            let isAuthentic = chunk.withUnsafeCharacters { start in
                guard let start else { return false }
                return additionalData.withUnsafeCharacters { additional in
                    crypto_secretstream_xchacha20poly1305_pull(
                        state,
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
            // The other tags are never used.
            if isAuthentic, tag == Self.messageTag || tag == Self.finalTag {
                isFinal = tag == Self.finalTag
            }
            return isFinal == nil ? 0 : count
        }
        return isFinal
    }
}
