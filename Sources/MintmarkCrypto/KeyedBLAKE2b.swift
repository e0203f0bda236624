import CSodium

/// Keyed BLAKE2b as a message authentication code (RFC 7693, libsodium's `crypto_generichash`), with one key and one
/// tag length.
///
/// Immutable, safe to share between threads.
package struct KeyedBLAKE2b: Sendable {
    /// The lengths a key may have, in bytes.
    package static let keyByteCounts = 16...64

    /// The lengths a tag may have, in bytes.
    package static let tagByteCounts = 16...64

    /// The length of the tags of this value, in bytes.
    package let tagByteCount: Int

    private let key: SecretBytes

    /// Both lengths must be 16 to 64 bytes.
    package init(key: SecretBytes, tagByteCount: Int) {
        precondition(Self.keyByteCounts.contains(key.count), "a BLAKE2b key of \(key.count) bytes, not 16 to 64")
        precondition(Self.tagByteCounts.contains(tagByteCount), "a BLAKE2b tag of \(tagByteCount) bytes, not 16 to 64")
        self.key = key
        self.tagByteCount = tagByteCount
    }

    /// Appends the tag of `message` to `output`.
    package func authenticate(_ message: RawSpan, appendingTo output: inout [UInt8]) {
        output.append(capacity: tagByteCount) { target in
            authenticate(message, into: target)
            return tagByteCount
        }
    }

    /// Appends to `buffer` the tag of the bytes of `buffer` at `range`.
    package func appendTag(of range: Range<Int>, to buffer: inout [UInt8]) {
        let tag = longestTag(of: buffer.span.bytes.extracting(range))
        buffer.append(copying: tag.span.bytes.extracting(first: tagByteCount))
    }

    /// Appends to `output`, where there must be room for it, the tag of what it holds.
    package func appendTag(to output: inout OutputSpan<UInt8>) {
        let tag = longestTag(of: output.span.bytes)
        output.append(byteCount: tagByteCount) { target in
            tag.span.bytes.extracting(first: tagByteCount).withUnsafeBytes { target.copyMemory(from: $0) }
        }
    }

    /// Whether `tag` is the tag of `message`: of the full length, compared in constant time.
    package func isValid(tag: RawSpan, for message: RawSpan) -> Bool {
        let expected = longestTag(of: message)
        return ConstantTime.equal(tag, expected.span.bytes.extracting(first: tagByteCount))
    }

    /// A tag in the first `tagByteCount` bytes of a fixed amount of stack.
    private func longestTag(of message: RawSpan) -> InlineArray<64, UInt8> {
        var tag = InlineArray<64, UInt8>(repeating: 0)
        tag.withUnsafeMutableCharacters { authenticate(message, into: $0) }
        return tag
    }

    private func authenticate(_ message: RawSpan, into tag: UnsafeMutablePointer<UInt8>) {
        key.withUnsafeBytes { keyBytes in
            message.withUnsafeCharacters { start in
                _ = crypto_generichash(tag, tagByteCount, start, UInt64(message.byteCount), keyBytes, key.count)
            }
        }
    }
}
