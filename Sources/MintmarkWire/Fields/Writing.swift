extension OutputSpan<UInt8> {
    /// Appends a number in big-endian order.
    @inline(__always)
    mutating func append<Number: FixedWidthInteger>(bigEndian number: Number) {
        var shift = Number.bitWidth
        while shift > 0 {
            shift -= 8
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    /// Appends a length below 2^21 as LEB128 in its shortest form.
    @inline(__always)
    mutating func append(leb128 length: Int) {
        var rest = length
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }
}

extension [UInt8] {
    /// Appends a number in big-endian order.
    @inline(__always)
    mutating func append<Number: FixedWidthInteger>(bigEndian number: Number) {
        append(addingCapacity: Number.bitWidth / 8) { $0.append(bigEndian: number) }
    }

    /// Replaces the bytes at `offset` by a number in big-endian order.
    mutating func overwrite(bigEndian number: UInt32, at offset: Int) {
        var span = mutableSpan
        // The store checks its bounds.
        var bytes = unsafe span.mutableBytes
        bytes.storeBytes(of: number.bigEndian, toByteOffset: offset, as: UInt32.self)
    }
}
