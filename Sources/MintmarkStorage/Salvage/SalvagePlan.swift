package import MintmarkSessions

/// What can be saved of a damaged store, and what cannot. Nothing was changed to find out.
package struct SalvagePlan: Sendable {
    /// What is wrong, file by file: first what a start refuses for, then what was met while looking for a way.
    package var failures: [RecoveryFailure] = []
    /// The snapshot that it begins with.
    package var snapshotFile: String
    package var snapshotSessions: Int
    /// Whether a newer one cannot be read.
    package var isOlderSnapshot = false
    /// How many numbers the journal lacks behind an older snapshot. Those of the mode `snapshot`, which are never
    /// written, were in the newer one; revocations are always written.
    package var missingNumbers: UInt64 = 0
    /// The boxes behind the snapshot that chain.
    package var boxes = 0
    package var events = 0
    package var sessions: StoreFindings.SessionCounts
    package var cutOffs = 0
    /// The last event that is saved.
    package var lastLSN: LogSequenceNumber
    /// Nil when everything is saved that was ever acknowledged.
    package var loss: Loss?

    /// What is lost: whatever was acknowledged behind ``SalvagePlan/lastLSN``, revocations included where they cannot be
    /// read.
    package struct Loss: Equatable, Sendable {
        /// Where reading ended.
        package var failure: RecoveryFailure
        /// The first number that is missing.
        package var first: LogSequenceNumber
        /// The greatest number that is known to have been given. What came behind it nobody knows.
        package var lastKnown: LogSequenceNumber
        /// Boxes that open behind the damage. They are not applied, because something before them is missing …
        package var readableBoxes = 0
        package var readableEvents = 0
        /// … but for these: a session or target that was revoked stays so.
        package var savedRevocations = 0
    }

    // What is written down when it is carried out.
    let material: Material

    struct Material: Sendable {
        let store: SessionStore
        let journal: FrozenJournal
        let storeID: StorageID
        let keys: StorageKeys
        let position: JournalPosition
        let lastLSN: LogSequenceNumber
        let epoch: StoreEpoch
        let clocks: JournalClocks
        let tokenKeys: [RefreshTokenKey]
        let number: UInt64
    }
}

/// Why a store is not salvaged.
package enum SalvageRefusal: Error, Equatable, Sendable {
    /// A start would go on from it.
    case notDamaged(StoreFindings)
    /// There is no store.
    case absent
    /// It is not damage that stands in the way: a newer format, or a system that does not let it be read.
    case notForSalvage(RecoveryFailure)
    /// Nothing opens with this master key.
    case opensNothing(RecoveryFailure)
    /// No snapshot can be read; what is wrong with each.
    case noSnapshot([RecoveryFailure])
    /// The years of epochs are over.
    case noEpoch
}

extension SalvageRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notDamaged: "nothing is damaged: a start goes on from what is there"
        case .absent: "there is no store here"
        case .notForSalvage(let failure): "\(failure); that is no damage, and salvage does not help"
        case .opensNothing(let failure):
            "\(failure); nothing here opens with this master key, which is most likely another store's"
        case .noSnapshot(let failures):
            "no snapshot can be read: " + failures.map(\.description).joined(separator: "; ")
        case .noEpoch: "the clock is beyond the years that refresh tokens can tell"
        }
    }
}
