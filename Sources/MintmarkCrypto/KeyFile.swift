/// Ed25519 key files: PEM (RFC 7468) around PKCS#8 (RFC 5958, RFC 8410), as `openssl genpkey -algorithm ed25519` and
/// `openssl pkey` write and read them, plain or encrypted with a passphrase (PBES2, RFC 8018).
///
/// Bytes in, bytes out; who may read which file is decided where files are opened. Nothing here asks the terminal for
/// anything. Private keys pass through guarded memory alone: the PEM text is decoded here, and of libcrypto only those
/// calls are used that wipe what they copied.
package enum KeyFile {
    /// The length of the longest key file that is looked at, in bytes.
    package static let byteCountMax = 16 * 1024

    /// Reads a private key. A passphrase that turns out not to be needed is ignored.
    ///
    /// An encrypted file says itself how much work its passphrase costs, which is not bounded here: read only files
    /// that nobody else can write.
    package static func readPrivateKey(
        _ file: RawSpan,
        passphrase: SecretBytes?
    ) throws(KeyFileError) -> Ed25519SigningKey {
        let block = try PEMBlock(file)
        switch block.label {
        case .privateKey:
            return Ed25519SigningKey(seed: try PrivateKeyInfo.seed(of: block.contents(of: file)))
        case .encryptedPrivateKey:
            guard let passphrase else { throw .passphraseNeeded }
            let decrypted = try EncryptedPrivateKeyInfo.decrypt(block.contents(of: file), passphrase: passphrase)
            return Ed25519SigningKey(seed: try seed(ofDecrypted: decrypted))
        case .ecPrivateKey, .dsaPrivateKey, .rsaPrivateKey:
            throw .wrongAlgorithm
        case .publicKey:
            throw .wrongContent
        }
    }

    /// Reads a public key (SubjectPublicKeyInfo).
    package static func readPublicKey(_ file: RawSpan) throws(KeyFileError) -> Ed25519PublicKey {
        let block = try PEMBlock(file)
        guard block.label == .publicKey else { throw .wrongContent }
        return try PublicKeyInfo.publicKey(of: block.contents(of: file))
    }

    /// The file that holds `key` unencrypted.
    package static func write(_ key: Ed25519SigningKey) -> SecretBytes {
        let info = PrivateKeyInfo.encode(key)
        return info.withBytes { PEMBlock.write(.privateKey, contents: $0) }
    }

    /// The file that holds `key` encrypted: AES-256-CBC, its key from the passphrase by PBKDF2 with HMAC-SHA-256. Takes
    /// a good part of a second, as an attacker's every guess does.
    ///
    /// Throws ``KeyFileError/unsupportedEncryption`` where libcrypto was built without one of these.
    package static func write(
        _ key: Ed25519SigningKey,
        passphrase: SecretBytes,
        random: some RandomSource
    ) throws(KeyFileError) -> SecretBytes {
        let info = PrivateKeyInfo.encode(key)
        let encrypted = try EncryptedPrivateKeyInfo.encrypt(info, passphrase: passphrase, random: random)
        return PEMBlock.write(.encryptedPrivateKey, contents: encrypted.span.bytes)
    }

    /// With a wrong passphrase, one decryption in some 256 ends in well-formed padding around nonsense.
    private static func seed(ofDecrypted info: SecretBytes) throws(KeyFileError) -> SecretBytes {
        do {
            return try PrivateKeyInfo.seed(of: info)
        } catch {
            throw error == .malformed ? .wrongPassphrase : error
        }
    }
}
