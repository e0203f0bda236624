package import MintmarkCrypto

/// A directory whose files hold secrets.
package protocol SecretDirectory: StorageDirectory {
    /// Reads a file straight into guarded memory, unless others could read it, too.
    func readSecret(_ name: String) throws(SecretFile.Fault) -> SecretBytes
}

extension DiskDirectory: SecretDirectory {
    package func readSecret(_ name: String) throws(SecretFile.Fault) -> SecretBytes {
        try SecretFile.read("\(path)/\(name)", opening: { openDescriptor(name, $0) })
    }
}

extension StorageDirectory {
    /// Keeps a secret in a file, durably, in place of the one that has the name now.
    func replaceSecret(_ name: String, with secret: SecretBytes) throws(StorageFault) {
        try secret.withBytes { (bytes) throws(StorageFault) in
            try replace(name, with: bytes)
        }
    }
}

extension SecretDirectory {
    /// Keeps a private half in a file, durably, in place of the one that has the name now; encrypted if there is a passphrase.
    func replaceKey(
        _ name: String,
        with key: Ed25519SigningKey,
        passphrase: SecretBytes?,
        random: some RandomSource
    ) throws(KeyStoreFailure) {
        let content: SecretBytes
        do throws(KeyFileError) {
            content =
                if let passphrase {
                    try KeyFile.write(key, passphrase: passphrase, random: random)
                } else {
                    KeyFile.write(key)
                }
        } catch {
            throw .encryption(error)
        }
        do throws(StorageFault) {
            try replaceSecret(name, with: content)
        } catch {
            throw .storage(error)
        }
    }
}
