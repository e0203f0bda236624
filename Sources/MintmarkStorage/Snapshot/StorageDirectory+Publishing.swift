import MintmarkSessions

/// The steps in which a snapshot comes to count: `Protocol/snapshot.md`, Publishing a snapshot.
///
/// A rename or directory sync that fails here stops no mutation: what was acknowledged is in the journal's segments,
/// which stay until a later manifest is durable, and either manifest may be found at the next start. Only on the way back
/// after a failure do mutations depend on these steps, and there they wait for them.
extension StorageDirectory {
    /// Gives a snapshot that was written its name, durably. It does not count yet.
    func nameSnapshot(_ number: UInt64) throws(StorageFault) {
        let name = StoreFiles.snapshot(number)
        try rename(StoreFiles.unfinished(name), to: name)
        try synchronize()
    }

    /// Makes `manifest` the one that counts, durably.
    func replaceManifest(with manifest: StoreManifest, keys: StorageKeys) throws(StorageFault) {
        let bytes = manifest.encode(with: keys)
        try replace(StoreFiles.manifest, with: bytes.span.bytes)
    }

    /// Makes a file whose content is `bytes`, durably, in place of the one that has the name now.
    func replace(_ name: String, with bytes: RawSpan) throws(StorageFault) {
        let unfinished = StoreFiles.unfinished(name)
        try? remove(unfinished)
        do throws(StorageFault) {
            let file = try create(unfinished)
            try file.writeAll(bytes, at: 0)
            try file.synchronize()
            try rename(unfinished, to: name)
        } catch {
            try? remove(unfinished)
            throw error
        }
        try synchronize()
    }

    /// Removes the segments and snapshots that neither the snapshot which counts nor the one before needs, and what was
    /// left of snapshots that were never finished. None may be being written.
    func removeUnneeded(beside manifest: StoreManifest) throws(StorageFault) {
        for name in try list() where !manifest.needs(name) {
            try remove(name)
        }
        try synchronize()
    }
}

extension StoreManifest {
    /// Whether a file is needed by this manifest's snapshot or by the one before. Files that hold no part of a store are.
    func needs(_ name: String) -> Bool {
        let kept = [snapshot, previous].compactMap { $0?.firstSegment }
        if let number = StoreFiles.segmentNumber(name) {
            return number >= kept.min() ?? number
        }
        if let number = StoreFiles.snapshotNumber(name) {
            return kept.contains(number)
        }
        // A segment that is being made belongs to the journal.
        return !StoreFiles.isUnfinishedSnapshot(name)
    }
}
