package import MintmarkSessions

/// A store as it was found, read and put in order: what ``SessionStorage`` goes on from.
package struct RecoveredStore: Sendable {
    /// Nil for a new store.
    let manifest: StoreManifest?
    /// Whether the directory says that a store was begun in it.
    let isMarked: Bool
    let directory: any StorageDirectory
    let keys: StorageKeys
    let position: JournalPosition
    let nextSegment: UInt64
    let lastLSN: LogSequenceNumber

    package var isNew: Bool {
        manifest == nil
    }

    /// How far the clocks had come.
    package let clocks: JournalClocks
    package let report: RecoveryReport
}

/// What recovery found, for people.
package struct RecoveryReport: Equatable, Sendable {
    package var sessions = 0
    package var snapshotSessions = 0
    package var snapshotByteCount = 0
    package var segments = 0
    package var boxes = 0
    package var events = 0
    /// Events that were in the snapshot already, or concern sessions that are not known.
    package var skippedEvents = 0
    /// The bytes of a write that a stop has cut off, and where they are kept; nil: there were none.
    package var cut: Cut?

    package struct Cut: Equatable, Sendable {
        package var file: String
        package var offset: Int
        package var byteCount: Int
        package var keptIn: String
    }

    package init() {}
}

/// How far recovery has come.
package enum RecoveryProgress: Equatable, Sendable {
    case snapshot(fraction: Double)
    case journal(fraction: Double)
}

extension StoreOpening {
    /// Reads everything into `store`, which is empty. When all of it is good, removes and cuts off what a stop has left
    /// incomplete; until then nothing is changed.
    package func recover(
        into store: SessionStore,
        progress: (RecoveryProgress) -> Void = { _ in }
    ) throws(RecoveryFailure) -> RecoveredStore {
        guard let manifest else {
            try removeUnfinished()
            return newStore()
        }
        let reader = StoreReader(directory: directory, keys: keys, manifest: manifest)
        var fold = RecoveryFold(into: store)
        // Rather too few than too many: what is left over costs memory for as long as the store lives.
        store.reserve(Int(clamping: manifest.snapshotByteCount) / Self.recordByteCountTypical)
        let content = try reader.readSnapshot(fold.receiver) { progress(.snapshot(fraction: $0)) }
        fold.apply(content.facts, marks: content.marks)
        fold.apply(manifest)
        let end = try reader.readJournal(marks: content.marks) {
            progress(.journal(fraction: $0))
        } _: { (box, entries) throws(StorageFormatFault) in
            try fold.apply(box, entries: entries)
        }
        fold.finish()
        var report = RecoveryReport()
        report.sessions = store.count
        report.snapshotSessions = content.counts.sessions
        report.snapshotByteCount = content.summary.byteCount
        report.segments = end.segmentCount
        report.boxes = end.boxCount
        report.events = fold.appliedCount
        report.skippedEvents = fold.skippedCount
        try removeUnfinished()
        report.cut = try repair(end)
        return RecoveredStore(
            manifest: manifest,
            isMarked: isMarked,
            directory: directory,
            keys: keys,
            position: end.position,
            nextSegment: end.segment + 1,
            lastLSN: max(fold.lastLSN, end.position.lastLSN),
            clocks: fold.clocks,
            report: report
        )
    }

    /// Records are seldom longer.
    private static let recordByteCountTypical = 300

    private func newStore() -> RecoveredStore {
        RecoveredStore(
            manifest: nil,
            isMarked: false,
            directory: directory,
            keys: keys,
            position: JournalPosition(boxNumber: 0, link: .zero, lastLSN: .zero),
            nextSegment: SessionStorage.firstSegmentNumber,
            lastLSN: .zero,
            clocks: .zero,
            report: RecoveryReport()
        )
    }

    /// Removes segments that never counted, and cuts the last one to what is good. Both may be done again.
    private func repair(_ end: StoreReader.JournalEnd) throws(RecoveryFailure) -> RecoveryReport.Cut? {
        try recovering { () throws(StorageFault) in
            for number in end.unused {
                try directory.remove(StoreFiles.segment(number))
            }
            let name = StoreFiles.segment(end.segment)
            let file = try directory.open(name)
            var cut: RecoveryReport.Cut?
            if end.tornByteCount > 0 {
                cut = try keep(end, of: file)
            }
            // A sync that failed in the last life has marked as clean what it did not write. The system shows it still,
            // and a later sync would work without writing it: only what is written again gets to the disk.
            try file.writeAll(end.unproven.span.bytes, at: end.offset - end.unproven.count)
            // Also where nothing is torn: the room that was allocated and not used is given back.
            try file.truncate(to: end.offset)
            try file.synchronize()
            try directory.synchronize()
            return cut
        }
    }

    /// Copies the torn end beside the segment, without the zeros at its end.
    private func keep(_ end: StoreReader.JournalEnd, of file: any StorageFile) throws(StorageFault)
        -> RecoveryReport.Cut
    {
        let kept = StoreFiles.cut(file.name, at: end.offset)
        var bytes = try file.read(at: end.offset, byteCount: end.tornByteCount)
        while bytes.last == 0 {
            bytes.removeLast()
        }
        let byteCount = bytes.count
        // One that an earlier start left half-written.
        try? directory.remove(kept)
        let copy = try directory.create(kept)
        do throws(StorageFault) {
            try copy.writeAll(bytes.span.bytes, at: 0)
            try copy.synchronize()
        } catch {
            // On a full disk a part of it would be in the way of the next start.
            try? directory.remove(kept)
            throw error
        }
        return RecoveryReport.Cut(file: file.name, offset: end.offset, byteCount: byteCount, keptIn: kept)
    }
}
