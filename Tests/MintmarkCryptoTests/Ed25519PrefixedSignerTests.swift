import MintmarkTestSupport
import Testing

@testable import MintmarkCrypto

@Suite struct Ed25519PrefixedSignerTests {
    /// Beginnings around SHA-512's blocks of 128 bytes, of which the nonce's prefix takes 32.
    private static let beginningCounts = [0, 1, 31, 63, 64, 95, 96, 97, 115, 223, 224, 225, 500]
    private static let restCounts = [0, 1, 63, 127, 128, 129, 400]

    @Test(arguments: beginningCounts)
    func signaturesAreThoseOfTheKey(beginningCount: Int) {
        var generator = SeededGenerator(seed: UInt64(beginningCount))
        let key = Ed25519SigningKey(seed: SecretBytes(generator.bytes(count: 32)))
        let beginning = generator.bytes(count: beginningCount)
        let signer = Ed25519PrefixedSigner(key, beginning: beginning)
        for restCount in Self.restCounts {
            let message = beginning + generator.bytes(count: restCount)
            #expect(signer.signed(message) == key.signed(message))
        }
    }

    @Test(arguments: Ed25519Vector.published)
    func publishedVectorsAreSigned(vector: Ed25519Vector) {
        let key = Ed25519SigningKey(seed: SecretBytes(vector.seed))
        for count in 0...min(vector.message.count, 3) {
            let signer = Ed25519PrefixedSigner(key, beginning: Array(vector.message.prefix(count)))
            #expect(signer.signed(vector.message) == vector.signature)
        }
    }

    @Test func manyKeysAndMessagesGiveTheSameSignatures() {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<200 {
            let key = Ed25519SigningKey(seed: SecretBytes(generator.bytes(count: 32)))
            let message = generator.bytes(count: Int(generator.next() % 300) + 20)
            let signer = Ed25519PrefixedSigner(key, beginning: Array(message.prefix(20)))
            #expect(signer.signed(message) == key.signed(message))
        }
    }

    /// Two messages with one nonce would give the key away.
    @Test(arguments: ["head.claims", "head", "", "Header.claims", "headeR."])
    func otherBeginningStopsTheProcess(message: String) async {
        await #expect(processExitsWith: .failure) { [message = message as String] in
            let key = Ed25519SigningKey(random: SystemRandom())
            let signer = Ed25519PrefixedSigner(key, beginning: Array("header.".utf8))
            _ = signer.signature(of: Array(message.utf8).span.bytes)
        }
    }
}

extension Ed25519PrefixedSigner {
    /// The signature of `message`.
    fileprivate func signed(_ message: [UInt8]) -> [UInt8] {
        let signature = signature(of: message.span.bytes)
        return (0..<signature.count).map { signature[$0] }
    }
}
