package import MintmarkCrypto
package import MintmarkSessions

/// What lies in a data directory, found before anything is read into a store.
///
/// Opening a store takes three steps, because a session store cannot be made before its keys are known: this, then
/// ``recover(into:progress:)``, then ``SessionStorage``.
package struct StoreOpening: Sendable {
    let directory: any StorageDirectory
    let keys: StorageKeys
    /// Nil for a new store.
    let manifest: StoreManifest?
    /// Whether the directory says that a store was begun in it.
    let isMarked: Bool

    /// The keys of refresh tokens, old ones included.
    package let tokenKeys: [RefreshTokenKey]
    /// The greatest epoch that the snapshot tells of.
    package let epoch: StoreEpoch

    /// The id of a new store's master key.
    static let firstKeyID: UInt8 = 1

    package var isNew: Bool {
        manifest == nil
    }

    /// Looks at the directory, which must be locked. Changes nothing.
    ///
    /// - Parameter master: the 32-byte master key.
    package init(_ directory: any StorageDirectory, master: SecretBytes) throws(RecoveryFailure) {
        self.directory = directory
        let names = Set(try recovering { () throws(StorageFault) in try directory.list() })
        isMarked = names.contains(StoreFiles.mark)
        guard names.contains(StoreFiles.manifest) else {
            try Self.checkIsNew(directory, names, master)
            keys = StorageKeys(id: Self.firstKeyID, master: master)
            manifest = nil
            let epoch = StoreEpoch(rawValue: 0)
            tokenKeys = [RefreshTokenKey(id: Self.firstKeyID, firstEpoch: epoch, master: master)]
            self.epoch = epoch
            return
        }
        (manifest, keys) = try StoreReader.manifest(in: directory, master: master)
        guard let manifest else { preconditionFailure("a manifest that was read is there") }
        let reader = StoreReader(directory: directory, keys: keys, manifest: manifest)
        let facts = try SnapshotFile.readFacts(
            try reader.open(StoreFiles.snapshot(manifest.snapshot.firstSegment)),
            keys: keys
        )
        tokenKeys = facts.tokenKeys
        epoch = facts.epoch
    }

    /// Whether a master key may be made here: nothing is in the directory that one was needed for.
    package static func mayMakeMasterKey(in directory: any StorageDirectory) throws(RecoveryFailure) -> Bool {
        let names = try recovering { () throws(StorageFault) in try directory.list() }
        return !names.contains { StoreFiles.isTrace($0) || $0 == StoreFiles.keyLedger }
    }

    /// Removes what was being made when the last life ended, and makes durable what was read: after a process was killed
    /// the system may show more than the disk holds. To be called when nothing stands against going on from it.
    func removeUnfinished() throws(RecoveryFailure) {
        try recovering { () throws(StorageFault) in
            let names = try directory.list()
            for name in names where StoreFiles.isUnfinished(name) {
                try directory.remove(name)
            }
            for name in names where StoreFiles.isTrace(name) {
                try directory.open(name).synchronize()
            }
            try directory.synchronize()
        }
    }

    /// Without a manifest a store begins anew only where none can have been: the first start may have been cut off, and
    /// the mark comes behind the manifest.
    static func checkIsNew(
        _ directory: any StorageDirectory,
        _ names: Set<String>,
        _ master: SecretBytes
    ) throws(RecoveryFailure) {
        if names.contains(StoreFiles.mark) {
            let isAnythingLeft = names.contains(where: StoreFiles.isPart)
            throw RecoveryFailure(StoreFiles.manifest, isAnythingLeft ? .withoutManifest : .lost)
        }
        // The snapshot of a first start has the number of the first segment, and may be there beside it without its
        // manifest.
        let first = SessionStorage.firstSegmentNumber
        let mayHoldSnapshot = names.contains(StoreFiles.segment(first))
        for number in names.compactMap(StoreFiles.snapshotNumber) {
            guard number == first, mayHoldSnapshot else {
                throw RecoveryFailure(StoreFiles.manifest, .withoutManifest)
            }
        }
        for name in names where StoreFiles.segmentNumber(name) != nil {
            let file = try recovering { () throws(StorageFault) in try directory.open(name) }
            let segment = try StoreReader.Segment(file, keys: StorageKeys(id: firstKeyID, master: master))
            guard segment.isWithoutBoxes else { throw RecoveryFailure(StoreFiles.manifest, .withoutManifest) }
        }
    }
}
