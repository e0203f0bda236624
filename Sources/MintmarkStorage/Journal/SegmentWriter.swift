import MintmarkCrypto
import MintmarkSessions

/// The segment that is being written. Owned by the journal's writer.
struct SegmentWriter {
    let header: JournalSegmentHeader
    private let file: any StorageFile
    private let cipher: JournalSegmentCipher
    private let byteCountMax: Int

    /// Where the next box goes.
    private(set) var offset: Int
    /// What the next box follows.
    private(set) var position: JournalPosition

    private var bytes: [UInt8] = []

    /// A box's buffer that grew past this is given back.
    private static let capacityKeptMax = 256 * 1_024

    /// Makes the file of a new segment: allocated, its header in it, both durable under its name.
    ///
    /// Whatever fails, nothing of the segment counts, and it can be made again.
    init(
        creating header: JournalSegmentHeader,
        in directory: any StorageDirectory,
        keys: StorageKeys,
        byteCountMax: Int
    ) throws(StorageFault) {
        let name = StoreFiles.segment(header.number)
        let unfinished = StoreFiles.unfinished(name)
        // One that was left by an attempt that failed.
        try? directory.remove(unfinished)
        var bytes: [UInt8] = []
        let tag = header.encode(with: keys, appendingTo: &bytes)
        do throws(StorageFault) {
            let file = try directory.create(unfinished)
            try file.allocate(byteCountMax)
            try file.writeAll(bytes.span.bytes, at: 0)
            try file.synchronize()
            try directory.rename(unfinished, to: name)
        } catch {
            try? directory.remove(unfinished)
            throw error
        }
        try directory.synchronize()
        self.header = header
        // Opened once more, so that whatever fails later is told under the name that it has now.
        self.file = try directory.open(name)
        self.byteCountMax = byteCountMax
        cipher = JournalSegmentCipher(header, keys: keys)
        offset = bytes.count
        position = JournalPosition(boxNumber: header.firstBoxNumber, link: tag, lastLSN: header.lastLSN)
    }

    /// Whether a box with these entries fits behind the last one.
    func fits(_ entries: JournalEntries) -> Bool {
        offset + JournalBox.byteCount(forEntriesOf: entries.bytes.count) <= byteCountMax
    }

    /// Writes a box behind the last one. It is not synced. After a failure nothing may be written here any more.
    mutating func write(
        _ entries: JournalEntries,
        durableLSN: LogSequenceNumber,
        clocks: JournalClocks,
        random: some RandomSource
    ) throws(StorageFault) {
        bytes.removeAll(keepingCapacity: true)
        let tag = cipher.seal(
            entries,
            number: position.boxNumber,
            link: position.link,
            durableLSN: durableLSN,
            clocks: clocks,
            random: random,
            appendingTo: &bytes
        )
        do throws(StorageFault) {
            try file.writeAll(bytes.span.bytes, at: offset)
        } catch {
            // Nothing is ever appended behind a part of a box, so this only spares recovery a torn end.
            try? file.truncate(to: offset)
            throw error
        }
        offset += bytes.count
        position = JournalPosition(boxNumber: position.boxNumber + 1, link: tag, lastLSN: entries.lastLSN)
        if bytes.capacity > Self.capacityKeptMax {
            bytes = []
        }
    }

    func synchronize() throws(StorageFault) {
        try file.synchronize()
    }

    /// Ends the segment: cut to its content, all of it durable.
    func finish() throws(StorageFault) {
        try file.truncate(to: offset)
        try file.synchronize()
    }
}
