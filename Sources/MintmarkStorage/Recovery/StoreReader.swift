import Glibc
import MintmarkCrypto
import MintmarkSessions

/// Reads what a manifest names. Changes nothing.
struct StoreReader {
    let directory: any StorageDirectory
    let keys: StorageKeys
    let manifest: StoreManifest

    /// Reads the manifest, under whichever key id it names.
    static func manifest(
        in directory: any StorageDirectory,
        master: SecretBytes
    ) throws(RecoveryFailure) -> (StoreManifest, StorageKeys) {
        let bytes = try recovering { () throws(StorageFault) in
            try directory.open(StoreFiles.manifest).read(at: 0, byteCount: StoreManifest.byteCount + 1)
        }
        do throws(StorageFormatFault) {
            let keys = StorageKeys(id: try StoreManifest.keyID(of: bytes.span.bytes), master: master)
            return (try StoreManifest(decoding: bytes.span.bytes, with: keys), keys)
        } catch {
            throw RecoveryFailure(StoreFiles.manifest, at: 0, .format(error))
        }
    }

    /// Opens a file that another one names.
    func open(_ name: String) throws(RecoveryFailure) -> any StorageFile {
        do throws(StorageFault) {
            return try directory.open(name)
        } catch {
            throw error.code == ENOENT ? RecoveryFailure(name, .missing) : RecoveryFailure(error)
        }
    }

    /// Reads the snapshot that the manifest names.
    func readSnapshot(
        _ receiver: SnapshotDecoder.Receiver?,
        progress: (Double) -> Void = { _ in }
    ) throws(RecoveryFailure) -> SnapshotFile.Content {
        let name = StoreFiles.snapshot(manifest.snapshot.firstSegment)
        let content = try SnapshotFile.read(try open(name), keys: keys, receiver, progress: progress)
        let named = SnapshotFile.Summary(
            byteCount: Int(clamping: manifest.snapshotByteCount),
            tag: manifest.snapshotTag
        )
        guard content.summary == named, content.header.id == manifest.snapshot.id,
            content.header.firstSegment == manifest.snapshot.firstSegment
        else {
            throw RecoveryFailure(name, .otherThanNamed)
        }
        guard content.header.storeID == manifest.storeID else {
            throw RecoveryFailure(name, .format(.otherStore))
        }
        return content
    }

    /// A segment's bytes, its header checked.
    struct Segment {
        let name: String
        let bytes: [UInt8]
        let header: JournalSegmentHeader
        let tag: JournalLink

        init(_ file: any StorageFile, keys: StorageKeys) throws(RecoveryFailure) {
            name = file.name
            let byteCount = try recovering { () throws(StorageFault) in try file.byteCount() }
            guard byteCount <= FileJournal.segmentByteCountMax else {
                throw RecoveryFailure(file.name, .tooLong(byteCountMax: FileJournal.segmentByteCountMax))
            }
            let bytes = try recovering { () throws(StorageFault) in try file.read(at: 0, byteCount: byteCount) }
            self.bytes = bytes
            do throws(StorageFormatFault) {
                (header, tag) = try JournalSegmentHeader.decode(bytes.span.bytes, with: keys)
            } catch {
                throw RecoveryFailure(file.name, at: 0, .format(error))
            }
        }

        /// Whether nothing was ever written behind the header.
        var isWithoutBoxes: Bool {
            bytes.span.bytes.extracting(JournalSegmentHeader.byteCount...).isZero
        }
    }

    /// Where a journal ends.
    struct JournalEnd {
        var position: JournalPosition
        /// The last segment that counts, and how far it is good.
        var segment: UInt64
        var offset: Int
        /// Bytes behind that, which were never known to be durable.
        var tornByteCount: Int
        /// The last bytes before `offset`: boxes that nothing proves to be on the disk, though they are read.
        var unproven: [UInt8]
        /// Segments behind it that were made for a snapshot which never counted.
        var unused: [UInt64]
        var segmentCount = 0
        var boxCount = 0

        init(beginningAt first: UInt64, unused: [UInt64]) {
            position = JournalPosition(boxNumber: 0, link: .zero, lastLSN: .zero)
            segment = first
            offset = 0
            tornByteCount = 0
            unproven = []
            self.unused = unused
        }
    }

    /// Reads the journal from the manifest's first segment on, and gives each box to `receive`.
    func readJournal(
        marks: SnapshotMarks,
        progress: (Double) -> Void = { _ in },
        _ receive: (JournalBox, RawSpan) throws(StorageFormatFault) -> Void
    ) throws(RecoveryFailure) -> JournalEnd {
        let (numbers, unused) = try segments()
        let first = manifest.snapshot.firstSegment
        var end = JournalEnd(beginningAt: first, unused: unused)
        for number in numbers {
            let segment = try segment(number)
            try check(segment, number, follows: number == first ? nil : end.position, marks: marks)
            try read(segment, isLast: number == numbers.last, &end, receive)
            end.segment = number
            end.segmentCount += 1
            progress(Double(end.segmentCount) / Double(numbers.count))
        }
        return end
    }

    func segment(_ number: UInt64) throws(RecoveryFailure) -> Segment {
        try Segment(try open(StoreFiles.segment(number)), keys: keys)
    }

