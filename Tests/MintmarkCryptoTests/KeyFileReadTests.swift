import Testing

@testable import MintmarkCrypto

/// Key files that the real `openssl` wrote.
@Suite struct KeyFileReadTests {
    @Test func plainKeyOfOpenSSLIsRead() throws {
        let file = try OpenSSLProgram.run("genpkey", "-algorithm", "ed25519")
        let key = try KeyFile.privateKey(in: file)
        #expect(try key.publicKey.rawBytes == OpenSSLProgram.publicKey(of: file))
        let withUnneededPassphrase = try KeyFile.privateKey(in: file, passphrase: "unneeded")
        #expect(withUnneededPassphrase.publicKey == key.publicKey)
    }

    @Test(arguments: [
        ["-v2", "aes-256-cbc"], ["-v2", "aes-128-cbc"], ["-v2", "aes-192-cbc"], ["-v2", "des3"],
        ["-v2", "aria-256-cbc"], ["-v2prf", "hmacWithSHA512"], ["-v2prf", "hmacWithSHA1"], ["-scrypt"],
        ["-iter", "100000"],
    ])
    func encryptedKeyOfOpenSSLIsRead(options: [String]) throws {
        let plain = try OpenSSLProgram.run("genpkey", "-algorithm", "ed25519")
        let file = try OpenSSLProgram.encrypt(plain, passphrase: "correct horse", options)
        let key = try KeyFile.privateKey(in: file, passphrase: "correct horse")
        #expect(try key.publicKey.rawBytes == OpenSSLProgram.publicKey(of: plain))
        #expect(throws: KeyFileError.passphraseNeeded) { try KeyFile.privateKey(in: file) }
        #expect(throws: KeyFileError.wrongPassphrase) { try KeyFile.privateKey(in: file, passphrase: "correct hors") }
    }

    @Test func keyEncryptedAsItIsGeneratedIsRead() throws {
        let file = try OpenSSLProgram.run(
            "genpkey",
            "-algorithm",
            "ed25519",
            "-aes-256-cbc",
            "-pass",
            "pass:passphrase"
        )
        let key = try KeyFile.privateKey(in: file, passphrase: "passphrase")
        #expect(try key.publicKey.rawBytes == OpenSSLProgram.publicKey(of: file, passphrase: "passphrase"))
    }

    /// One wrong passphrase in some 256 decrypts to well-formed padding.
    @Test func noWrongPassphraseLooksLikeDamage() throws {
        let plain = try OpenSSLProgram.run("genpkey", "-algorithm", "ed25519")
        let file = try OpenSSLProgram.encrypt(plain, passphrase: "right", ["-iter", "1"])
        for number in 0..<3000 {
            #expect(throws: KeyFileError.wrongPassphrase) {
                try KeyFile.privateKey(in: file, passphrase: "wrong \(number)")
            }
        }
    }

    @Test(arguments: ["ed448", "x25519", "x448", "rsa", "ec"])
    func keyOfAnotherAlgorithmIsRefused(algorithm: String) throws {
        let options: [String: [String]] = [
            "rsa": ["-pkeyopt", "rsa_keygen_bits:1024"], "ec": ["-pkeyopt", "ec_paramgen_curve:P-256"],
        ]
        let file = try OpenSSLProgram.run(["genpkey", "-algorithm", algorithm] + (options[algorithm] ?? []))
        #expect(throws: KeyFileError.wrongAlgorithm) { try KeyFile.privateKey(in: file) }

        let encrypted = try OpenSSLProgram.encrypt(file, passphrase: "right", [])
        #expect(throws: KeyFileError.wrongAlgorithm) { try KeyFile.privateKey(in: encrypted, passphrase: "right") }
        #expect(throws: KeyFileError.wrongPassphrase) { try KeyFile.privateKey(in: encrypted, passphrase: "wrong") }

        let publicFile = try OpenSSLProgram.run("pkey", "-pubout", input: file)
        #expect(throws: KeyFileError.wrongAlgorithm) { try KeyFile.publicKey(in: publicFile) }
    }

    @Test(arguments: [["genrsa", "-traditional", "1024"], ["ecparam", "-genkey", "-noout", "-name", "prime256v1"]])
    func keyInATraditionalFormatIsOfAnotherAlgorithm(arguments: [String]) throws {
        let file = try OpenSSLProgram.run(arguments)
        #expect(throws: KeyFileError.wrongAlgorithm) { try KeyFile.privateKey(in: file) }
    }

    @Test func encryptionThatLibcryptoDoesNotSupportIsNamed() throws {
        let plain = try OpenSSLProgram.run("genpkey", "-algorithm", "ed25519")
        let legacy = ["-v1", "PBE-MD5-DES", "-provider", "legacy", "-provider", "default"]
        let file = try OpenSSLProgram.encrypt(plain, passphrase: "right", legacy)
        #expect(throws: KeyFileError.unsupportedEncryption) { try KeyFile.privateKey(in: file, passphrase: "right") }
    }

    /// As long as five million iterations take, about.
    @Test(arguments: [(1, nil), (39, KeyFileError.tooManyIterations)] as [(Int, KeyFileError?)])
    func scryptHasALimit(parallelization: Int, expected: KeyFileError?) throws {
        let plain = try OpenSSLProgram.run("genpkey", "-algorithm", "ed25519")
        let costs = ["-scrypt", "-scrypt_N", "16384", "-scrypt_r", "8", "-scrypt_p", "\(parallelization)"]
        let file = try OpenSSLProgram.encrypt(plain, passphrase: "right", costs)
        var fault: KeyFileError?
        do throws(KeyFileError) {
            _ = try KeyFile.privateKey(in: file, passphrase: "right")
        } catch {
            fault = error
        }
        #expect(fault == expected)
    }

    @Test func publicKeyOfOpenSSLIsRead() throws {
        let file = try OpenSSLProgram.run("genpkey", "-algorithm", "ed25519")
        let publicFile = try OpenSSLProgram.run("pkey", "-pubout", input: file)
        #expect(try KeyFile.publicKey(in: publicFile) == KeyFile.privateKey(in: file).publicKey)
        #expect(throws: KeyFileError.wrongContent) { try KeyFile.privateKey(in: publicFile) }
        #expect(throws: KeyFileError.wrongContent) { try KeyFile.publicKey(in: file) }
    }

    @Test func certificateIsNoKey() throws {
        let key = try OpenSSLProgram.run("genpkey", "-algorithm", "ed25519")
        let certificate = try OpenSSLProgram.run(
            "req",
            "-x509",
            "-new",
            "-subj",
            "/CN=test",
            "-key",
            "/dev/stdin",
            input: key
        )
        #expect(throws: KeyFileError.wrongContent) { try KeyFile.privateKey(in: certificate) }
        #expect(throws: KeyFileError.wrongContent) { try KeyFile.publicKey(in: certificate) }
    }
}
