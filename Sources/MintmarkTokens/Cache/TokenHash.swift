import MintmarkCrypto

/// A number for a token, under a random key: what the table of verified tokens is found by.
///
/// Of the token's last 32 characters, which are 24 bytes of its signature's scalar. Two products of 64 by 64 bits, whose
/// halves are folded together, mix them well and take a tenth of what SipHash would; they are no match for somebody who
/// chooses what is hashed and sees the hashes. Nobody does: the table holds only tokens whose signature was good, nobody
/// chooses signatures, and the key never leaves the process. A token that is looked up may be anything, but a collision
/// found there is compared and is a miss.
struct TokenHash: Sendable {
    static let hashedByteCount = 32

    private let keys: SIMD4<UInt64>

    /// Draws a key from `random`.
    init(random: some RandomSource) {
        var keys = SIMD4<UInt64>()
        withUnsafeMutableBytes(of: &keys) { random.fill($0) }
        self.keys = keys
    }

    /// The same for the same token in the same process. A text shorter than what is hashed is no token: 0.
    @inline(__always)
    func callAsFunction(_ token: RawSpan) -> UInt64 {
        guard token.byteCount >= Self.hashedByteCount else { return 0 }
        let start = token.byteCount - Self.hashedByteCount
        let first = Self.fold(token.word(at: start) ^ keys[0], token.word(at: start + 8) ^ keys[1])
        let second = Self.fold(token.word(at: start + 16) ^ keys[2], token.word(at: start + 24) ^ keys[3])
        return first ^ second
    }

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
