package import MintmarkCrypto
package import MintmarkTokens

/// The signing keys of a server on its disk: their private halves, a file for each, and the ledger of their lives, one
/// file that is replaced as a whole. See `Protocol/keys.md`.
///
/// A step is taken in an order that leaves a whole at every moment: a new private half is durable before the ledger
/// names its key; the ledger is durable before anything follows from it; what is not needed any more is removed last.
/// Who owns a value calls it from one thread at a time; calls wait for the disk.
package struct KeyStore: Sendable {
    /// What an operator decides.
    package struct Settings: Sendable {
        package var policy: KeyPolicy
        package var algorithm: KeyRing.Algorithm
        /// Of the keys in the key directory; new ones are encrypted with it. Nil: they are not encrypted.
        package var passphrase: SecretBytes?

        package init(policy: KeyPolicy, algorithm: KeyRing.Algorithm, passphrase: SecretBytes? = nil) {
            self.policy = policy
            self.algorithm = algorithm
            self.passphrase = passphrase
        }
    }

    /// A private half and where it lies.
    struct Held: Sendable {
        let key: Ed25519SigningKey
        var place: Place
        /// Of those that were added one by one, which it is; 0 where it was found with others.
        var addition: UInt64 = 0
    }

    enum Place: Equatable, Sendable {
        /// A file of the key directory.
        case keyDirectory(String)
        /// A file of the data directory.
        case dataDirectory(String)
        /// A file that is none of the server's.
        case elsewhere
        /// Nowhere: writing it failed.
        case memory
    }

    package var settings: Settings
    package internal(set) var ledger: KeyLedger
    /// Whether the disk may hold another ledger than this one, because writing failed.
    package internal(set) var isUnsettled = false

    /// A file with a key that was not taken up, and why.
    package struct LeftOut: Equatable, Sendable {
        package let file: String
        package let reason: KeyRefusal
    }

    /// What the last look at the key directory, or the start, has left alone.
    package internal(set) var leftOut: [LeftOut] = []

    var held: [[UInt8]: Held]
    /// How many private halves were made or imported.
    var additionCount: UInt64 = 0
    let files: Files
    let random: any RandomSource

    /// Where the files are.
    package struct Files: Sendable {
        /// Holds the ledger, and the first key.
        let data: any SecretDirectory
        /// Holds the keys that are made later, and those that somebody puts there. Nil: it is not there yet.
        let keys: any SecretDirectory
        let authenticator: KeyedBLAKE2b

        /// - Parameter master: the 32-byte master key.
        package init(data: any SecretDirectory, keys: any SecretDirectory, master: SecretBytes) {
            self.data = data
            self.keys = keys
            authenticator = KeyLedger.authenticator(master: master)
        }
    }

    init(ledger: KeyLedger, held: [[UInt8]: Held], files: Files, settings: Settings, random: any RandomSource) {
        self.ledger = ledger
        self.held = held
        self.files = files
        self.settings = settings
        self.random = random
    }

    /// Whether the private half of a key is at hand.
    func canSign(_ record: KeyRecord) -> Bool {
        held[record.keyID] != nil
    }

    /// The ring of now.
    package var ring: KeyRing {
        get throws(KeyRingError) {
            guard let active = held[ledger.active.keyID] else { throw .signingKeyIsNotActive }
            return try ledger.ring(signingKey: active.key, algorithm: settings.algorithm)
        }
    }

    /// From when on a prepared key can be activated as it is, seconds since 1970.
    package func usableAt(_ record: KeyRecord) -> UInt64 {
        settings.policy.usableAt(record)
    }
}

// MARK: - Steps

extension KeyStore {
    /// Makes a key and publishes it.
    package mutating func prepare(now: UInt64) throws(KeyStoreFailure) -> KeyRecord {
        let key = Ed25519SigningKey(random: random)
        let next = try step { (ledger) throws(KeyRefusal) in try ledger.prepare(key.publicKey, isNew: true, now: now) }
        let place = try save(key)
        try settle(next)
        return keep(key, at: place)
    }

    /// Lets a prepared key sign. The private half of the one before it is not needed any more, and goes.
    ///
    /// - Parameter leadSeconds: by how much `now` may be ahead.
    package mutating func activate(
        _ keyID: [UInt8],
        immediately: Bool,
        now: UInt64,
        leadSeconds: UInt64 = 0
    ) throws(KeyStoreFailure) {
        guard let record = ledger.knownRecord(withID: keyID) else { throw .refused(.unknown) }
        if record.state == .prepared {
            let isAtHand = try keepsFile(of: record)
            guard isAtHand else { throw .refused(.privateHalfMissing) }
        }
        let former = ledger.active.keyID
        let policy = settings.policy
        let next = try step { (ledger) throws(KeyRefusal) in
            try ledger.activate(keyID, atOnce: immediately, policy: policy, now: now, leadSeconds: leadSeconds)
        }
        guard next != ledger else { return }
        try settle(next)
        letGo(former)
    }

