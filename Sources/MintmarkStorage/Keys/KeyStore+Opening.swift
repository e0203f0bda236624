package import MintmarkCrypto
import MintmarkTokens

extension KeyStore {
    /// The key that the settings name.
    package enum Named: Sendable {
        /// None: `signing-key.pem` in the data directory, which is made at the first start.
        case usual(passphrase: SecretBytes?)
        /// A file that the server only reads.
        case file(Ed25519SigningKey)
    }

    /// Opens the keys of a data directory, or makes them at its first start. The directory must be locked.
    ///
    /// Keys that lie in the key directory and are not known yet are taken up as prepared. Where the private half of the
    /// active key is gone and the settings name another key, that one signs at once: so an operator replaces it.
    package static func open(
        _ files: Files,
        named: Named,
        settings: Settings,
        now: UInt64,
        random: any RandomSource
    ) throws(KeyStoreFailure) -> KeyStore {
        let names = try settledNames(files)
        var found = try namedKey(named, in: files, names).map { [$0] } ?? []
        found += try directoryKeys(files, passphrase: settings.passphrase)
        guard names.contains(StoreFiles.keyLedger) else {
            return try begin(files, found, named, settings: settings, now: now, random: random)
        }
        var store = KeyStore(
            ledger: try files.readLedger(),
            held: [:],
            files: files,
            settings: settings,
            random: random
        )
        let before = store.ledger
        store.takeUp(found, now: now)
        if store.held[before.active.keyID] == nil {
            try store.replaceActive(with: named, now: now)
        }
        _ = store.ledger.adapt(to: settings.policy, now: now)
        if store.ledger != before {
            try store.settle(store.ledger)
        }
        return store
    }

    /// The private halves that lie in the key directory, as they were read.
    package struct FoundKeys: Sendable {
        fileprivate let keys: [Held]
    }

    /// Reads the key directory with the passphrase of `settings`. Changes nothing.
    package func readKeyDirectory(_ settings: Settings) throws(KeyStoreFailure) -> FoundKeys {
        FoundKeys(keys: try Self.directoryKeys(files, passphrase: settings.passphrase))
    }

    /// Takes up the keys that were put into the key directory since the last look, forgets the private halves of those
    /// that were taken out of it, and lets `settings` count.
    ///
    /// - Returns: why that is not durable yet; it counts all the same, and is written again with the next change.
    package mutating func takeUp(
        _ found: FoundKeys,
        _ settings: Settings,
        now: UInt64
    ) -> KeyStoreFailure? {
        let active = ledger.active.keyID
        self.settings = settings
        held = held.filter { keyID, key in
            guard case .keyDirectory = key.place else { return true }
            // Without the private half of the active key nobody signs any more.
            return keyID == active
        }
        let before = ledger
        takeUp(found.keys, now: now)
        _ = ledger.adapt(to: settings.policy, now: now)
        guard ledger != before else { return nil }
        do throws(KeyStoreFailure) {
            try settle(ledger)
            return nil
        } catch {
            return error
        }
    }

    private static func begin(
        _ files: Files,
        _ found: [Held],
        _ named: Named,
        settings: Settings,
        now: UInt64,
        random: any RandomSource
    ) throws(KeyStoreFailure) -> KeyStore {
        let first: Held
        if let present = found.first {
            first = present
        } else {
            first = try firstKey(files, named, random: random)
        }
        var store = KeyStore(
            ledger: KeyLedger(first.key.publicKey, policy: settings.policy, now: now),
            held: [:],
            files: files,
            settings: settings,
            random: random
        )
        store.takeUp([first] + found.dropFirst(), now: now)
        try store.settle(store.ledger)
        return store
    }

