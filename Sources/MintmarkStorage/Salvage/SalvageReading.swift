import MintmarkSessions

/// A damaged store, read from a snapshot on as far as it goes.
struct SalvageReading {
    let content: SnapshotFile.Content
    let fold: RecoveryFold
    let walk: JournalWalk
    let reader: StoreReader
    let journal: FrozenJournal
    /// The events in the boxes that were read, of those that the snapshot may lack.
    let seen: UInt64
    /// The manifest that names the snapshot; nil when it is lost.
    let named: StoreManifest?

    private var store: SessionStore { fold.store }

    /// - Parameters:
    ///   - number: of the snapshot that will be written.
    ///   - nextEpoch: gives an epoch above another one; nil when there is none.
    func plan(
        number: UInt64,
        wallSeconds: UInt64,
        nextEpoch: (StoreEpoch) -> StoreEpoch?
    ) throws(SalvageRefusal) -> SalvagePlan {
        let lastSaved = max(fold.lastLSN, walk.end.position.lastLSN)
        var reached = Reached(lastLSN: lastSaved, epoch: fold.epoch, clocks: fold.clocks)
        if let named {
            reached.merge(named)
        }
        var lost: SalvagePlan.Loss?
        if let failure = walk.failure {
            lost = loss(behind: lastSaved, failure, &reached)
        }
        guard let epoch = nextEpoch(reached.epoch) else { throw .noEpoch }
        store.resume(issuedAtMax: reached.clocks.issuedAtMax)
        let storeSeconds = max(reached.clocks.storeSeconds, wallSeconds)
        return SalvagePlan(
            failures: [walk.failure].compactMap { $0 },
            snapshotFile: StoreFiles.snapshot(content.header.firstSegment),
            snapshotSessions: content.counts.sessions,
            missingNumbers: missingNumbers,
            boxes: walk.end.boxCount,
            events: fold.appliedCount,
            sessions: StoreFindings.SessionCounts(store, storeSeconds: storeSeconds),
            cutOffs: store.cutOffs.count,
            lastLSN: lastSaved,
            loss: lost,
            material: SalvagePlan.Material(
                store: store,
                journal: journal,
                storeID: content.header.storeID,
                keys: reader.keys,
                position: walk.end.position,
                lastLSN: reached.lastLSN,
                epoch: epoch,
                clocks: reached.clocks,
                tokenKeys: content.facts.tokenKeys,
                number: number
            )
        )
    }

    /// How far the store is known to have come, whether that can be read or not: what is written next is beyond it.
    private struct Reached {
        var lastLSN: LogSequenceNumber
        var epoch: StoreEpoch
        var clocks: JournalClocks

        mutating func merge(_ manifest: StoreManifest) {
            lastLSN = max(lastLSN, manifest.lastLSN)
            epoch = max(epoch, manifest.epoch)
            clocks = clocks.merging(
                JournalClocks(
                    serviceMilliseconds: manifest.serviceMilliseconds,
                    storeSeconds: manifest.storeSeconds,
                    issuedAtMax: 0
                )
            )
        }

        mutating func merge(_ lost: LostJournal) {
            lastLSN = max(lastLSN, lost.lastLSN)
            epoch = max(epoch, lost.epoch)
            clocks = clocks.merging(lost.clocks)
        }
    }

    /// What stands behind the place where reading ended. Revocations that can be read there are put in.
    private func loss(
        behind lastSaved: LogSequenceNumber,
        _ failure: RecoveryFailure,
        _ reached: inout Reached
    ) -> SalvagePlan.Loss {
        let lost = LostJournal(
            reader,
            from: walk.end.segment,
            offset: max(walk.end.offset, JournalSegmentHeader.byteCount),
            unused: walk.end.unused
        ) { event, lsn in
            _ = store.apply(event, at: lsn)
        }
        reached.merge(lost)
        return SalvagePlan.Loss(
            failure: failure,
            first: lastSaved.next,
            lastKnown: reached.lastLSN,
            readableBoxes: lost.boxes,
            readableEvents: lost.events,
            savedRevocations: lost.revocations
        )
    }

    /// How many numbers are in no box, of those between the snapshot and the last event.
    private var missingNumbers: UInt64 {
        let least = content.marks.least
        let last = walk.end.position.lastLSN
        return last > least ? last.rawValue - least.rawValue - min(seen, last.rawValue - least.rawValue) : 0
    }
}
