extension [UInt8] {
    /// Appends up to `capacity` bytes that `write` puts at the address it is given; it returns how many it wrote.
    ///
    /// Writes in place: no temporary buffer, and no allocation when the array has room.
    @inline(__always)
    mutating func append(capacity: Int, writingWith write: (UnsafeMutablePointer<UInt8>) -> Int) {
        guard capacity > 0 else { return }
        append(addingCapacity: capacity) { (output: inout OutputSpan<UInt8>) in
            output.withUnsafeMutableBufferPointer { buffer, count in
                guard let start = buffer.baseAddress else { return }
                count = write(start)
                precondition(count >= 0 && count <= capacity, "a writer reported more bytes than it had room for")
            }
        }
    }
}

extension OutputSpan<UInt8> {
    /// Appends the bytes that `write` puts at the address it is given, as many as `byteCount`. There must be room for them.
    @inline(__always)
    mutating func append(byteCount: Int, writingWith write: (UnsafeMutableRawPointer) -> Void) {
        precondition(byteCount <= freeCapacity, "bytes are appended beyond the room that was made for them")
        withUnsafeMutableBufferPointer { buffer, count in
            guard let start = buffer.baseAddress else { return }
            write(UnsafeMutableRawPointer(start + count))
            count += byteCount
        }
    }
}

extension [UInt8] {
    /// Appends a copy of `bytes`. What the library has for it takes three times as many instructions for a short text.
    package mutating func append(copying bytes: RawSpan) {
        append(capacity: bytes.byteCount) { target in
            bytes.withUnsafeBytes { UnsafeMutableRawPointer(target).copyMemory(from: $0) }
            return bytes.byteCount
        }
    }

    /// Puts a copy of `bytes` in place of everything. Emptying the array first would take longer than copying a short text.
    package mutating func replaceAll(copying bytes: RawSpan) {
        let kept = Swift.min(count, bytes.byteCount)
        if kept < count {
            removeLast(count - kept)
        }
        withUnsafeMutableBytes { target in
            bytes.extracting(first: kept).withUnsafeBytes { target.copyMemory(from: $0) }
        }
        if kept < bytes.byteCount {
            append(copying: bytes.extracting(droppingFirst: kept))
        }
    }
}

extension UnsafeMutableRawPointer {
    /// Copies all of `bytes`, for which there must be room.
    @inline(__always)
    func copyMemory(from bytes: UnsafeRawBufferPointer) {
        if let start = bytes.baseAddress {
            copyMemory(from: start, byteCount: bytes.count)
        }
    }
}

extension RawSpan {
    /// The byte at `offset`, checked to be within bounds.
    func byte(at offset: Int) -> UInt8 {
        unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// Lends the address of the bytes to a C call that takes unsigned characters; nil when there are none.
    @inline(__always)
    func withUnsafeCharacters<Result>(_ body: (UnsafePointer<UInt8>?) -> Result) -> Result {
        withUnsafeBytes { bytes in
            body(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
    }
}

extension InlineArray where Element == UInt8 {
    /// Lends the address of the bytes to a C call that writes all of them.
    @inline(__always)
    mutating func withUnsafeMutableCharacters(_ body: (UnsafeMutablePointer<UInt8>) -> Void) {
        var span = mutableSpan
        span.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            body(start)
        }
    }
}
