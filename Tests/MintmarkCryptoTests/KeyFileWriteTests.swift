import Testing

@testable import MintmarkCrypto

/// Key files that are written here.
@Suite struct KeyFileWriteTests {
    private let key = Ed25519SigningKey(seed: SecretBytes(Ed25519Vector.published[0].seed))

    @Test func plainKeyIsWhatOpenSSLWrites() throws {
        let file = KeyFile.write(key).copy
        #expect(try OpenSSLProgram.run("pkey", input: file) == file)
        #expect(try OpenSSLProgram.publicKey(of: file) == key.publicKey.rawBytes)
        #expect(try KeyFile.privateKey(in: file).publicKey == key.publicKey)
    }

    @Test func encryptedKeyIsReadByOpenSSL() throws {
        let file = try KeyFile.write(key, passphrase: SecretBytes("passphrase"), random: SystemRandom()).copy
        #expect(String(decoding: file, as: UTF8.self).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"))
        #expect(try OpenSSLProgram.publicKey(of: file, passphrase: "passphrase") == key.publicKey.rawBytes)
        #expect(try KeyFile.privateKey(in: file, passphrase: "passphrase").publicKey == key.publicKey)
        #expect(throws: KeyFileError.wrongPassphrase) { try KeyFile.privateKey(in: file, passphrase: "passphrasf") }
        #expect(throws: KeyFileError.passphraseNeeded) { try KeyFile.privateKey(in: file) }
        #expect(throws: OpenSSLProgram.Failure.self) {
            try OpenSSLProgram.publicKey(of: file, passphrase: "passphrasf")
        }
    }

    @Test func encryptionIsTheOneThatIsDocumented() throws {
        let file = try KeyFile.write(key, passphrase: SecretBytes("passphrase"), random: SystemRandom()).copy
        let structure = String(decoding: try OpenSSLProgram.run("asn1parse", input: file), as: UTF8.self)
        for part in ["PBES2", "PBKDF2", "hmacWithSHA256", "aes-256-cbc", ":0927C0"] {
            #expect(structure.contains(part))
        }
    }

    @Test func saltComesFromTheGivenSource() throws {
        let passphrase = SecretBytes("passphrase")
        let first = try KeyFile.write(key, passphrase: passphrase, random: SeededRandom(seed: 1)).copy
        let again = try KeyFile.write(key, passphrase: passphrase, random: SeededRandom(seed: 1)).copy
        let other = try KeyFile.write(key, passphrase: passphrase, random: SeededRandom(seed: 2)).copy
        #expect(first == again)
        #expect(first != other)
    }
}
