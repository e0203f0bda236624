package import MintmarkCrypto
import MintmarkTokens

/// The signing keys of a data directory, read and judged. Nothing is changed before ``finish(_:random:)``, so that a start
/// which is refused for something else leaves them as they were.
package struct KeyStoreOpening: Sendable {
    private let found: [KeyStore.Held]
    private let named: KeyStore.Named
    private let settings: KeyStore.Settings
    private let now: UInt64
    /// Nil: the directory has no ledger yet.
    private let known: (before: KeyLedger, taking: KeyTaking)?

    /// Looks at a directory, which must be locked. Changes nothing.
    ///
    /// Keys that lie in the key directory and are not known yet will be taken up as prepared.
    ///
    /// - Parameters:
    ///   - data: holds the ledger, and the first key.
    ///   - keys: holds the others; nil: it is not there yet.
    ///   - master: the 32-byte master key.
    ///   - now: seconds since 1970.
    package init(
        data: any SecretDirectory,
        keys: (any SecretDirectory)?,
        master: SecretBytes,
        named: KeyStore.Named,
        settings: KeyStore.Settings,
        now: UInt64
    ) throws(KeyStoreFailure) {
        try self.init(
            data: data,
            keys: keys,
            authenticator: KeyLedger.authenticator(master: master),
            named: named,
            settings: settings,
            now: now
        )
    }

    init(
        data: any SecretDirectory,
        keys: (any SecretDirectory)?,
        authenticator: KeyedBLAKE2b,
        named: KeyStore.Named,
        settings: KeyStore.Settings,
        now: UInt64
    ) throws(KeyStoreFailure) {
        self.named = named
        self.settings = settings
        self.now = now
        let ledger = try Self.ledger(in: data, authenticator)
        var found = try Self.namedKey(named, in: data).map { [$0] } ?? []
        found +=
            try keys.map { (keys) throws(KeyStoreFailure) in
                try Self.directoryKeys(keys, passphrase: settings.passphrase)
            } ?? []
        self.found = found
        guard let ledger else {
            known = nil
            return
        }
        var taking = KeyTaking(ledger: ledger)
        taking.takeUp(found, now: now)
        try taking.replaceMissingActive(with: named, policy: settings.policy, now: now)
        _ = taking.ledger.adapt(to: settings.policy, now: now)
        known = (ledger, taking)
    }

    /// Makes durable what was read, and what follows from it. At the first start the keys are made.
    package func finish(_ files: KeyStore.Files, random: any RandomSource) throws(KeyStoreFailure) -> KeyStore {
        try Self.settleNames(files, hasLedger: known != nil)
        guard let known else {
            return try begin(files, random: random)
        }
        var store = KeyStore(
            ledger: known.before,
            held: known.taking.held,
            files: files,
            settings: settings,
            random: random
        )
        store.leftOut = known.taking.leftOut
        if known.taking.ledger != known.before {
            try store.settle(known.taking.ledger)
        }
        for (place, keyID) in known.taking.unneeded {
            files.remove(place, keyID: keyID)
        }
        return store
    }

    private func begin(_ files: KeyStore.Files, random: any RandomSource) throws(KeyStoreFailure) -> KeyStore {
        let first: KeyStore.Held
        if let present = found.first {
            first = present
        } else {
            first = try firstKey(files, random: random)
        }
        var taking = KeyTaking(ledger: KeyLedger(first.key.publicKey, policy: settings.policy, now: now))
        taking.takeUp([first] + found.dropFirst(), now: now)
        var store = KeyStore(
            ledger: taking.ledger,
            held: taking.held,
            files: files,
            settings: settings,
            random: random
        )
        store.leftOut = taking.leftOut
        try store.settle(taking.ledger)
        return store
    }

    /// Makes the first key of a data directory.
    private func firstKey(_ files: KeyStore.Files, random: any RandomSource) throws(KeyStoreFailure) -> KeyStore.Held {
        let key = Ed25519SigningKey(random: random)
        let name = StoreFiles.firstSigningKey
        guard case .usual(let passphrase) = named else { preconditionFailure("a key that is named is not made") }
        try files.data.replaceKey(name, with: key, passphrase: passphrase, random: random)
        return KeyStore.Held(key: key, place: .dataDirectory(name))
    }

    /// Removes what was being made. After a process was killed the system may show what the disk does not hold: that is made
    /// durable.
    private static func settleNames(_ files: KeyStore.Files, hasLedger: Bool) throws(KeyStoreFailure) {
        do throws(StorageFault) {
            let unfinished = StoreFiles.unfinished(StoreFiles.keyLedger)
            if try files.data.list().contains(unfinished) {
                try files.data.remove(unfinished)
            }
            if hasLedger {
                try files.data.open(StoreFiles.keyLedger).synchronize()
                try files.data.synchronize()
            }
            for name in try files.keys.list() where name.hasSuffix(StoreFiles.unfinished("")) {
                if KeyStore.isKeyFile(String(name.dropLast(StoreFiles.unfinished("").count))) {
                    try files.keys.remove(name)
                }
            }
        } catch {
            throw .storage(error)
        }
    }
}

