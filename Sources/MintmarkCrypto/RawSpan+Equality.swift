import Glibc

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
}
