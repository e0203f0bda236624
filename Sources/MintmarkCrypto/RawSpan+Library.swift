import Glibc

/// What the C library does in wider steps than generic code can.
extension RawSpan {
    /// Whether both spans hold the same bytes. Not constant-time: for public text only.
    package func hasSameBytes(as other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        return withUnsafeBytes { left in
            other.withUnsafeBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                return memcmp(left, right, byteCount) == 0
            }
        }
    }

    /// Where the first byte of that value is from `start` on, which must not be beyond the end; nil if there is none.
    package func offset(of byte: UInt8, from start: Int) -> Int? {
        precondition(start >= 0 && start <= byteCount, "a search begins inside or at the end")
        return withUnsafeBytes { bytes in
            guard let beginning = bytes.baseAddress else { return nil }
            let found = memchr(beginning + start, Int32(byte), bytes.count - start)
            return found.map { UnsafeRawPointer($0) - beginning }
        }
    }
}