// MARK: - Reading

extension KeyStoreOpening {
    /// The ledger of a data directory; nil where none was made yet.
    static func ledger(
        in data: any StorageDirectory,
        _ authenticator: KeyedBLAKE2b
    ) throws(KeyStoreFailure) -> KeyLedger? {
        guard try checkThatLedgerIsThere(in: data) else { return nil }
        let bytes: [UInt8]
        do throws(StorageFault) {
            bytes = try data.open(StoreFiles.keyLedger).read(at: 0, byteCount: KeyLedger.byteCountMax + 1)
        } catch {
            throw .storage(error)
        }
        do throws(KeyLedger.FormatFault) {
            return try KeyLedger(decoding: bytes.span.bytes, with: authenticator)
        } catch {
            throw .ledger(error)
        }
    }

    /// Refuses a store without a ledger of its signing keys.
    ///
    /// - Returns: false where there is neither.
    @discardableResult
    package static func checkThatLedgerIsThere(in data: any StorageDirectory) throws(KeyStoreFailure) -> Bool {
        let names = try names(in: data)
        let isThere = names.contains(StoreFiles.keyLedger)
        // The first start makes it before the manifest.
        guard isThere || !names.contains(StoreFiles.manifest) else { throw .ledgerMissing }
        return isThere
    }

    private static func namedKey(
        _ named: KeyStore.Named,
        in data: any SecretDirectory
    ) throws(KeyStoreFailure) -> KeyStore.Held? {
        switch named {
        case .file(let key):
            return KeyStore.Held(key: key, place: .elsewhere)
        case .usual(let passphrase):
            let name = StoreFiles.firstSigningKey
            guard try Self.names(in: data).contains(name) else { return nil }
            let key = try KeyStore.Files.readKey(name, in: data, passphrase: passphrase)
            return KeyStore.Held(key: key, place: .dataDirectory(name))
        }
    }

    static func directoryKeys(
        _ keys: any SecretDirectory,
        passphrase: SecretBytes?
    ) throws(KeyStoreFailure) -> [KeyStore.Held] {
        var found: [KeyStore.Held] = []
        for name in try names(in: keys).sorted() where KeyStore.isKeyFile(name) && name != StoreFiles.firstSigningKey {
            let key = try KeyStore.Files.readKey(name, in: keys, passphrase: passphrase)
            found.append(KeyStore.Held(key: key, place: .keyDirectory(name)))
        }
        return found
    }

    private static func names(in directory: any StorageDirectory) throws(KeyStoreFailure) -> [String] {
        do throws(StorageFault) {
            return try directory.list()
        } catch {
            throw .storage(error)
        }
    }
}
