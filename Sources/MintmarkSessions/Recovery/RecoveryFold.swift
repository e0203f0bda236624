/// Puts what was kept on a disk back into a store: the records and tables of a snapshot, then the boxes of the journal
/// in their order.
///
/// Pure but for the store. Used by one thread before the store's first operation.
package struct RecoveryFold {
    package let store: SessionStore
    /// The last event read, or that a snapshot or manifest tells of.
    package private(set) var lastLSN = LogSequenceNumber.zero
    package private(set) var clocks = JournalClocks.zero
    package private(set) var epoch: StoreEpoch
    /// Events that changed the store.
    package private(set) var appliedCount = 0
    /// Events that were in the snapshot already, or concern sessions that are not known.
    package private(set) var skippedCount = 0

    private var marks = SnapshotMarks.none(shardCount: 1)

    package init(into store: SessionStore) {
        self.store = store
        epoch = store.epoch
    }

    /// What to do with the content of a snapshot.
    package var receiver: SnapshotDecoder.Receiver {
        let store = store
        return SnapshotDecoder.Receiver(
            record: { (record, mark) throws(StorageFormatFault) in
                guard store.load(record, at: mark) == .applied else {
                    throw .contradiction("a session that is there twice, or one too many")
                }
            },
            cutOff: { store.cutOffs.restore($0, $1) },
            forcedRotation: { store.forcedMarks.restore($0, lsn: $1, storeSeconds: $2) }
        )
    }

    /// Takes note of what a snapshot, now complete, says of the store as a whole.
    package mutating func apply(_ facts: SnapshotFacts, marks: SnapshotMarks) {
        self.marks = marks
        lastLSN = max(lastLSN, marks.greatest)
        clocks = clocks.merging(facts.clocks)
        raise(facts.epoch)
    }

    /// Takes note of what a manifest says.
    package mutating func apply(_ manifest: StoreManifest) {
        lastLSN = max(lastLSN, manifest.lastLSN)
        clocks = clocks.merging(
            JournalClocks(
                serviceMilliseconds: manifest.serviceMilliseconds,
                storeSeconds: manifest.storeSeconds,
                issuedAtMax: 0
            )
        )
        raise(manifest.epoch)
    }

    /// Puts the events of the next box in.
    ///
    /// - Parameter entries: the box's plaintext.
    package mutating func apply(_ box: JournalBox, entries: RawSpan) throws(StorageFormatFault) {
        clocks = clocks.merging(box.clocks)
        // When this box was written, what had become durable before it had been released.
        store.durabilityAdvanced(to: box.durableLSN, atMilliseconds: box.clocks.serviceMilliseconds)
        try JournalEntries.forEach(in: entries, firstLSN: box.firstLSN, count: box.eventCount) {
            (bytes, lsn) throws(StorageFormatFault) in
            guard let event = JournalEvent(decoding: bytes) else { throw .contradiction("an event that cannot be") }
            lastLSN = max(lastLSN, lsn)
            try apply(event, at: lsn)
        }
    }

    /// Ends the fold: all that was read is durable, and the store goes on from there.
    package mutating func finish() {
        store.durabilityAdvanced(to: lastLSN, atMilliseconds: clocks.serviceMilliseconds)
        store.resume(issuedAtMax: clocks.issuedAtMax)
    }

    private mutating func apply(_ event: JournalEvent, at lsn: LogSequenceNumber) throws(StorageFormatFault) {
        guard case .session(let event) = event else { return }
        if case .epochTaken(let epoch) = event {
            raise(epoch)
        }
        guard lsn > mark(of: event) else {
            skippedCount += 1
            return
        }
        switch store.apply(event, at: lsn) {
        case .applied: appliedCount += 1
        case .ignored: skippedCount += 1
        case .contradiction: throw .contradiction("event \(lsn.rawValue) does not follow those before it")
        }
    }

    /// The last event that the snapshot holds of the part which an event changes.
    private func mark(of event: SessionEvent) -> LogSequenceNumber {
        switch event {
        case .opened(let record): marks.shard(of: record.state.id)
        case .changed(let id, _): marks.shard(of: id)
        case .cutOff, .forced: marks.tables
        case .epochTaken: .zero
        }
    }

    private mutating func raise(_ epoch: StoreEpoch) {
        self.epoch = max(self.epoch, epoch)
        store.raiseEpoch(to: epoch)
    }
}

extension SessionStore {
    /// Takes note of an epoch of an earlier life.
    fileprivate func raiseEpoch(to epoch: StoreEpoch) {
        epochs.raise(to: epoch)
    }
}
