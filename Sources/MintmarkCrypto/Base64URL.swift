import CBase64URL

/// Base64url without padding (RFC 4648 §5, as RFC 7515 §2 uses it): exactly one spelling for every sequence of bytes.
///
/// Meant for text that is not secret: where it looks bytes up in tables it is not constant in time.
package enum Base64URL {
    /// The number of characters that encode `byteCount` bytes.
    package static func encodedCount(_ byteCount: Int) -> Int {
        // Lengths of bytes in memory: neither negative nor near what an Int can hold.
        Int(truncatingIfNeeded: (UInt(truncatingIfNeeded: byteCount) &* 4 &+ 2) / 3)
    }

    /// The number of bytes that `characterCount` characters encode; nil for 4n + 1, which is the length of no encoding.
    package static func decodedCount(_ characterCount: Int) -> Int? {
        let (groups, rest) = characterCount.quotientAndRemainder(dividingBy: 4)
        guard rest != 1 else { return nil }
        return groups * 3 + (rest == 0 ? 0 : rest - 1)
    }

    /// Appends the encoding of `bytes` to `output`.
    package static func encode(_ bytes: RawSpan, appendingTo output: inout [UInt8]) {
        output.append(addingCapacity: encodedCount(bytes.byteCount)) { encode(bytes, appendingTo: &$0) }
    }

    /// Appends the encoding of `bytes` to `output`, where there must be room for it.
    package static func encode(_ bytes: RawSpan, appendingTo output: inout OutputSpan<UInt8>) {
        output.append(byteCount: encodedCount(bytes.byteCount)) { target in
            bytes.withUnsafeCharacters { source in
                guard let source else { return }
                encode(source, count: bytes.byteCount, to: target)
            }
        }
    }

    /// By the processor's vectors, where it has them and there are enough bytes for them: a third of the work.
    @inline(__always)
    private static func encode(
        _ source: UnsafePointer<UInt8>,
        count: Int,
        to target: UnsafeMutableRawPointer
    ) {
        guard count >= vectorByteCountMin && base64url_has_vectors() else {
            return tables.encode(source, count: count, to: target)
        }
        base64url_encode(source, count, target.assumingMemoryBound(to: UInt8.self))
    }

    /// The least that the processor's vectors can work on.
    private static let vectorByteCountMin = 16
    private static let vectorCharacterCountMin = 32

    /// Appends the bytes that `characters` encode to `output`. False, with `output` as it was, unless `characters` are
    /// the one encoding of some bytes: no padding, no white space, no character outside of `A-Z a-z 0-9 - _`, no length
    /// of 4n + 1, no bits left over that are not zero. The empty text is the encoding of no bytes.
    package static func decode(_ characters: RawSpan, appendingTo output: inout [UInt8]) -> Bool {
        guard let byteCount = decodedCount(characters.byteCount) else { return false }
        guard byteCount > 0 else { return true }
        var isValid = false
        output.append(capacity: byteCount) { target in
            isValid = characters.withUnsafeCharacters { source in
                guard let source else { return true }
                return decode(source, count: characters.byteCount, to: target)
            }
            return isValid ? byteCount : 0
        }
        return isValid
    }

    /// Writes the bytes that `characters` encode over those of `target`. False, with unspecified bytes written, unless
    /// ``decode(_:appendingTo:)`` would take the text and it encodes as many bytes as `target` holds.
    package static func decode(_ characters: RawSpan, over target: inout MutableSpan<UInt8>) -> Bool {
        guard decodedCount(characters.byteCount) == target.count else { return false }
        return target.withUnsafeMutableBufferPointer { target in
            characters.withUnsafeCharacters { source in
                guard let source, let start = target.baseAddress else { return true }
                return decode(source, count: characters.byteCount, to: start)
            }
        }
    }

    /// By the processor's vectors, where it has them and there are enough characters for them.
    @inline(__always)
    private static func decode(
        _ source: UnsafePointer<UInt8>,
        count: Int,
        to target: UnsafeMutableRawPointer
    ) -> Bool {
        let groupsCount = count & ~3
        guard groupsCount >= vectorCharacterCountMin && base64url_has_vectors() else {
            return tables.decode(source, count: count, to: target)
        }
        return base64url_decode(source, groupsCount, target.assumingMemoryBound(to: UInt8.self))
            && tables.decodeLast(source + groupsCount, count: count - groupsCount, to: target + groupsCount / 4 * 3)
    }

    private static let tables = Base64URLTables()
}
