import MintmarkCrypto
import MintmarkTokens

extension KeyStore {
    /// Whether a file of the key directory can hold a key.
    package static func isKeyFile(_ name: String) -> Bool {
        name.hasSuffix(keySuffix) && !name.hasPrefix(".") && !name.contains("/") && name.utf8.count <= 255
    }

    private static let keySuffix = ".pem"
    private static let ownPrefix = "signing-"

    /// The file that the server makes for a key.
    static func ownFile(_ keyID: [UInt8]) -> String {
        ownPrefix + String(decoding: keyID, as: UTF8.self) + keySuffix
    }

    /// Keeps a private half in a file of its own, durably.
    func save(_ key: Ed25519SigningKey) throws(KeyStoreFailure) -> Place {
        let name = Self.ownFile(KeyRing.Key(key.publicKey, state: .prepared).keyID)
        try files.keys.replaceKey(name, with: key, passphrase: settings.passphrase, random: random)
        return .keyDirectory(name)
    }

    /// Whether the private half of the key that signs lies in its file still. Blocks. A server whose file is gone signs on, and
    /// cannot be started again.
    package var isActiveKeyKept: Bool {
        switch held[ledger.active.keyID]?.place {
        case .keyDirectory(let name): (try? files.keys.readSecret(name)) != nil
        case .dataDirectory(let name): (try? files.data.readSecret(name)) != nil
        case .elsewhere, .memory, nil: true
        }
    }

    /// Keeps the private halves in files that could not be kept before.
    mutating func saveUnsaved() throws(KeyStoreFailure) {
        for (keyID, unsaved) in held where unsaved.place == .memory {
            held[keyID] = Held(key: unsaved.key, place: try save(unsaved.key), addition: unsaved.addition)
        }
    }

    /// Makes `next` the ledger, durably.
    mutating func settle(_ next: KeyLedger) throws(KeyStoreFailure) {
        do throws(StorageFault) {
            try files.write(next)
        } catch {
            // The disk may hold the one or the other.
            isUnsettled = true
            throw .storage(error)
        }
        ledger = next
        isUnsettled = false
    }

    /// Forgets a private half, and removes its file where the server has made it. A file that cannot be removed is
    /// tried again at the next start.
    mutating func letGo(_ keyID: [UInt8]) {
        guard let gone = held.removeValue(forKey: keyID) else { return }
        files.remove(gone.place, keyID: keyID)
    }
}

extension KeyStore.Place {
    /// For people.
    var file: String {
        switch self {
        case .keyDirectory(let name), .dataDirectory(let name): name
        case .elsewhere: "the file that the settings name"
        case .memory: "none"
        }
    }
}

extension KeyStore.Files {
    func write(_ ledger: KeyLedger) throws(StorageFault) {
        try data.replace(StoreFiles.keyLedger, with: ledger.encode(with: authenticator).span.bytes)
    }

    /// The key in a file of the key directory.
    func readKey(_ name: String, passphrase: SecretBytes?) throws(KeyStoreFailure) -> Ed25519SigningKey {
        try Self.readKey(name, in: keys, passphrase: passphrase)
    }

    static func readKey(
        _ name: String,
        in directory: any SecretDirectory,
        passphrase: SecretBytes?
    ) throws(KeyStoreFailure) -> Ed25519SigningKey {
        let file: SecretBytes
        do throws(SecretFile.Fault) {
            file = try directory.readSecret(name)
        } catch {
            throw .file(error)
        }
        do throws(KeyFileError) {
            return try file.withBytes { (bytes) throws(KeyFileError) in
                try KeyFile.readPrivateKey(bytes, passphrase: passphrase)
            }
        } catch {
            throw .key(file: name, error)
        }
    }

    /// Removes a file that the server has made and does not need any more.
    func remove(_ place: KeyStore.Place, keyID: [UInt8]) {
        switch place {
        case .keyDirectory(let name) where name == KeyStore.ownFile(keyID):
            try? keys.remove(name)
            try? keys.synchronize()
        case .dataDirectory(let name):
            try? data.remove(name)
            try? data.synchronize()
        case .keyDirectory, .elsewhere, .memory:
            break
        }
    }
}
