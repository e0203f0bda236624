/// What happened to one key.
package struct KeyChange: Equatable, Sendable {
    package let keyID: String
    /// The state it came to.
    package let state: KeyRecord.State

    /// For people and for logs: `prepared`, `active`, …
    package var word: String {
        switch state {
        case .prepared: "prepared"
        case .active: "activated"
        case .retired: "retired"
        case .revoked: "revoked"
        case .removed: "removed"
        }
    }
}

extension KeyLedger {
    /// What happened to keys between an earlier ledger and this one.
    package func changes(since earlier: KeyLedger) -> [KeyChange] {
        records.compactMap { record in
            guard earlier.record(of: record.publicKey)?.state != record.state else { return nil }
            return KeyChange(keyID: String(decoding: record.keyID, as: UTF8.self), state: record.state)
        }
    }
}
