import Foundation
import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport
import MintmarkTestSupport
import Testing

@Suite struct RefreshTokenCodecTests {
    struct Vectors: Decodable, Sendable {
        struct Case: Decodable, Sendable, CustomTestStringConvertible {
            struct Fields: Decodable, Sendable {
                let storeEpoch: String
                let sessionId: String
                let generation: UInt32
            }

            let name: String
            let token: String
            let fields: Fields?
            let error: String?
            var testDescription: String { name }
        }

        struct Key: Decodable, Sendable {
            let id: UInt8
            let firstEpoch: String
        }

        let masterKey: String
        let keys: [Key]
        let cases: [Case]

        static let published: Vectors? = {
            let path = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../Protocol/vectors/refresh-tokens.json")
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return (try? Data(contentsOf: path)).flatMap { try? decoder.decode(Vectors.self, from: $0) }
        }()
    }

    static func bytes(hex: String) -> [UInt8] {
        stride(from: 0, to: hex.utf8.count, by: 2).compactMap { index in
            let start = hex.index(hex.startIndex, offsetBy: index)
            return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)
        }
    }

    static func publishedCodec() throws -> RefreshTokenCodec {
        let vectors = try #require(Vectors.published)
        let bytes = bytes(hex: vectors.masterKey)
        let master = SecretBytes(count: 32) { $0.copyBytes(from: bytes) }
        let keys = try vectors.keys.map { key in
            let epoch = StoreEpoch(rawValue: try #require(UInt64(key.firstEpoch)))
            return RefreshTokenKey(id: key.id, firstEpoch: epoch, master: master)
        }
        return RefreshTokenCodec(keys: keys)
    }

    @Test func thePublishedVectorsAreThere() throws {
        #expect(try #require(Vectors.published).cases.count >= 20)
    }

    @Test(arguments: Vectors.published?.cases ?? [])
    func agreesWithThePublishedVectors(_ vector: Vectors.Case) throws {
        let text = Array(vector.token.utf8)
        let codec = try Self.publishedCodec()
        guard let fields = vector.fields else {
            #expect(vector.error == "INVALID")
            #expect(codec.decode(text.span.bytes) == nil)
            return
        }
        let idBytes = Self.bytes(hex: fields.sessionId)
        let found = SessionID(idBytes.span.bytes)
        let id = try #require(found)
        let epoch = StoreEpoch(rawValue: try #require(UInt64(fields.storeEpoch)))
        let generation = TokenGeneration(epoch: epoch, number: fields.generation)
        let token = RefreshToken(sessionID: id, generation: generation)
        #expect(codec.decode(text.span.bytes) == token)
        var scratch: [UInt8] = [7]
        #expect(RefreshTokenCodec.presumedSessionID(in: text.span.bytes, scratch: &scratch) == id)
        var made: [UInt8] = []
        codec.encode(token, appendingTo: &made)
        #expect(made == text)
    }

    @Test func everyChangedCharacterIsRefused() {
        let codec = StoreFixture.codec()
        var text: [UInt8] = []
        codec.encode(.sample, appendingTo: &text)
        #expect(text.count == RefreshTokenCodec.characterCount)
        for index in text.indices {
            for bit in 0..<8 {
                var changed = text
                changed[index] ^= 1 << bit
                #expect(codec.decode(changed.span.bytes) == nil)
            }
        }
    }

    @Test func everyOtherLengthIsRefused() {
        let codec = StoreFixture.codec()
        var text: [UInt8] = []
        codec.encode(.sample, appendingTo: &text)
        for count in 0..<text.count {
            let cut = Array(text[..<count])
            #expect(codec.decode(cut.span.bytes) == nil)
        }
        let longer = text + [UInt8(ascii: "A")]
        #expect(codec.decode(longer.span.bytes) == nil)
    }

    /// Key 1 until epoch 99, key 2 from epoch 100 on.
    private func twoKeys(secondIsHonoured: Bool = true, firstIsHonoured: Bool = true) -> RefreshTokenCodec {
        RefreshTokenCodec(keys: [
            RefreshTokenKey(
                id: 2,
                firstEpoch: StoreEpoch(rawValue: 100),
                master: secondIsHonoured ? StoreFixture.master : nil
            ),
            RefreshTokenKey(
                id: 1,
                firstEpoch: StoreEpoch(rawValue: 0),
                master: firstIsHonoured ? StoreFixture.master : nil
            ),
        ])
    }

    @Test(arguments: [(99 as UInt64, 1 as UInt8), (100, 2), (101, 2)])
    func aTokenIsMadeWithTheKeyOfItsEpoch(epoch: UInt64, keyID: UInt8) throws {
        let token = RefreshToken.sample(epoch: epoch)
        var text: [UInt8] = []
        twoKeys().encode(token, appendingTo: &text)
        #expect(twoKeys().decode(text.span.bytes) == token)
        var contents: [UInt8] = []
        let encoded = Array(text[5...])
        #expect(Base64URL.decode(encoded.span.bytes, appendingTo: &contents))
        #expect(contents[1] == keyID)
    }

    @Test func aTokenThatNamesAnotherKeyThanItsEpochsIsRefused() {
        let firstAlone = RefreshTokenCodec(keys: [
            RefreshTokenKey(id: 1, firstEpoch: StoreEpoch(rawValue: 0), master: StoreFixture.master)
        ])
        var text: [UInt8] = []
        firstAlone.encode(.sample(epoch: 100), appendingTo: &text)
        #expect(firstAlone.decode(text.span.bytes) != nil)
        #expect(twoKeys().decode(text.span.bytes) == nil)
    }

    @Test func tokensOfAKeyThatIsNoLongerHonouredAreRefused() {
        var text: [UInt8] = []
        twoKeys().encode(.sample(epoch: 50), appendingTo: &text)
        let codec = twoKeys(firstIsHonoured: false)
        #expect(codec.decode(text.span.bytes) == nil)
        #expect(!codec.canEncode(epoch: StoreEpoch(rawValue: 50)))
        #expect(codec.canEncode(epoch: StoreEpoch(rawValue: 100)))
    }

    @Test func anEpochBeforeTheFirstKeyHasNone() {
        let codec = RefreshTokenCodec(keys: [
            RefreshTokenKey(id: 1, firstEpoch: StoreEpoch(rawValue: 10), master: StoreFixture.master)
        ])
        #expect(!codec.canEncode(epoch: StoreEpoch(rawValue: 9)))
    }
}

extension RefreshToken {
    static let sample = sample(epoch: 77)

    static func sample(epoch: UInt64) -> RefreshToken {
        RefreshToken(
            sessionID: SessionID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10),
            generation: TokenGeneration(epoch: StoreEpoch(rawValue: epoch), number: 3)
        )
    }
}
