extension OutputSpan<UInt8> {
    /// Appends a number in big-endian order.
    @inline(__always)
    mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(bigEndian number: Number) {
        let count = Number.bitWidth / 8
        precondition(count <= freeCapacity, "a number is appended beyond the room that was made for it")
        // One store for all bytes.
        unsafe withUnsafeMutableBufferPointer { buffer, initializedCount in
            let target = UnsafeMutableRawBufferPointer(buffer)
            unsafe target.storeBytes(of: number.bigEndian, toByteOffset: initializedCount, as: Number.self)
            initializedCount += count
        }
    }

    /// Appends bytes that lie elsewhere.
    @inline(__always)
    mutating func append(copying bytes: RawSpan) {
        let count = bytes.byteCount
        precondition(count <= freeCapacity, "bytes are appended beyond the room that was made for them")
        unsafe bytes.withUnsafeBytes { source in
            unsafe withUnsafeMutableBufferPointer { buffer, initializedCount in
                let target = UnsafeMutableRawBufferPointer(buffer)
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[initializedCount...]).copyMemory(from: source)
                initializedCount += count
            }
        }
    }

    /// Appends UTF-8 text.
    mutating func append(utf8 text: String) {
        append(copying: unsafe text.utf8Span.span.bytes)
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
    /// Replaces the bytes at `offset` by a number in big-endian order.
    mutating func overwrite(bigEndian number: UInt32, at offset: Int) {
        var span = mutableSpan
        // The store checks its bounds.
        var bytes = unsafe span.mutableBytes
        bytes.storeBytes(of: number.bigEndian, toByteOffset: offset, as: UInt32.self)
    }
}
