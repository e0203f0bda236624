import MintmarkCrypto
import MintmarkSessions

/// Writes a store down as a snapshot and a segment that goes on from it, and makes them count.
///
/// Whatever stops it, either what counted before counts on, or all of this does.
struct StoreRestart {
    let directory: any StorageDirectory
    let storeID: StorageID
    let keys: StorageKeys
    /// Of the snapshot and the segment; above all that are there.
    let number: UInt64
    /// Where the journal ended.
    let position: JournalPosition
    /// The greatest number ever given.
    let lastLSN: LogSequenceNumber
    let epoch: StoreEpoch
    let clocks: JournalClocks
    let tokenKeys: [RefreshTokenKey]
    let random: any RandomSource

    /// - Parameters:
    ///   - store: what was read; it does not change any more.
    ///   - journal: the store's.
    func write(_ store: SessionStore, on journal: FrozenJournal) throws(SnapshotFailure) -> StoreManifest {
        journal.raise(to: lastLSN)
        let header = SnapshotHeader(
            keyID: keys.id,
            shardCount: store.shardCount,
            storeID: storeID,
            id: StorageID(random: random),
            firstSegment: number,
            random: random
        )
        let facts = SnapshotFacts(tablesMark: lastLSN, epoch: epoch, clocks: clocks, tokenKeys: tokenKeys)
        let (_, content) = try SnapshotFile.writeVerified(
            store,
            facts,
            header,
            keys: keys,
            random: random,
            pace: nil,
            in: directory
        )
        let manifest = StoreManifest(naming: content, keyID: keys.id)
        try snapshotting { () throws(StorageFault) in
            try directory.nameSnapshot(number)
            try makeSegment(behind: header.id)
            try directory.replaceManifest(with: manifest, keys: keys)
        }
        return manifest
    }

    /// The segment holds no box and never will: the next life goes on in one of its own.
    private func makeSegment(behind snapshot: StorageID) throws(StorageFault) {
        let header = JournalSegmentHeader(
            origin: .restart,
            keyID: keys.id,
            storeID: storeID,
            number: number,
            lastLSN: lastLSN,
            link: JournalLink(snapshot),
            durableLSN: lastLSN,
            firstBoxNumber: position.boxNumber,
            random: random
        )
        _ = try SegmentWriter(
            creating: header,
            in: directory,
            keys: keys,
            byteCountMax: JournalSegmentHeader.byteCount
        )
    }
}
