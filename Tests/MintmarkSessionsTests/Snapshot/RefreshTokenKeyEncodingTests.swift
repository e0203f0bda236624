import MintmarkCrypto
import MintmarkSessionsTestSupport
import Testing

@testable import MintmarkSessions

@Suite struct RefreshTokenKeyEncodingTests {
    private let key = RefreshTokenKey(
        id: 7,
        firstEpoch: StoreEpoch(rawValue: 0x0102_0304_0506_0708),
        master: SecretBytes(count: 32, random: SeededRandom(seed: 3))
    )

    private func encoded(_ key: RefreshTokenKey) -> [UInt8] {
        var bytes: [UInt8] = []
        key.encode(with: StorageSamples.keys, random: SeededRandom(seed: 4), appendingTo: &bytes)
        return bytes
    }

    private func decode(_ bytes: [UInt8], keys: StorageKeys = StorageSamples.keys) -> RefreshTokenKey? {
        var reader = ByteReader(bytes.span.bytes)
        guard let key = try? RefreshTokenKey(from: &reader, bytes.span.bytes, with: keys) else { return nil }
        return reader.isConsumed ? key : nil
    }

    @Test func anHonouredKeyMakesTheSameTokens() throws {
        let bytes = encoded(key)
        #expect(bytes.count == 10 + 72)
        #expect(bytes.prefix(10) == [7, 1, 1, 2, 3, 4, 5, 6, 7, 8])
        let decoded = try #require(decode(bytes))
        #expect(decoded.id == 7 && decoded.firstEpoch == key.firstEpoch && decoded.isHonoured)
        let token = RefreshToken(
            sessionID: SessionID(high: 1, low: 2),
            generation: TokenGeneration(epoch: StoreEpoch(rawValue: 0x0102_0304_0506_0709), number: 3)
        )
        var text: [UInt8] = []
        RefreshTokenCodec(keys: [key]).encode(token, appendingTo: &text)
        #expect(RefreshTokenCodec(keys: [decoded]).decode(text.span.bytes) == token)
    }

    @Test func aRetiredKeyStaysRetired() throws {
        let bytes = encoded(key.retired)
        #expect(bytes == [7, 2, 1, 2, 3, 4, 5, 6, 7, 8])
        let decoded = try #require(decode(bytes))
        #expect(decoded.id == 7 && decoded.firstEpoch == key.firstEpoch && !decoded.isHonoured)
    }

    @Test func theKeyItselfIsNotInTheBytes() throws {
        let secret = try #require(key.tagKey).withBytes { [UInt8]($0) }
        let bytes = encoded(key)
        #expect(bytes.indices.allSatisfy { !bytes[$0...].starts(with: secret.prefix(4)) })
    }

    @Test func anythingElseIsRefused() {
        let bytes = encoded(key)
        for bit in Array(0..<16) + Array((10 * 8)..<(8 * bytes.count)) {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(decode(changed) == nil, "bit \(bit)")
        }
        for count in bytes.indices {
            #expect(decode(Array(bytes.prefix(count))) == nil, "\(count) bytes")
        }
        #expect(decode(bytes, keys: StorageSamples.otherKeys) == nil)
    }
}
