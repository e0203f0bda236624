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

        let structure = String(decoding: try OpenSSLProgram.run("asn1parse", input: file), as: UTF8.self)
        let iterationCount = String(EncryptedPrivateKeyInfo.iterationCount, radix: 16, uppercase: true)
        for part in ["PBES2", "PBKDF2", "hmacWithSHA256", "aes-256-cbc", iterationCount] {
            #expect(structure.contains(part))
        }
    }

    @Test func saltComesFromTheGivenSource() throws {
        let info = PrivateKeyInfo.encode(key)
        let encrypted = try [1, 1, 2].map { seed in
            try EncryptedPrivateKeyInfo.encrypt(
                info,
                passphrase: SecretBytes("passphrase"),
                random: SeededRandom(seed: seed),
                iterationCount: 1
            )
        }
        #expect(encrypted[0] == encrypted[1])
        #expect(encrypted[0] != encrypted[2])
    }

    /// A passphrase that would be iterated for hours is not: whoever reads a key file waits for that.
    @Test(arguments: [(-1, KeyFileError.wrongPassphrase), (0, .wrongPassphrase), (1, .tooManyIterations)])
    func iterationsHaveALimit(beyond: Int, expected: KeyFileError) throws {
        let passphrase = SecretBytes("passphrase")
        // Of as many bytes as the limit, which takes its place.
        let written = [UInt8](Self.integer(65_536))
        var info = try EncryptedPrivateKeyInfo.encrypt(
            PrivateKeyInfo.encode(key),
            passphrase: passphrase,
            random: SystemRandom(),
            iterationCount: 65_536
        )
        let place = try #require(info.indices.first { info[$0...].starts(with: written) })
        let limit = EncryptedPrivateKeyInfo.iterationCountMax
        info.replaceSubrange(place..<place + written.count, with: Self.integer(limit + beyond))
        #expect(throws: expected) {
            try EncryptedPrivateKeyInfo.decrypt(
                SecretBytes(count: info.count) { $0.copyBytes(from: info) },
                passphrase: passphrase
            )
        }
    }

    /// In DER, of three bytes.
    private static func integer(_ number: Int) -> [UInt8] {
        [0x02, 0x03] + [16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
