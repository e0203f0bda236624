import MintmarkCrypto

/// Where the three parts of a token in compact serialization lie.
struct TokenParts {
    let header: Range<Int>
    let payload: Range<Int>
    let signature: Range<Int>

    /// Nil unless exactly two separators are in the token.
    init?(_ token: RawSpan) {
        let separator = CompactSerialization.separator
        guard let first = token.offset(of: separator, from: 0),
            let second = token.offset(of: separator, from: first + 1),
            token.offset(of: separator, from: second + 1) == nil
        else { return nil }
        header = 0..<first
        payload = first + 1..<second
        signature = second + 1..<token.byteCount
    }
}
