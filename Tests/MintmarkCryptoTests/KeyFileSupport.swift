@testable import MintmarkCrypto

// `#expect` cannot take spans as arguments, so these take arrays.

extension KeyFile {
    /// Reads a private key from a file's bytes.
    static func privateKey(in file: [UInt8], passphrase: String? = nil) throws(KeyFileError) -> Ed25519SigningKey {
        try readPrivateKey(file.span.bytes, passphrase: passphrase.map { SecretBytes($0) })
    }

    /// Reads a public key from a file's bytes.
    static func publicKey(in file: [UInt8]) throws(KeyFileError) -> Ed25519PublicKey {
        try readPublicKey(file.span.bytes)
    }

    /// A file with one block around `contents`.
    static func file(_ label: PEMBlock.Label, _ contents: [UInt8]) -> [UInt8] {
        PEMBlock.write(label, contents: contents.span.bytes).copy
    }
}
