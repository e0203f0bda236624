package import MintmarkCrypto
import MintmarkSessions

/// Saves what can be saved of a damaged store. Two steps: ``plan()`` finds out and changes nothing, ``carryOut(_:)`` keeps
/// every file that is there and then writes the store anew.
///
/// The directory must be locked.
package struct Salvage {
    let directory: any KeepingDirectory
    let master: SecretBytes
    let wallMilliseconds: UInt64
    let random: any RandomSource

    package init(
        _ directory: any KeepingDirectory,
        master: SecretBytes,
        wallMilliseconds: UInt64,
        random: any RandomSource
    ) {
        self.directory = directory
        self.master = master
        self.wallMilliseconds = wallMilliseconds
        self.random = random
    }

    package func plan() throws(SalvageRefusal) -> SalvagePlan {
        let survey = StoreSurvey(directory)
        var failures = [try damage()]
        // One that cannot be held against its segment is better than none.
        let attempts = [true, false].flatMap { isVerified in
            candidates(survey).enumerated().map {
                (isOlder: $0.offset > 0, candidate: $0.element, isVerified: isVerified)
            }
        }
        for (isOlder, candidate, isVerified) in attempts {
            let reading: SalvageReading
            do throws(RecoveryFailure) {
                reading = try read(candidate, isVerified: isVerified)
            } catch {
                failures.append(error)
                continue
            }
            var plan = try reading.plan(number: survey.greatestNumber + 1, wallSeconds: wallMilliseconds / 1_000) {
                StoreEpoch.next(after: $0, wallMilliseconds: wallMilliseconds, random: random)
            }
            plan.isOlderSnapshot = isOlder
            plan.failures = unique(failures + plan.failures)
            return plan
        }
        throw .noSnapshot(unique(failures))
    }

    /// What a start refuses for.
    private func damage() throws(SalvageRefusal) -> RecoveryFailure {
        let findings = StoreCheck.run(
            directory,
            masters: [master],
            wallSeconds: wallMilliseconds / 1_000,
            random: random
        )
        switch findings.verdict {
        case .sound, .torn: throw .notDamaged(findings)
        case .absent: throw .absent
        case .damaged(let failure) where findings.opensNothing: throw .opensNothing(failure)
        case .damaged(let failure) where !failure.isDamage: throw .notForSalvage(failure)
        case .damaged(let failure): return failure
        }
    }

    /// A snapshot that the store may be read from.
    private struct Candidate {
        let number: UInt64
        let keys: StorageKeys
        /// Nil: the manifest is lost, and any snapshot will do that agrees with its segment.
        let id: StorageID?
        let manifest: StoreManifest?
    }

    /// The snapshots that count, the best first. Where the manifest is lost, those are all that are there.
    private func candidates(_ survey: StoreSurvey) -> [Candidate] {
        if let (manifest, keys) = try? StoreReader.manifest(in: directory, master: master) {
            return [manifest.snapshot, manifest.previous].compactMap { $0 }.map { snapshot in
                Candidate(
                    number: snapshot.firstSegment,
                    keys: keys,
                    id: snapshot.id,
                    manifest: manifest
                )
            }
        }
        return survey.keyIDs(of: master).flatMap { id in
            let keys = StorageKeys(id: id, master: master)
            return survey.snapshots.map { file in
                Candidate(number: file.number, keys: keys, id: nil, manifest: nil)
            }
        }
    }

    private func read(_ candidate: Candidate, isVerified: Bool) throws(RecoveryFailure) -> SalvageReading {
        let name = StoreFiles.snapshot(candidate.number)
        let file = try recovering { () throws(StorageFault) in try directory.open(name) }
        let facts = try SnapshotFile.readFacts(file, keys: candidate.keys)
        let journal = FrozenJournal()
        let store = SessionStore.scratch(
            tokenKeys: facts.tokenKeys,
            epoch: facts.epoch,
            journal: journal,
            random: random
        )
        var fold = RecoveryFold(into: store)
        let content = try SnapshotFile.read(file, keys: candidate.keys, fold.receiver)
        let reader = StoreReader(
            directory: directory,
            keys: candidate.keys,
            manifest: StoreManifest(naming: content, keyID: candidate.keys.id)
        )
        let isNamed =
            content.header.firstSegment == candidate.number && candidate.id ?? content.header.id == content.header.id
        guard isNamed else { throw RecoveryFailure(name, .otherThanNamed) }
        if candidate.manifest == nil, isVerified {
            try checkThatItCounted(content, reader)
        }
        fold.apply(content.facts, marks: content.marks)
        let least = content.marks.least
        var seen: UInt64 = 0
        let walk = reader.walkJournal(marks: content.marks) { (box, entries) throws(StorageFormatFault) in
            try fold.apply(box, entries: entries)
            try JournalEntries.forEach(in: entries, firstLSN: box.firstLSN, count: box.eventCount) { _, lsn in
                seen += lsn > least ? 1 : 0
            }
        }
        fold.finish()
        return SalvageReading(
            content: content,
            fold: fold,
            walk: walk,
            reader: reader,
            journal: journal,
            seen: seen,
            named: candidate.manifest
        )
    }

    /// Whether a snapshot that no manifest names agrees with its segment.
    ///
    /// One that was written by a life which then failed may tell of events that were never durable, and whose numbers a
    /// later life has given again.
    private func checkThatItCounted(
        _ content: SnapshotFile.Content,
        _ reader: StoreReader
    ) throws(RecoveryFailure) {
        let number = content.header.firstSegment
        let segment = try reader.segment(number)
        try reader.check(segment, number, follows: nil, marks: content.marks)
        var segmentReader = JournalSegmentReader(segment.header, tag: segment.tag, keys: reader.keys)
        guard case .box(let box) = segmentReader.next(in: segment.bytes.span.bytes) else { return }
        let entries = segmentReader.plaintext
        var isForeign = false
        try? JournalEntries.forEach(in: entries.span.bytes, firstLSN: box.firstLSN, count: box.eventCount) {
            (bytes, lsn) throws(StorageFormatFault) in
            if case .session(.epochTaken(let epoch))? = JournalEvent(decoding: bytes) {
                isForeign = isForeign || (lsn <= content.marks.tables && epoch > content.facts.epoch)
            }
        }
        guard !isForeign else { throw RecoveryFailure(StoreFiles.snapshot(number), .format(.outOfSequence)) }
    }

    private func unique(_ failures: [RecoveryFailure]) -> [RecoveryFailure] {
        failures.enumerated().filter { index, failure in !failures[..<index].contains(failure) }.map(\.element)
    }
}

extension RecoveryFailure {
    /// Whether bytes are missing or not what was written; not so where only the system or this program stands in the way.
    var isDamage: Bool {
        switch reason {
        case .system(let fault): fault.isDamage
        case .format(.newerVersion): false
        default: true
        }
    }
}