    /// Holds the private halves that are of use, and gives keys that are not known yet a life. Nothing is written.
    private mutating func takeUp(_ found: [Held], now: UInt64) {
        leftOut = []
        for key in found {
            do throws(KeyRefusal) {
                try ledger.prepare(key.key.publicKey, now: now)
            } catch {
                // One too many waits in its file. One that is known has a state, which is looked at below.
                if case .state = error {} else { leftOut.append(LeftOut(file: key.place.file, reason: error)) }
            }
            guard let record = ledger.record(of: key.key.publicKey) else { continue }
            switch record.state {
            case .prepared, .active:
                if held[record.keyID] == nil { held[record.keyID] = key }
            case .retired, .revoked, .removed:
                // A stop came before its file was removed.
                files.remove(key.place, keyID: record.keyID)
            }
        }
    }

    /// Lets the key that the settings name sign, because the one that signed is gone.
    private mutating func replaceActive(with named: Named, now: UInt64) throws(KeyStoreFailure) {
        if let refused = leftOut.first(where: { $0.file == Place.elsewhere.file }) { throw .refused(refused.reason) }
        guard case .file(let key) = named, let record = ledger.record(of: key.publicKey), record.state == .prepared
        else { throw .activeKeyMissing(keyID: String(decoding: ledger.active.keyID, as: UTF8.self)) }
        do throws(KeyRefusal) {
            try ledger.activate(record.keyID, atOnce: true, policy: settings.policy, now: now)
        } catch {
            throw .refused(error)
        }
    }
}

// MARK: - Reading

extension KeyStore {
    /// What is in the data directory, durable, without what was being made.
    private static func settledNames(_ files: Files) throws(KeyStoreFailure) -> Set<String> {
        do throws(StorageFault) {
            var names = Set(try files.data.list())
            let unfinished = StoreFiles.unfinished(StoreFiles.keyLedger)
            if names.remove(unfinished) != nil {
                try files.data.remove(unfinished)
            }
            // After a process was killed the system may show what the disk does not hold.
            if names.contains(StoreFiles.keyLedger) {
                try files.data.open(StoreFiles.keyLedger).synchronize()
                try files.data.synchronize()
            }
            for name in try files.keys.list() where name.hasSuffix(StoreFiles.unfinished("")) {
                if isKeyFile(String(name.dropLast(StoreFiles.unfinished("").count))) {
                    try files.keys.remove(name)
                }
            }
            return names
        } catch {
            throw .storage(error)
        }
    }

    private static func namedKey(
        _ named: Named,
        in files: Files,
        _ names: Set<String>
    ) throws(KeyStoreFailure) -> Held? {
        switch named {
        case .file(let key):
            return Held(key: key, place: .elsewhere)
        case .usual(let passphrase):
            guard names.contains(StoreFiles.firstSigningKey) else { return nil }
            let name = StoreFiles.firstSigningKey
            let key = try Files.readKey(name, in: files.data, passphrase: passphrase)
            return Held(key: key, place: .dataDirectory(name))
        }
    }

    private static func directoryKeys(
        _ files: Files,
        passphrase: SecretBytes?
    ) throws(KeyStoreFailure) -> [Held] {
        let names: [String]
        do throws(StorageFault) {
            names = try files.keys.list()
        } catch {
            throw .storage(error)
        }
        var found: [Held] = []
        for name in names.sorted() where isKeyFile(name) && name != StoreFiles.firstSigningKey {
            found.append(Held(key: try files.readKey(name, passphrase: passphrase), place: .keyDirectory(name)))
        }
        return found
    }

    /// Makes the first key of a data directory.
    private static func firstKey(
        _ files: Files,
        _ named: Named,
        random: any RandomSource
    ) throws(KeyStoreFailure) -> Held {
        let key = Ed25519SigningKey(random: random)
        let name = StoreFiles.firstSigningKey
        guard case .usual(let passphrase) = named else { preconditionFailure("a key that is named is not made") }
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
            try files.data.replaceSecret(name, with: content)
        } catch {
            throw .storage(error)
        }
        return Held(key: key, place: .dataDirectory(name))
    }
}

extension KeyStore.Files {
    fileprivate func readLedger() throws(KeyStoreFailure) -> KeyLedger {
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
}
