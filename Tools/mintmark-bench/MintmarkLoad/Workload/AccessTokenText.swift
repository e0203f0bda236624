import MintmarkCrypto

/// What a load tool needs to know of a token it was given: its parts, not its meaning.
enum AccessTokenText {
    /// Where the three parts lie; nil if there are not three.
    static func parts(of token: RawSpan) -> (header: Range<Int>, payload: Range<Int>, signature: Range<Int>)? {
        token.withUnsafeBytes { bytes in
            guard
                let first = bytes.firstIndex(of: UInt8(ascii: ".")),
                let last = bytes.lastIndex(of: UInt8(ascii: ".")), first < last,
                !bytes[first + 1..<last].contains(UInt8(ascii: "."))
            else { return nil }
            return (0..<first, first + 1..<last, last + 1..<bytes.count)
        }
    }

    /// Replaces `claims` by the token's claims; false if it is no token.
    static func decodeClaims(of token: RawSpan, into claims: inout [UInt8]) -> Bool {
        claims.removeAll(keepingCapacity: true)
        guard let parts = parts(of: token) else { return false }
        return Base64URL.decode(token.extracting(parts.payload), appendingTo: &claims)
    }

    /// The `exp` of claims as a Mintmark server writes them: without white space, and no other `"exp":` before it.
    static func expiry(in claims: [UInt8]) -> UInt64? {
        let name = Array(#""exp":"#.utf8)
        for start in claims.indices where claims[start...].starts(with: name) {
            let digits = claims[(start + name.count)...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            return UInt64(String(decoding: digits, as: UTF8.self))
        }
        return nil
    }
}
