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
    package static func open(
        _ files: Files,
        named: Named,
        settings: Settings,
        now: UInt64,
        random: any RandomSource
    ) throws(KeyStoreFailure) -> KeyStore {
        let opening = try KeyStoreOpening(
            data: files.data,
            keys: files.keys,
            authenticator: files.authenticator,
            named: named,
            settings: settings,
            now: now
        )
        return try opening.finish(files, random: random)
    }

    /// The private halves that lie in the key directory, as they were read.
    package struct FoundKeys: Sendable {
        fileprivate let keys: [Held]
        /// How many had been added by then.
        fileprivate let additionCount: UInt64
    }

    /// Reads the key directory with the passphrase of `settings`. Changes nothing.
    package func readKeyDirectory(_ settings: Settings) throws(KeyStoreFailure) -> FoundKeys {
        let keys = try KeyStoreOpening.directoryKeys(files.keys, passphrase: settings.passphrase)
        return FoundKeys(keys: keys, additionCount: additionCount)
    }

    /// Takes up the keys that were put into the key directory since the last look, forgets the private halves of those
    /// that were taken out of it, and lets `settings` count. What was added since the directory was read stays, and is
    /// encrypted with the passphrase that counts from now on.
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
            return keyID == active || key.addition > found.additionCount
        }
        saveAgain(addedSince: found.additionCount)
        let before = ledger
        takeUp(found.keys, now: now)
        _ = ledger.adapt(to: settings.policy, now: now)
        guard ledger != before || isUnsettled else { return nil }
        do throws(KeyStoreFailure) {
            try settle(ledger)
            return nil
        } catch {
            return error
        }
    }

    /// Writes the files again that the server has made since, which may have been encrypted with another passphrase. One that
    /// cannot be written now is written with the next change.
    private mutating func saveAgain(addedSince count: UInt64) {
        for (keyID, key) in held where key.addition > count && key.place == .keyDirectory(Self.ownFile(keyID)) {
            guard (try? save(key.key)) == nil else { continue }
            held[keyID]?.place = .memory
            isUnsettled = true
        }
    }

    /// Holds the private halves that are of use, gives keys that are not known yet a life, and removes the files that were
    /// left when a stop came before their end. The ledger is not written.
    private mutating func takeUp(_ found: [Held], now: UInt64) {
        var taking = KeyTaking(ledger: ledger, held: held)
        taking.takeUp(found, now: now)
        ledger = taking.ledger
        held = taking.held
        leftOut = taking.leftOut
        for (place, keyID) in taking.unneeded {
            files.remove(place, keyID: keyID)
        }
    }
}
