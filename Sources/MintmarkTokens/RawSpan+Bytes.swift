import MintmarkCrypto

/// Byte access shared by this module's parsers.
extension RawSpan {
    /// The byte at `offset`, which must lie inside the span.
    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The eight bytes from `offset` on, the first one in the least significant place.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Whether the span holds exactly the UTF-8 bytes of `literal`.
    @inline(__always)
    func hasSameBytes(as literal: StaticString) -> Bool {
        guard byteCount == literal.utf8CodeUnitCount else { return false }
        for offset in 0..<byteCount where byte(at: offset) != literal.utf8Start[offset] {
            return false
        }
        return true
    }

    /// Whether the bytes order before those of `other`: bytewise, a prefix first.
    func precedes(_ other: RawSpan) -> Bool {
        let common = Swift.min(byteCount, other.byteCount)
        for offset in 0..<common where byte(at: offset) != other.byte(at: offset) {
            return byte(at: offset) < other.byte(at: offset)
        }
        return byteCount < other.byteCount
    }
}

extension [UInt8] {
    /// Appends the bytes of `span`.
    @inline(__always)
    mutating func append(_ span: RawSpan) {
        append(copying: span)
    }

    /// Appends the UTF-8 bytes of `literal`.
    @inline(__always)
    mutating func append(_ literal: StaticString) {
        append(copying: UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount).bytes)
    }
}

extension OutputSpan<UInt8> {
    /// Appends a copy of `bytes`, for which there must be room.
    @inline(__always)
    mutating func append(copying bytes: RawSpan) {
        precondition(bytes.byteCount <= freeCapacity, "bytes are appended beyond the room that was made for them")
        withUnsafeMutableBufferPointer { buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(from: $0) }
            count += bytes.byteCount
        }
    }

    /// Appends the UTF-8 bytes of `literal`, for which there must be room.
    @inline(__always)
    mutating func append(_ literal: StaticString) {
        append(copying: UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount).bytes)
    }
}