    /// Refuses a key's tokens for good. Holds in memory at once, whatever becomes of the disk.
    ///
    /// - Parameter decided: called when it holds in memory, before the disk is waited for.
    package mutating func revoke(
        _ keyID: [UInt8],
        now: UInt64,
        decided: (KeyStore) -> Void = { _ in }
    ) throws(KeyStoreFailure) {
        guard let record = ledger.knownRecord(withID: keyID) else { throw .refused(.unknown) }
        let policy = settings.policy
        let successor = record.state == .active ? chooseSuccessor() : nil
        let next = try step { (ledger) throws(KeyRefusal) in
            try ledger.revoke(keyID, successor: successor, policy: policy, now: now)
        }
        guard next != ledger || isUnsettled else { return }
        ledger = next
        isUnsettled = true
        decided(self)
        try saveUnsaved()
        try settle(ledger)
        letGo(keyID)
    }

    /// Takes up the key in a file of the key directory.
    package mutating func importKey(_ file: String, now: UInt64) throws(KeyStoreFailure) -> KeyRecord {
        guard Self.isKeyFile(file) else { throw .name(file) }
        let key = try files.readKey(file, passphrase: settings.passphrase)
        let next = try step { (ledger) throws(KeyRefusal) in try ledger.prepare(key.publicKey, now: now) }
        if next != ledger {
            try settle(next)
        }
        return keep(key, at: .keyDirectory(file))
    }

    /// Does what time asks for: the steps that are due, and writing again what could not be written.
    ///
    /// - Parameter leadSeconds: by how much `now` may be ahead: what is due is due without that.
    package mutating func catchUp(now: UInt64, leadSeconds: UInt64 = 0) throws(KeyStoreFailure) {
        var next = ledger
        if next.adapt(to: settings.policy, now: now) || isUnsettled {
            try saveUnsaved()
            try settle(next)
        }
        let policy = settings.policy
        while let due = ledger.due(policy: policy, now: now - leadSeconds, canSign: { canSign($0) }) {
            switch due {
            case .prepare:
                _ = try prepare(now: now)
            case .activate(let keyID):
                // Without its file another one is due.
                guard let record = ledger.record(withID: keyID), try keepsFile(of: record) else { continue }
                try activate(keyID, immediately: false, now: now, leadSeconds: leadSeconds)
            case .remove(let keyID):
                let next = try step { (ledger) throws(KeyRefusal) in try ledger.remove(keyID, now: now) }
                try settle(next)
                letGo(keyID)
            }
        }
    }

    /// The ledger behind one step.
    private func step(
        _ body: (inout KeyLedger) throws(KeyRefusal) -> Void
    ) throws(KeyStoreFailure) -> KeyLedger {
        var next = ledger
        do throws(KeyRefusal) {
            try body(&next)
        } catch {
            throw .refused(error)
        }
        return next
    }

    /// Whether the private half of a prepared key lies in its file still. Who activates one whose file is gone has no
    /// private half left after the next start; such a key is let go of, and can never sign.
    private mutating func keepsFile(of record: KeyRecord) throws(KeyStoreFailure) -> Bool {
        guard let key = held[record.keyID] else { return false }
        guard case .keyDirectory(let name) = key.place else { return true }
        let isThere: Bool
        do throws(KeyStoreFailure) {
            isThere = try files.readKey(name, passphrase: settings.passphrase).publicKey == record.publicKey
        } catch .file(.missing) {
            isThere = false
        }
        if !isThere { held[record.keyID] = nil }
        return isThere
    }

    /// Who signs when the active key is revoked. A key that is made for it is not kept in a file yet.
    private mutating func chooseSuccessor() -> Ed25519PublicKey {
        while let next = ledger.nextKey(canSign: { canSign($0) }) {
            // A file that cannot be read keeps nobody from revoking: another key signs.
            if let isThere = try? keepsFile(of: next), isThere { return next.publicKey }
            held[next.keyID] = nil
        }
        let key = Ed25519SigningKey(random: random)
        hold(key, at: .memory, as: KeyRing.Key(key.publicKey, state: .prepared).keyID)
        return key.publicKey
    }

    private mutating func keep(_ key: Ed25519SigningKey, at place: Place) -> KeyRecord {
        guard let record = ledger.record(of: key.publicKey) else {
            preconditionFailure("a key that is kept has a life")
        }
        hold(key, at: place, as: record.keyID)
        return record
    }

    private mutating func hold(_ key: Ed25519SigningKey, at place: Place, as keyID: [UInt8]) {
        additionCount += 1
        held[keyID] = Held(key: key, place: place, addition: additionCount)
    }
}
