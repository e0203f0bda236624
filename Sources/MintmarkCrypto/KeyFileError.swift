/// Why a key file could not be read or written.
package enum KeyFileError: Error, Equatable {
    /// The file is longer than ``KeyFile/byteCountMax``.
    case tooLong

    /// Not exactly one whole PEM block, with nothing but white space around it.
    case notPEM

    /// A PEM block that holds something else than was asked for: a certificate, a key of the other kind, a key in
    /// OpenSSH's format.
    case wrongContent

    /// A key, but not of Ed25519.
    case wrongAlgorithm

    /// The key is encrypted and no passphrase was given.
    case passphraseNeeded

    /// The passphrase does not open the key. Damage inside the encrypted part looks the same.
    case wrongPassphrase

    /// The key is encrypted in a way that libcrypto does not support.
    case unsupportedEncryption

    /// Its passphrase takes more than ``EncryptedPrivateKeyInfo/iterationCountMax`` iterations.
    case tooManyIterations

    /// What is inside the PEM block is not base64, or not the structure that its label promises.
    case malformed
}
