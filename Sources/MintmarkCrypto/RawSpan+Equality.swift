extension RawSpan {
    /// Whether both spans hold the same bytes. Not constant-time: for public text only.
    package func hasSameBytes(as other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        return withUnsafeBytes { left in
            other.withUnsafeBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                return Self.areEqual(left, right, count: byteCount)
            }
        }
    }

    /// Compares `count` bytes, without the bounds checks that would double the cost of long texts.
    @inline(__always)
    private static func areEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, count: Int) -> Bool {
        var offset = 0
        while offset &+ 64 <= count {
            if !haveSameBlock(left, right, at: offset) { return false }
            offset &+= 64
        }
        // The last 64 bytes, some of them for the second time.
        if count >= 64 { return offset == count || haveSameBlock(left, right, at: count &- 64) }
        while offset &+ 8 <= count {
            if !haveSameWord(left, right, at: offset) { return false }
            offset &+= 8
        }
        guard offset < count else { return true }
        // The last eight bytes, some of them for the second time.
        if count >= 8 { return haveSameWord(left, right, at: count &- 8) }
        while offset < count {
            if left.load(fromByteOffset: offset, as: UInt8.self) != right.load(fromByteOffset: offset, as: UInt8.self) {
                return false
            }
            offset &+= 1
        }
        return true
    }

    /// Whether the 64 bytes at `offset` are the same.
    @inline(__always)
    private static func haveSameBlock(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, at offset: Int) -> Bool {
        let first = difference(left, right, at: offset) | difference(left, right, at: offset &+ 16)
        let second = difference(left, right, at: offset &+ 32) | difference(left, right, at: offset &+ 48)
        let both = first | second
        return both[0] | both[1] == 0
    }

    /// Zero if and only if the sixteen bytes at `offset` are the same.
    @inline(__always)
    private static func difference(
        _ left: UnsafeRawPointer,
        _ right: UnsafeRawPointer,
        at offset: Int
    ) -> SIMD2<UInt64> {
        left.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
            ^ right.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
    }

    @inline(__always)
    private static func haveSameWord(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, at offset: Int) -> Bool {
        left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            == right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
}
