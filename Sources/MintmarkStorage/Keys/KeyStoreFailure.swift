package import MintmarkCrypto
package import MintmarkTokens

/// Why signing keys cannot be kept or changed.
package enum KeyStoreFailure: Error, Equatable, Sendable {
    /// The disk failed: after a change the outcome is unknown.
    case storage(StorageFault)
    /// A file that holds a private key cannot be used.
    case file(SecretFile.Fault)
    /// A file holds no private key of the right kind.
    case key(file: String, KeyFileError)
    /// The file that says where keys are in their lives is not what was written.
    case ledger(KeyLedger.FormatFault)
    /// There is a store, and the file that says where its keys are in their lives is gone.
    case ledgerMissing
    /// The key that signs has no private half in any file: `others` are those with other keys.
    case activeKeyMissing(keyID: String, others: [String])
    /// The step cannot be taken.
    case refused(KeyRefusal)
    /// A name that no key file can have.
    case name(String)
    /// A key could not be encrypted.
    case encryption(KeyFileError)
}

extension KeyStoreFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .storage(let fault): "\(fault)"
        case .file(let fault): "\(fault)"
        case .key(let file, let error): "\(file): \(error.explanation)"
        case .ledger(let fault): "\(StoreFiles.keyLedger): \(fault.explanation)"
        case .ledgerMissing:
            "\(StoreFiles.keyLedger): the file is missing, and without it a key that was revoked would sign again; put it back "
                + "from a copy of the directory, or move the directory away to begin anew"
        case .activeKeyMissing(let keyID, let others):
            "the private half of the key that signs is in no file: \(keyID)"
                + (others.isEmpty ? "" : " (other keys are in \(others.joined(separator: ", ")))")
                + "; put its file back"
        case .refused(let refusal): "\(refusal)"
        case .name(let name): "'\(name)' is no name of a key file: it ends in .pem, begins with no dot and has no slash"
        case .encryption(let error): "a new key cannot be encrypted: \(error.explanation)"
        }
    }
}

extension KeyFileError {
    /// For people: what a file is.
    package var explanation: String {
        switch self {
        case .tooLong: "too long for a key file"
        case .notPEM: "not one PEM block"
        case .wrongContent: "no private key"
        case .wrongAlgorithm: "not an Ed25519 key; make one with: openssl genpkey -algorithm ed25519"
        case .passphraseNeeded:
            "encrypted; name its passphrase's file: tokens.signing_key_passphrase_file, or keys.passphrase_file for the "
                + "directory of keys"
        case .wrongPassphrase: "the passphrase does not open it"
        case .tooManyIterations: "encrypted with more iterations than this server is willing to do"
        case .unsupportedEncryption: "encrypted in a way that is not supported"
        case .malformed: "malformed"
        }
    }
}

extension KeyLedger.FormatFault {
    fileprivate var explanation: String {
        switch self {
        case .form: "not a list of signing keys, or not all of it"
        case .version(let version): "written by a later version: format \(version)"
        case .tag: "damaged, or written under another master key"
        case .content: "authentic, and not a list of signing keys"
        }
    }
}
