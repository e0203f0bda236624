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

    /// The eight bytes from `offset` on like ``word(at:)``, with zeros in place of those behind the span's end. Nil if the
    /// span is shorter than eight bytes, or `offset` behind its last.
    @inline(__always)
    func wordOrLess(at offset: Int) -> UInt64? {
        let last = byteCount &- 8
        if offset <= last { return word(at: offset) }
        guard last >= 0 && offset < byteCount else { return nil }
        return word(at: last) &>> UInt64(8 &* (offset &- last))
    }

    /// All bytes of a span of one to seven, the first one in the least significant place, with zeros behind them.
    @inline(__always)
    var shortWord: UInt64 {
        let count = byteCount
        if count >= 4 {
            let last = count &- 4
            let first = unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self)
            let second = unsafeLoadUnaligned(fromByteOffset: last, as: UInt32.self)
            return UInt64(UInt32(littleEndian: first)) | UInt64(UInt32(littleEndian: second)) &<< UInt64(8 &* last)
        }
        let (middle, last) = (count / 2, count &- 1)
        return UInt64(byte(at: 0)) | UInt64(byte(at: middle)) &<< UInt64(8 &* middle)
            | UInt64(byte(at: last)) &<< UInt64(8 &* last)
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

    /// Writes from the first byte on, over what stands there; returns how many bytes were written.
    ///
    /// For room that is written to again and again and keeps its length, because emptying an array takes longer than
    /// writing a short text.
    @inline(__always)
    mutating func withOutput(_ write: (inout OutputSpan<UInt8>) -> Void) -> Int {
        var span = mutableSpan
        return span.withUnsafeMutableBufferPointer { buffer in
            var output = OutputSpan(buffer: buffer, initializedCount: 0)
            write(&output)
            return output.finalize(for: buffer)
        }
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
