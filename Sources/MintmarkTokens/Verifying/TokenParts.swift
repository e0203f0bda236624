/// Where the three parts of a token in compact serialization lie.
struct TokenParts {
    let header: Range<Int>
    let payload: Range<Int>
    let signature: Range<Int>

    /// Nil unless exactly two separators are in the token.
    init?(_ token: RawSpan) {
        guard let first = Self.separator(in: token, from: 0),
            let second = Self.separator(in: token, from: first + 1),
            Self.separator(in: token, from: second + 1) == nil
        else { return nil }
        header = 0..<first
        payload = first + 1..<second
        signature = second + 1..<token.byteCount
    }

    private static func separator(in token: RawSpan, from start: Int) -> Int? {
        let separators = UInt64(CompactSerialization.separator) &* 0x0101_0101_0101_0101
        var offset = start
        while offset &+ 8 <= token.byteCount {
            let difference = token.word(at: offset) ^ separators
            // The lowest bit set is that of the first byte without a difference.
            let equal = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
            if equal != 0 { return offset &+ equal.trailingZeroBitCount / 8 }
            offset &+= 8
        }
        while offset < token.byteCount {
            if token.byte(at: offset) == CompactSerialization.separator { return offset }
            offset &+= 1
        }
        return nil
    }
}