    /// The segments that count, without a gap, and those behind them that never did.
    ///
    /// - Parameter through: the segment to end with; nil: the last one.
    func segments(through last: UInt64? = nil) throws(RecoveryFailure) -> (counting: [UInt64], unused: [UInt64]) {
        let names = try recovering { () throws(StorageFault) in try directory.list() }
        let first = manifest.snapshot.firstSegment
        var numbers = names.compactMap(StoreFiles.segmentNumber)
            .filter { $0 >= first && $0 <= last ?? .max }.sorted()
        var unused: [UInt64] = []
        while let last = numbers.last, last > first, try isUnused(last) {
            unused.append(numbers.removeLast())
        }
        for (expected, number) in zip(first..., numbers) where expected != number {
            throw RecoveryFailure(StoreFiles.segment(expected), .missing)
        }
        guard !numbers.isEmpty else { throw RecoveryFailure(StoreFiles.segment(first), .missing) }
        return (numbers, unused)
    }

    /// Whether a segment was made for a snapshot that never counted: by the way back from a failure, or by rekeying.
    private func isUnused(_ number: UInt64) throws(RecoveryFailure) -> Bool {
        let file = try open(StoreFiles.segment(number))
        let bytes = try recovering { () throws(StorageFault) in
            try file.read(at: 0, byteCount: JournalSegmentHeader.byteCount)
        }
        do throws(StorageFormatFault) {
            let (header, _) = try JournalSegmentHeader.decode(bytes.span.bytes, with: keys)
            guard header.origin == .restart, header.link != JournalLink(manifest.snapshot.id) else { return false }
        } catch {
            // Nothing here can be authenticated; only a restart may be under another key.
            guard case .otherKey = error, JournalSegmentHeader.origin(of: bytes.span.bytes) == .restart else {
                return false
            }
        }
        let rest = try recovering { () throws(StorageFault) in
            try file.read(at: JournalSegmentHeader.byteCount, byteCount: FileJournal.segmentByteCountMax)
        }
        return rest.span.bytes.isZero
    }

    /// Whether a segment is the one with its number, and follows the one before.
    func check(
        _ segment: Segment,
        _ number: UInt64,
        follows position: JournalPosition?,
        marks: SnapshotMarks
    ) throws(RecoveryFailure) {
        let header = segment.header
        guard header.storeID == manifest.storeID else {
            throw RecoveryFailure(segment.name, at: 0, .format(.otherStore))
        }
        let follows =
            if let position {
                header.origin == .continuation && header.link == position.link
                    && header.lastLSN == position.lastLSN && header.firstBoxNumber == position.boxNumber
            } else {
                header.origin != .restart || header.link == JournalLink(manifest.snapshot.id)
            }
        guard follows, header.number == number else {
            throw RecoveryFailure(segment.name, at: 0, .format(.outOfSequence))
        }
        // The last number of a restart may be above the marks: what lies between was given to no event that is kept.
        guard position != nil || header.origin == .restart || header.lastLSN <= marks.least else {
            throw RecoveryFailure(segment.name, at: 0, .gap(after: marks.least))
        }
    }

    func read(
        _ segment: Segment,
        isLast: Bool,
        _ end: inout JournalEnd,
        _ receive: (JournalBox, RawSpan) throws(StorageFormatFault) -> Void
    ) throws(RecoveryFailure) {
        var reader = JournalSegmentReader(segment.header, tag: segment.tag, keys: keys)
        var unproven = UnprovenBoxes()
        let bytes = segment.bytes.span.bytes
        reading: while true {
            let start = reader.offset
            end.offset = start
            end.position = reader.position
            switch reader.next(in: bytes) {
            case .box(let box):
                do throws(StorageFormatFault) {
                    try receive(box, reader.plaintext.span.bytes)
                } catch {
                    throw RecoveryFailure(segment.name, at: start, .format(error))
                }
                end.boxCount += 1
                unproven.append(at: start, lastLSN: reader.position.lastLSN)
                unproven.removeAll(upTo: reader.durableLSN)
            case .end:
                break reading
            case .fault(let fault):
                guard isLast, !fault.isContradiction else {
                    throw RecoveryFailure(segment.name, at: start, .format(fault))
                }
                if case .damaged(let witness) = reader.tail(in: bytes) {
                    throw RecoveryFailure(segment.name, at: start, .damaged(witnessOffset: witness))
                }
                end.tornByteCount = segment.bytes.count - start
                break reading
            }
        }
        if isLast, let start = unproven.offset {
            end.unproven = Array(segment.bytes[start..<reader.offset])
        }
    }
}

/// The boxes of a segment that no later one proves to have been durable.
private struct UnprovenBoxes {
    private var boxes: [(offset: Int, lastLSN: LogSequenceNumber)] = []
    private var head = 0

    /// Where the first one begins.
    var offset: Int? {
        head < boxes.count ? boxes[head].offset : nil
    }

    mutating func append(at offset: Int, lastLSN: LogSequenceNumber) {
        boxes.append((offset, lastLSN))
    }

    /// Takes note that everything up to `lsn` was durable.
    mutating func removeAll(upTo lsn: LogSequenceNumber) {
        while head < boxes.count, boxes[head].lastLSN <= lsn {
            head += 1
        }
        if head == boxes.count {
            boxes.removeAll(keepingCapacity: true)
            head = 0
        }
    }
}
