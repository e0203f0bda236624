import MintmarkCrypto

/// Reads big-endian numbers and byte ranges from a span, one after the other.
///
/// Reading beyond the end yields zero or an empty range and marks the reader as failed, so that a decoder reads all
/// fields and then asks once whether they were there.
struct ByteReader {
    private(set) var offset = 0
    private let end: Int
    private(set) var isFailed = false

    init(_ bytes: RawSpan) {
        end = bytes.byteCount
    }

    /// How many bytes are left.
    var remaining: Int {
        end - offset
    }

    /// Whether every byte was read, and none beyond.
    var isConsumed: Bool {
        !isFailed && offset == end
    }

    /// Marks the reader as failed: what was read cannot be.
    mutating func fail() {
        isFailed = true
    }

    /// The next `byteCount` (1 to 8) bytes as a number.
    mutating func read(byteCount: Int, from bytes: RawSpan) -> UInt64 {
        guard let range = take(byteCount) else { return 0 }
        if byteCount == 8 {
            return bytes.unsafeLoadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self).bigEndian
        }
        var value: UInt64 = 0
        for index in range {
            value = value << 8 | UInt64(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
        }
        return value
    }

    mutating func readUInt8(from bytes: RawSpan) -> UInt8 {
        UInt8(truncatingIfNeeded: read(byteCount: 1, from: bytes))
    }

    mutating func readUInt16(from bytes: RawSpan) -> UInt16 {
        UInt16(truncatingIfNeeded: read(byteCount: 2, from: bytes))
    }

    mutating func readUInt32(from bytes: RawSpan) -> UInt32 {
        UInt32(truncatingIfNeeded: read(byteCount: 4, from: bytes))
    }

    /// The next `byteCount` bytes as offsets into the span.
    mutating func readRange(byteCount: Int) -> Range<Int> {
        take(byteCount) ?? offset..<offset
    }

    private mutating func take(_ byteCount: Int) -> Range<Int>? {
        guard !isFailed, byteCount <= end - offset else {
            isFailed = true
            return nil
        }
        let range = offset..<(offset + byteCount)
        offset = range.upperBound
        return range
    }
}

extension OutputSpan<UInt8> {
    /// Appends the lowest `byteCount` bytes of `value`, big-endian, for which there must be room. The bytes above must be
    /// zero.
    @inline(__always)
    mutating func append(_ value: UInt64, byteCount: Int) {
        assert(byteCount == 8 || value >> (8 * UInt64(byteCount)) == 0, "\(value) does not fit \(byteCount) bytes")
        precondition(byteCount <= freeCapacity, "a number is appended beyond the room that was made for it")
        withUnsafeMutableBufferPointer { buffer, initializedCount in
            let target = UnsafeMutableRawBufferPointer(buffer)[initializedCount...]
            Swift.withUnsafeBytes(of: value.bigEndian) { bytes in
                UnsafeMutableRawBufferPointer(rebasing: target)
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[(8 - byteCount)...]))
            }
            initializedCount += byteCount
        }
    }
}

extension [UInt8] {
    /// Appends the lowest `byteCount` bytes of `value`, big-endian. The bytes above must be zero.
    mutating func append(_ value: UInt64, byteCount: Int) {
        append(addingCapacity: byteCount) { $0.append(value, byteCount: byteCount) }
    }

    /// Appends a copy of `bytes`.
    mutating func append(contentsOf bytes: RawSpan) {
        append(copying: bytes)
    }

    /// A copy of `bytes`.
    init(_ bytes: RawSpan) {
        self = bytes.withUnsafeBytes { Array($0) }
    }
}

extension OutputSpan<UInt8> {
    /// Appends all bytes of `value`, big-endian; there must be room for them.
    mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(bigEndian value: Value) {
        Swift.withUnsafeBytes(of: value.bigEndian) { bytes in
            for byte in bytes {
                append(byte)
            }
        }
    }
}

extension RawSpan {
    /// Whether both spans hold the same bytes. Not constant in time: for what is not secret.
    package func isEqual(to other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        var offset = 0
        while byteCount - offset >= 8 {
            let left = unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard left == other.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) else { return false }
            offset += 8
        }
        while offset < byteCount {
            let left = unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            guard left == other.unsafeLoad(fromByteOffset: offset, as: UInt8.self) else { return false }
            offset += 1
        }
        return true
    }
}
