import MintmarkCrypto

/// The claims `iat` and `exp`, as they stand in the middle of a claims object. Kept, because the times of tokens are the
/// same for a second.
struct TimesText: Sendable {
    private static let byteCountMax = 2 * (7 + 20)

    private var issuedAt: UInt64 = 0
    private var expiresAt: UInt64 = 0
    /// The text stands at the end of these, from `start` on.
    private var bytes = InlineArray<54, UInt8>(repeating: 0)
    private var start = byteCountMax

    init() {
        write(issuedAt: 0, expiresAt: 0)
    }

    /// Becomes that of these times, in seconds since 1970.
    @inline(__always)
    mutating func set(issuedAt: UInt64, expiresAt: UInt64) {
        if issuedAt != self.issuedAt || expiresAt != self.expiresAt {
            write(issuedAt: issuedAt, expiresAt: expiresAt)
        }
    }

    private mutating func write(issuedAt: UInt64, expiresAt: UInt64) {
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        start = Self.byteCountMax
        prepend(expiresAt)
        prepend(#","exp":"#)
        prepend(issuedAt)
        prepend(#","iat":"#)
    }

    private mutating func prepend(_ number: UInt64) {
        var rest = number
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            prepend(ASCII.zero + UInt8(digit))
            rest = quotient
        } while rest > 0
    }

    private mutating func prepend(_ literal: StaticString) {
        for offset in (0..<literal.utf8CodeUnitCount).reversed() { prepend(literal.utf8Start[offset]) }
    }

    private mutating func prepend(_ byte: UInt8) {
        start -= 1
        bytes[start] = byte
    }

    /// Appends it to `output`, where there must be room.
    @inline(__always)
    func append(to output: inout OutputSpan<UInt8>) {
        output.append(copying: bytes.span.bytes.extracting(start..<Self.byteCountMax))
    }
}
