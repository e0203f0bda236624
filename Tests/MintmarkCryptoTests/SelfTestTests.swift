import Testing

@testable import MintmarkCrypto

@Suite struct SelfTestTests {
    @Test func publishedVectorsPass() throws {
        try SelfTest.run()
    }

    struct Spoilt: CustomTestStringConvertible {
        let testDescription: String
        let failure: SelfTest.Failure
        let spoil: @Sendable (inout SelfTest.Vectors) -> Void

        init(
            _ name: String,
            fails failure: SelfTest.Failure,
            _ spoil: @escaping @Sendable (inout SelfTest.Vectors) -> Void
        ) {
            testDescription = name
            self.failure = failure
            self.spoil = spoil
        }
    }

    @Test(arguments: [
        Spoilt("seed", fails: .signing) { $0.seed[0] ^= 1 },
        Spoilt("public key", fails: .signing) { $0.publicKey[0] ^= 1 },
        Spoilt("signature", fails: .signing) { $0.signature[63] ^= 1 },
        Spoilt("MAC key", fails: .messageAuthentication) { $0.authenticationKey[0] ^= 1 },
        Spoilt("MAC tag", fails: .messageAuthentication) { $0.authenticationTag[63] ^= 1 },
        Spoilt("AEAD key", fails: .authenticatedEncryption) { $0.encryptionKey[31] ^= 1 },
        Spoilt("AEAD additional data", fails: .authenticatedEncryption) { $0.additionalData[0] ^= 1 },
        Spoilt("AEAD ciphertext", fails: .authenticatedEncryption) { $0.ciphertext[0] ^= 1 },
        Spoilt("digest", fails: .digest) { $0.digest[0] ^= 1 },
        Spoilt("table hash", fails: .tableHash) { $0.tableHash ^= 1 },
    ])
    func spoiltVectorIsNoticed(row: Spoilt) {
        var vectors = SelfTest.Vectors()
        row.spoil(&vectors)
        #expect(throws: row.failure) { try SelfTest.run(against: vectors) }
    }
}
