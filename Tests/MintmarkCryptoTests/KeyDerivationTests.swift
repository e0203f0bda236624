import Testing

@testable import MintmarkCrypto

@Suite struct KeyDerivationTests {
    private let master = SecretBytes(Array(0..<32))

    /// The first is of libsodium's own test (`kdf.exp`), the others of the BLAKE2 reference implementation with the salt
    /// and personalisation that libsodium documents.
    @Test(arguments: [
        (
            UInt64(0), 64,
            """
            a0c724404728c8bb95e5433eb6a9716171144d61efb23e74b873fcbeda51d807
            1b5d70aae12066dfc94ce943f145aa176c055040c3dd73b0a15e36254d450614
            """
        ),
        (0, 16, "e9136a52b9690eb4df4e9665e819a6d3"),
        (0, 32, "c13fcc2e6cd0cd0f82d93b163a5696c5105378f8c629d36baf3ae0239de9c280"),
        (1, 32, "13fea52bb8cba063f3ed93de27ed07e06d8c6367474e6ae4c9282913ac3c3a03"),
        (.max, 32, "500c3043b2b9177ec843ecbe9f98f92d8c11fbbd10a225ab844548de89c21d55"),
    ])
    func publishedVectors(id: UInt64, count: Int, expected: String) {
        #expect(KeyDerivation.derive(from: master, context: "KDF test", id: id, count: count).copy == hex(expected))
    }

    @Test func contextSeparatesKeys() {
        let first = KeyDerivation.derive(from: master, context: "purpose1", id: 1, count: 32)
        let second = KeyDerivation.derive(from: master, context: "purpose2", id: 1, count: 32)
        #expect(first.copy != second.copy)
    }

    @Test func argumentsOutsideOfTheLimitsAreAProgrammersError() async {
        await #expect(processExitsWith: .failure) { KeyDerivationTests.derive(master: 31, "8 signs.", 32) }
        await #expect(processExitsWith: .failure) { KeyDerivationTests.derive(master: 33, "8 signs.", 32) }
        await #expect(processExitsWith: .failure) { KeyDerivationTests.derive(master: 32, "7 signs", 32) }
        await #expect(processExitsWith: .failure) { KeyDerivationTests.derive(master: 32, "9 signs..", 32) }
        await #expect(processExitsWith: .failure) { KeyDerivationTests.derive(master: 32, "8 bytés", 32) }
        await #expect(processExitsWith: .failure) { KeyDerivationTests.derive(master: 32, "8 signs.", 15) }
        await #expect(processExitsWith: .failure) { KeyDerivationTests.derive(master: 32, "8 signs.", 65) }
        Self.derive(master: 32, "8 signs.", 16)
        Self.derive(master: 32, "8 signs.", 64)
    }

    // MARK: For a message

    /// Of Python's `hashlib.blake2b`, whose code is that of the BLAKE2 reference implementation.
    @Test(arguments: [
        (16, [UInt8](), "037c7d740ea795902b5aebe210fafffff1f627f74010f8dc79c0d5b8a9fb5847"),
        (32, Array("a message".utf8), "ad21605ec86faf43cffb5b030b8af35a039580713ff9babbcc1e77b9e93c3f07"),
        (64, Array(0...255), "1ee3b6312b4e0f0b9663b812b8c129e6d45c410b1c9c5a1667bfc6dd951db79f"),
    ])
    func keysForMessages(keyByteCount: Int, message: [UInt8], expected: String) {
        let key = SecretBytes((0..<keyByteCount).map { UInt8($0) })
        #expect(KeyDerivation.derive(from: key, for: message.span.bytes).copy == hex(expected))
    }

    @Test func anotherKeyLengthIsAProgrammersError() async {
        await #expect(processExitsWith: .failure) { KeyDerivationTests.deriveForMessage(keyByteCount: 15) }
        await #expect(processExitsWith: .failure) { KeyDerivationTests.deriveForMessage(keyByteCount: 65) }
        Self.deriveForMessage(keyByteCount: 16)
        Self.deriveForMessage(keyByteCount: 64)
    }

    private static func deriveForMessage(keyByteCount: Int) {
        let key = SecretBytes(count: keyByteCount, random: SystemRandom())
        let message: [UInt8] = [1]
        _ = KeyDerivation.derive(from: key, for: message.span.bytes)
    }

    private static func derive(master: Int, _ context: StaticString, _ count: Int) {
        let master = SecretBytes(count: master, random: SystemRandom())
        _ = KeyDerivation.derive(from: master, context: context, id: 0, count: count)
    }
}
