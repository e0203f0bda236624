import MintmarkSessions

extension Salvage {
    /// What was done.
    package struct Outcome: Equatable, Sendable {
        /// The directory in the data directory in which every file is kept as it was.
        package var keptIn: String
        package var keptFiles: [String]
        package var snapshotFile: String
        /// False: files that are kept still stand under their old names, too, where nothing needs them.
        package var isCleared: Bool
    }

    /// Keeps every file, then writes the store anew. Whatever stops it, the store is as damaged as before, or saved.
    package func carryOut(_ plan: SalvagePlan) throws(SnapshotFailure) -> Outcome {
        let material = plan.material
        let (folder, files) = try snapshotting { () throws(StorageFault) in try keepFiles() }
        let restart = StoreRestart(
            directory: directory,
            storeID: material.storeID,
            keys: material.keys,
            number: material.number,
            position: material.position,
            lastLSN: material.lastLSN,
            epoch: material.epoch,
            clocks: material.clocks,
            tokenKeys: material.tokenKeys,
            random: random
        )
        let manifest = try restart.write(material.store, on: material.journal)
        var outcome = Outcome(
            keptIn: folder,
            keptFiles: files,
            snapshotFile: StoreFiles.snapshot(material.number),
            isCleared: true
        )
        do throws(StorageFault) {
            try directory.removeUnneeded(beside: manifest)
        } catch {
            outcome.isCleared = false
        }
        return outcome
    }

    private func keepFiles() throws(StorageFault) -> (folder: String, files: [String]) {
        let names = Set(try directory.list())
        var number = 1
        while names.contains(StoreFiles.salvaged(number)) {
            number += 1
        }
        let folder = StoreFiles.salvaged(number)
        let files = names.filter { name in
            let suffix = StoreFiles.unfinishedSuffix
            return StoreFiles.isPart(name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name)
        }.sorted()
        try directory.createDirectory(folder)
        try directory.keep(files, in: folder)
        try directory.synchronize()
        return (folder, files)
    }
}
