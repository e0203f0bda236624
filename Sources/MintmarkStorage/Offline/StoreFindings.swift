package import MintmarkSessions

/// What lies in a data directory, as `check` reports it. Values only.
package struct StoreFindings: Equatable, Sendable {
    package enum Verdict: Equatable, Sendable {
        /// A start goes on from everything that was written.
        case sound
        /// A start cuts off what a stop has left incomplete, and goes on.
        case torn
        /// A start refuses.
        case damaged(RecoveryFailure)
        /// There is no store: a start would begin a new one.
        case absent
    }

    package struct Snapshot: Equatable, Sendable {
        package var file: String
        package var byteCount: Int
        package var counts: SnapshotCounts
        /// Store time when it was taken.
        package var storeSeconds: UInt64
    }

    package struct Segment: Equatable, Sendable {
        package var file: String
        package var byteCount: Int
        package var boxes = 0
        package var events = 0
        /// The first and the last event; nil without events.
        package var numbers: ClosedRange<UInt64>?
    }

    /// What the store holds once everything is read.
    package struct Contents: Equatable, Sendable {
        package var sessions = SessionCounts()
        package var cutOffs = 0
        package var forcedRotations = 0
        package var epoch: StoreEpoch
        package var clocks: JournalClocks
        package var lastLSN: LogSequenceNumber
        /// Keys of refresh tokens.
        package var honouredKeys = 0
        package var retiredKeys = 0
    }

    /// Every record is counted once.
    package struct SessionCounts: Equatable, Sendable {
        package var live = 0
        package var expired = 0
        /// Under a cut-off, and not revoked themselves.
        package var cutOff = 0
        package var revoked = 0

        package var total: Int { live + expired + cutOff + revoked }
    }

    /// Bytes that were never known to be durable.
    package struct TornEnd: Equatable, Sendable {
        package var file: String
        package var offset: Int
        package var byteCount: Int
    }

    /// The snapshot before the one that counts, which salvage can fall back on.
    package struct Previous: Equatable, Sendable {
        package var file: String
        /// The greatest number that it and the segments beside it lead to; nil when the snapshot cannot be read.
        package var lastLSN: LogSequenceNumber?
        /// What is wrong with it or with its segments; nil when both can be read.
        package var failure: RecoveryFailure?
    }

    package var storeID: StorageID?
    package var keyID: UInt8?
    /// Which of the master keys that were given opens the store, by its place among them.
    package var masterIndex: Int?
    package var snapshot: Snapshot?
    package var segments: [Segment] = []
    /// Nil unless everything could be read.
    package var contents: Contents?
    package var tornEnd: TornEnd?
    package var previous: Previous?
    /// Files that nothing needs: leftovers, and what recovery has cut off and kept.
    package var unusedFiles: [String] = []
    /// Nothing in the directory opens with a master key that was given: most likely it is another store's.
    package var opensNothing = false
    package var verdict = Verdict.sound

    package init() {}

    package var boxCount: Int { segments.reduce(0) { $0 + $1.boxes } }
    package var eventCount: Int { segments.reduce(0) { $0 + $1.events } }

    /// Whether a snapshot can be read that salvage could build on, as far as is known.
    package var hasReadableSnapshot: Bool {
        guard case .damaged(let failure) = verdict else { return true }
        guard failure.reason != .lost else { return false }
        guard StoreFiles.snapshotNumber(failure.file) != nil else { return true }
        return previous?.lastLSN != nil
    }
}

extension StoreFindings.SessionCounts {
    /// Counts the sessions of `store`.
    ///
    /// - Parameter storeSeconds: now.
    init(_ store: SessionStore, storeSeconds: UInt64) {
        for number in 0..<store.shardCount {
            store.copyShard(number).forEach { record in
                let state = record.state
                if state.revocation != nil {
                    revoked += 1
                } else if store.isCutOff(record) {
                    cutOff += 1
                } else if state.expirySeconds <= storeSeconds {
                    expired += 1
                } else {
                    live += 1
                }
            }
        }
    }
}
