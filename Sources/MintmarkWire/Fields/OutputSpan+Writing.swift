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

    /// Appends a frame's length and the rest of its header.
    @inline(__always)
    mutating func append(_ header: FrameHeader, length: Int) {
        precondition(FrameHeader.Layout.body <= freeCapacity, "a frame is begun beyond the room that was made for it")
        unsafe withUnsafeMutableBufferPointer { buffer, initializedCount in
            let start = initializedCount
            let target = UnsafeMutableRawBufferPointer(buffer)
            unsafe target.storeBytes(of: UInt32(length).bigEndian, toByteOffset: start, as: UInt32.self)
            unsafe target[start + FrameHeader.Layout.kind] = header.kindByte
            unsafe target[start + FrameHeader.Layout.flags] = header.flags
            let place = start + FrameHeader.Layout.requestID
            unsafe target.storeBytes(of: header.requestID.bigEndian, toByteOffset: place, as: UInt32.self)
            initializedCount += FrameHeader.Layout.body
        }
    }

    /// Appends a field with a number.
    @inline(__always)
    mutating func append<Format: NumberFieldFormat>(_ field: Field<Format>, _ value: Format.Value) {
        let length = Format.Number.bitWidth / 8
        precondition(2 + length <= freeCapacity, "a field is appended beyond the room that was made for it")
        let number = Format.number(from: value)
        unsafe withUnsafeMutableBufferPointer { buffer, initializedCount in
            let target = UnsafeMutableRawBufferPointer(buffer)
            unsafe target.storeBytes(of: field.tag.rawValue, toByteOffset: initializedCount, as: UInt8.self)
            unsafe target.storeBytes(of: UInt8(length), toByteOffset: initializedCount + 1, as: UInt8.self)
            unsafe target.storeBytes(of: number.bigEndian, toByteOffset: initializedCount + 2, as: Format.Number.self)
            initializedCount += 2 + length
        }
    }

    /// Appends a field with bytes that lie elsewhere. They must be what the field allows.
    @inline(__always)
    mutating func append<Format: ByteFieldFormat>(_ field: Field<Format>, copying value: RawSpan) {
        append(field.tag.rawValue)
        append(leb128: value.byteCount)
        append(copying: value)
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
