import MintmarkCrypto
import Testing

@testable import MintmarkTokens

/// The number that the table of verified tokens is found by.
@Suite struct TokenHashTests {
    /// Characters of base64url, as many as are hashed and some in front.
    private static func tail(_ random: SeededRandom, count: Int = 40) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        return [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            random.fill(UnsafeMutableRawBufferPointer(target))
            for index in target.indices { target[index] = alphabet[Int(target[index] & 63)] }
            filled = count
        }
    }

    /// Both what chooses the stripe and what chooses the slot come out evenly, though the characters have six bits each.
    @Test func signaturesAreSpreadEvenly() {
        let random = SeededRandom(seed: 7)
        let hash = TokenHash(random: random)
        var high = [Int](repeating: 0, count: 64)
        var low = [Int](repeating: 0, count: 1024)
        let count = 65_536
        for _ in 0..<count {
            let hashed = hash(Self.tail(random).span.bytes)
            high[Int(hashed >> 58)] += 1
            low[Int(hashed >> 1 & 1023)] += 1
        }
        // Chi squared over its degrees of freedom is 1 for an even spread; beyond 1.6 and 1.2 once in a million seeds.
        #expect(Self.unevenness(high, of: count) < 1.6)
        #expect(Self.unevenness(low, of: count) < 1.2)
    }

    private static func unevenness(_ bins: [Int], of count: Int) -> Double {
        let expected = Double(count) / Double(bins.count)
        let sum = bins.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        return sum / Double(bins.count - 1)
    }

    /// Tokens that differ in one character anywhere among those hashed are told apart.
    @Test func everyCharacterCounts() {
        let random = SeededRandom(seed: 8)
        let hash = TokenHash(random: random)
        let token = Self.tail(random, count: TokenHash.hashedByteCount)
        var seen: Set<UInt64> = [hash(token.span.bytes)]
        for index in token.indices {
            var other = token
            other[index] ^= 1
            seen.insert(hash(other.span.bytes))
        }
        #expect(seen.count == token.count + 1)
    }

    @Test func onlyTheEndIsHashed() {
        let random = SeededRandom(seed: 9)
        let hash = TokenHash(random: random)
        let end = Self.tail(random, count: TokenHash.hashedByteCount)
        #expect(hash(end.span.bytes) == hash((Array("eyJ".utf8) + end).span.bytes))
    }

    /// A text that is too short is hashed all the same, and found nowhere.
    @Test(arguments: [-1, 0, 1])
    func shortTexts(difference: Int) {
        let random = SeededRandom(seed: 10)
        let hash = TokenHash(random: random)
        let text = Self.tail(random, count: TokenHash.hashedByteCount + difference)
        #expect((hash(text.span.bytes) == 0) == (difference < 0))
        let cache = VerifiedTokenCache(random: random)
        var found: [UInt8] = []
        #expect(cache.facts(of: text.span.bytes, generation: 1, text: &found) == nil)
    }

    @Test func anotherKeyIsAnotherHash() {
        let token = Self.tail(SeededRandom(seed: 11)).span.bytes.withUnsafeBytes { Array($0) }
        let first = TokenHash(random: SystemRandom())
        let second = TokenHash(random: SystemRandom())
        #expect(first(token.span.bytes) == first(token.span.bytes))
        #expect(first(token.span.bytes) != second(token.span.bytes))
    }
}
