import MintmarkCrypto
import MintmarkTokens

/// What becomes of the private halves that were found: those that are of use are held, and keys that are not known yet get
/// a life. Nothing is written.
struct KeyTaking: Sendable {
    var ledger: KeyLedger
    var held: [[UInt8]: KeyStore.Held]
    private(set) var leftOut: [KeyStore.LeftOut] = []
    /// Where private halves lie whose keys will not sign any more.
    private(set) var unneeded: [(place: KeyStore.Place, keyID: [UInt8])] = []
    /// Every file that was looked at.
    private var files: [String] = []

    init(ledger: KeyLedger, held: [[UInt8]: KeyStore.Held] = [:]) {
        self.ledger = ledger
        self.held = held
    }

    mutating func takeUp(_ found: [KeyStore.Held], now: UInt64) {
        files += found.map(\.place.file)
        for key in found {
            do throws(KeyRefusal) {
                try ledger.prepare(key.key.publicKey, now: now)
            } catch {
                // One too many waits in its file. One that is known has a state, which is looked at below.
                if case .state = error {
                } else {
                    leftOut.append(KeyStore.LeftOut(file: key.place.file, reason: error))
                }
            }
            guard let record = ledger.record(of: key.key.publicKey) else { continue }
            switch record.state {
            case .prepared, .active:
                if held[record.keyID] == nil { held[record.keyID] = key }
            case .retired, .revoked, .removed:
                // A stop came before its file was removed.
                unneeded.append((key.place, record.keyID))
            }
        }
    }

    /// Where the private half of the active key is gone and the settings name another key, that one signs at once: so an
    /// operator replaces it.
    mutating func replaceMissingActive(
        with named: KeyStore.Named,
        policy: KeyPolicy,
        now: UInt64
    ) throws(KeyStoreFailure) {
        guard held[ledger.active.keyID] == nil else { return }
        if let refused = leftOut.first(where: { $0.file == KeyStore.Place.elsewhere.file }) {
            throw .refused(refused.reason)
        }
        guard case .file(let key) = named, let record = ledger.record(of: key.publicKey), record.state == .prepared
        else {
            throw .activeKeyMissing(keyID: String(decoding: ledger.active.keyID, as: UTF8.self), others: files)
        }
        do throws(KeyRefusal) {
            try ledger.activate(record.keyID, atOnce: true, policy: policy, now: now)
        } catch {
            throw .refused(error)
        }
    }
}
