package import MintmarkTokens

/// Why a store was not moved to another master key.
package enum RekeyFailure: Error, Equatable, Sendable {
    /// There is no store.
    case absent
    /// The new key is the present one.
    case sameKey
    /// The store has had as many master keys as its files can name.
    case keysExhausted
    /// The years of epochs are over.
    case noEpoch
    /// It cannot be opened with the present key. Nothing was changed.
    case store(RecoveryFailure)
    /// The file of signing keys does not open with the present key. No other key was made.
    case signingKeys(KeyLedger.FormatFault)
    /// It could not be written down under the new key. One of both keys counts: ``MasterKeyMove`` finds out which.
    case writing(SnapshotFailure)
}

extension RekeyFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .absent: "there is no store here"
        case .sameKey: "the new master key is the present one"
        case .keysExhausted: "the store has had \(Rekeying.keyIDMax) master keys, and files can name no more"
        case .noEpoch: "the clock is beyond the years that refresh tokens can tell"
        case .store(let failure): "\(failure)"
        case .signingKeys(let fault): "\(KeyStoreFailure.ledger(fault))"
        case .writing(let failure): "\(failure)"
        }
    }
}

/// Runs a file operation; its fault is why a store was not moved to another key.
func rekeying<Value>(_ body: () throws(StorageFault) -> Value) throws(RekeyFailure) -> Value {
    do throws(StorageFault) {
        return try body()
    } catch {
        throw .writing(.system(error))
    }
}
