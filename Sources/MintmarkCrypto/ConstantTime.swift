import CSodium

/// Comparison that does not tell, by the time it takes, where two values differ.
package enum ConstantTime {
    /// Whether both spans hold the same bytes. Their lengths are not secret: spans of different lengths differ at once.
    package static func equal(_ left: RawSpan, _ right: RawSpan) -> Bool {
        guard left.byteCount == right.byteCount else { return false }
        return left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                sodium_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
            }
        }
    }
}
