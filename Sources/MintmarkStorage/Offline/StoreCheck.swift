package import MintmarkCrypto
import MintmarkSessions

/// Reads a data directory as a start would, and says what it found. Changes nothing.
package struct StoreCheck {
    private let directory: any StorageDirectory
    private let masters: [SecretBytes]
    private let wallSeconds: UInt64
    private let random: any RandomSource
    private var findings = StoreFindings()

    /// - Parameters:
    ///   - masters: the master keys that may be the store's, the likeliest first; at least one.
    ///   - wallSeconds: the wall clock, which tells what has expired.
    package static func run(
        _ directory: any StorageDirectory,
        masters: [SecretBytes],
        wallSeconds: UInt64,
        random: some RandomSource
    ) -> StoreFindings {
        precondition(!masters.isEmpty, "a check without a master key")
        var check = StoreCheck(directory: directory, masters: masters, wallSeconds: wallSeconds, random: random)
        do throws(RecoveryFailure) {
            try check.read()
        } catch {
            check.findings.verdict = .damaged(error)
            check.findings.opensNothing =
                error.reason != .lost && !StoreSurvey(directory).opensAnything(with: masters)
        }
        return check.findings
    }

    private mutating func read() throws(RecoveryFailure) {
        let directory = directory
        let names = try recovering { () throws(StorageFault) in try directory.list() }
        guard names.contains(StoreFiles.manifest) else {
            try StoreOpening.checkIsNew(directory, Set(names), masters[0])
            findings.verdict = .absent
            return
        }
        let (manifest, keys) = try readManifest()
        findings.storeID = manifest.storeID
        findings.keyID = manifest.keyID
        let reader = StoreReader(directory: directory, keys: keys, manifest: manifest)
        findings.previous = manifest.previous.map { readPrevious($0, reader) }
        findings.unusedFiles = names.filter { name in
            name.hasSuffix(StoreFiles.unfinishedSuffix) || StoreFiles.isCut(name) || !manifest.needs(name)
        }.sorted()
        try read(reader)
    }

    private mutating func readManifest() throws(RecoveryFailure) -> (StoreManifest, StorageKeys) {
        var failure: RecoveryFailure?
        for (index, master) in masters.enumerated() {
            do throws(RecoveryFailure) {
                let result = try StoreReader.manifest(in: directory, master: master)
                findings.masterIndex = index
                return result
            } catch {
                failure = failure ?? error
            }
        }
        guard let failure else { preconditionFailure("a check without a master key") }
        throw failure
    }

    private mutating func read(_ reader: StoreReader) throws(RecoveryFailure) {
        let name = StoreFiles.snapshot(reader.manifest.snapshot.firstSegment)
        let facts = try SnapshotFile.readFacts(try reader.open(name), keys: reader.keys)
        let store = SessionStore.scratch(
            tokenKeys: facts.tokenKeys,
            epoch: facts.epoch,
            journal: FrozenJournal(),
            random: random
        )
        var fold = RecoveryFold(into: store)
        let content = try reader.readSnapshot(fold.receiver)
        findings.snapshot = StoreFindings.Snapshot(
            file: name,
            byteCount: content.summary.byteCount,
            counts: content.counts,
            storeSeconds: content.facts.clocks.storeSeconds
        )
        fold.apply(content.facts, marks: content.marks)
        fold.apply(reader.manifest)
        let walk = reader.walkJournal(marks: content.marks) { (box, entries) throws(StorageFormatFault) in
            try fold.apply(box, entries: entries)
        }
        findings.segments = walk.segments
        findings.unusedFiles = (findings.unusedFiles + walk.end.unused.map(StoreFiles.segment)).sorted()
        if let failure = walk.failure {
            throw failure
        }
        fold.finish()
        findings.tornEnd = walk.tornEnd
        findings.verdict = walk.tornEnd == nil ? .sound : .torn
        findings.contents = contents(of: fold)
    }

    private func contents(of fold: RecoveryFold) -> StoreFindings.Contents {
        let store = fold.store
        return StoreFindings.Contents(
            sessions: StoreFindings.SessionCounts(store, storeSeconds: max(fold.clocks.storeSeconds, wallSeconds)),
            cutOffs: store.cutOffs.count,
            forcedRotations: store.forcedMarks.count,
            epoch: fold.epoch,
            clocks: fold.clocks,
            lastLSN: fold.lastLSN,
            honouredKeys: store.tokenKeys.count(where: \.isHonoured),
            retiredKeys: store.tokenKeys.count { !$0.isHonoured }
        )
    }

    /// Reads the snapshot before, and the segments from its own up to the one that the present snapshot begins with.
    private func readPrevious(_ previous: StoreManifest.Snapshot, _ reader: StoreReader) -> StoreFindings.Previous {
        var findings = StoreFindings.Previous(file: StoreFiles.snapshot(previous.firstSegment))
        do throws(RecoveryFailure) {
            let content = try SnapshotFile.read(try reader.open(findings.file), keys: reader.keys, nil)
            guard content.header.id == previous.id, content.header.storeID == reader.manifest.storeID else {
                throw RecoveryFailure(findings.file, .otherThanNamed)
            }
            findings.lastLSN = content.marks.greatest
            let earlier = reader.reading(from: content)
            let first = reader.manifest.snapshot.firstSegment
            // A restart follows from the snapshot alone, whatever stands before it.
            let isRestart = try reader.segment(first).header.origin == .restart
            let last = isRestart ? first - 1 : first
            let walk = earlier.walkJournal(marks: content.marks, through: last) { _, _ in }
            findings.lastLSN = max(content.marks.greatest, walk.end.position.lastLSN)
            findings.failure = walk.failure
        } catch {
            findings.failure = error
        }
        return findings
    }
}

extension StoreReader {
    /// The same store, read from another snapshot on.
    func reading(from content: SnapshotFile.Content) -> StoreReader {
        StoreReader(directory: directory, keys: keys, manifest: StoreManifest(naming: content, keyID: keys.id))
    }
}

extension StoreManifest {
    /// A manifest that makes a snapshot count, and says nothing else.
    init(naming content: SnapshotFile.Content, keyID: UInt8) {
        self.init(
            keyID: keyID,
            storeID: content.header.storeID,
            snapshot: Snapshot(id: content.header.id, firstSegment: content.header.firstSegment),
            snapshotTag: content.summary.tag,
            snapshotByteCount: UInt64(content.summary.byteCount),
            lastLSN: content.marks.greatest,
            epoch: content.facts.epoch,
            previous: nil,
            clocks: content.facts.clocks
        )
    }
}
