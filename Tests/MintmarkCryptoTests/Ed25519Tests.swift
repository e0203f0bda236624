import MintmarkTestSupport
import Testing

@testable import MintmarkCrypto

@Suite struct Ed25519Tests {
    @Test(arguments: Ed25519Vector.published)
    func publishedVectorsSignAndVerify(vector: Ed25519Vector) throws {
        let key = Ed25519SigningKey(seed: SecretBytes(vector.seed))
        #expect(key.publicKey.rawBytes == vector.publicKey)
        #expect(key.signed(vector.message) == vector.signature)

        let publicKey = try #require(Ed25519PublicKey(array: vector.publicKey))
        #expect(publicKey == key.publicKey)
        #expect(publicKey.verifies(vector.signature, of: vector.message))
    }

    @Test func everyWayToSignGivesTheSameSignature() {
        let key = Ed25519SigningKey(seed: SecretBytes(Ed25519Vector.published[1].seed))
        let message = Array("header.claims".utf8)

        var appended: [UInt8] = [9, 9]
        key.sign(message.span.bytes, appendingTo: &appended)
        #expect(appended.prefix(2) == [9, 9])
        #expect(appended.count == 66)

        var buffer = [1, 2, 3] + message + [4]
        key.appendSignature(of: 3..<(3 + message.count), to: &buffer)
        #expect(buffer.dropLast(64) == [1, 2, 3] + message + [4])
        #expect(buffer.suffix(64) == appended.suffix(64))

        let value = key.signature(of: message.span.bytes)
        #expect((0..<64).map { value[$0] } == Array(appended.suffix(64)))
    }

    @Test func signingReusesTheCapacityOfTheBuffer() {
        let key = Ed25519SigningKey(random: SystemRandom())
        var buffer: [UInt8] = []
        buffer.reserveCapacity(1000)
        let capacity = buffer.capacity
        for _ in 0..<100 {
            buffer.removeAll(keepingCapacity: true)
            key.appendSignature(of: 0..<0, to: &buffer)
            key.appendSignature(of: 0..<64, to: &buffer)
        }
        #expect(buffer.capacity == capacity)
    }

    @Test func randomKeysComeFromTheGivenSource() {
        let key = Ed25519SigningKey(random: FixedRandom(bytes: Ed25519Vector.published[0].seed))
        #expect(key.publicKey.rawBytes == Ed25519Vector.published[0].publicKey)
        let drawn = (0..<2).map { _ in Ed25519SigningKey(random: SystemRandom()).publicKey }
        #expect(drawn[0] != drawn[1])
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func changingAnyBitBreaksTheSignature(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let key = Ed25519SigningKey(seed: SecretBytes(generator.bytes(count: 32)))
        let message = generator.bytes(count: 50)
        let signature = key.signed(message)
        for bit in 0..<512 {
            var forged = signature
            forged[bit / 8] ^= 1 << (bit % 8)
            #expect(!key.publicKey.verifies(forged, of: message), "bit \(bit)")
        }
        for bit in 0..<400 {
            var other = message
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(!key.publicKey.verifies(signature, of: other), "bit \(bit)")
        }
    }

    @Test func keysHashAndCompareByTheirBytes() throws {
        let first = try #require(Ed25519PublicKey(array: Ed25519Vector.published[0].publicKey))
        let again = try #require(Ed25519PublicKey(array: Ed25519Vector.published[0].publicKey))
        let second = try #require(Ed25519PublicKey(array: Ed25519Vector.published[1].publicKey))
        #expect(Set([first, again, second]) == [first, second])
        #expect(first.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } } == first.rawBytes)
    }

    @Test(arguments: [0, 1, 31, 32, 33, 64])
    func publicKeyIsExactly32Bytes(count: Int) {
        let bytes = (Ed25519Vector.published[0].publicKey + [UInt8](repeating: 0, count: 32)).prefix(count)
        #expect((Ed25519PublicKey(array: Array(bytes)) != nil) == (count == 32))
    }

    @Test func seedOfAnotherLengthIsAProgrammersError() async {
        await #expect(processExitsWith: .failure) {
            _ = Ed25519SigningKey(seed: SecretBytes(count: 31, random: SystemRandom()))
        }
        await #expect(processExitsWith: .failure) {
            _ = Ed25519SigningKey(seed: SecretBytes(count: 33, random: SystemRandom()))
        }
    }
}
