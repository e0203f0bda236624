import Glibc
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

    /// Whether what was written last is a whole box, or was cut off again: another one may follow.
    private(set) var isWhole = true

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
        let room = try SegmentRoom(number: header.number, in: directory, byteCount: byteCountMax)
        try self.init(header, in: room, keys: keys)
    }

    /// Makes a segment of the room that was found for it: its header in it, durable under its name.
    init(_ header: JournalSegmentHeader, in room: SegmentRoom, keys: StorageKeys) throws(StorageFault) {
        var bytes: [UInt8] = []
        let tag = header.encode(with: keys, appendingTo: &bytes)
        self.header = header
        file = try room.become(StoreFiles.segment(header.number), beginningWith: bytes.span.bytes)
        byteCountMax = room.byteCount
        cipher = JournalSegmentCipher(header, keys: keys)
        offset = bytes.count
        position = JournalPosition(boxNumber: header.firstBoxNumber, link: tag, lastLSN: header.lastLSN)
    }

    /// Whether a box with these entries fits behind the last one.
    func fits(_ entries: JournalEntries) -> Bool {
        offset + JournalBox.byteCount(forEntriesOf: entries.bytes.count) <= byteCountMax
    }

    /// Writes a box behind the last one. It is not synced. After a failure ``isWhole`` says whether anything may be written
    /// or synced here any more.
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
            // Nothing is ever appended behind a part of a box.
            isWhole = (try? file.truncate(to: offset)) != nil
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

    /// Fails when somebody has removed the file: nothing that is written there would be found by the next start.
    func checkName() throws(StorageFault) {
        guard try file.isNamed() else { throw StorageFault(.stat, file.name, code: ENOENT) }
    }

    /// Ends the segment: cut to its content, all of it durable.
    func finish() throws(StorageFault) {
        try file.truncate(to: offset)
        try file.synchronize()
    }
}

/// A file that is going to be a segment: it has its length, and neither header nor name.
struct SegmentRoom {
    let byteCount: Int
    private let directory: any StorageDirectory
    private let file: any StorageFile

    /// Makes the file. Nothing else is touched; when it fails nothing is left of it.
    init(number: UInt64, in directory: any StorageDirectory, byteCount: Int) throws(StorageFault) {
        let unfinished = StoreFiles.unfinished(StoreFiles.segment(number))
        // One that was left by an attempt that failed.
        try? directory.remove(unfinished)
        do throws(StorageFault) {
            file = try directory.create(unfinished)
            try file.allocate(byteCount)
        } catch {
            try? directory.remove(unfinished)
            throw error
        }
        self.byteCount = byteCount
        self.directory = directory
    }

    /// Gives the file its first bytes and its name, durably.
    fileprivate func become(_ name: String, beginningWith bytes: RawSpan) throws(StorageFault) -> any StorageFile {
        do throws(StorageFault) {
            try file.writeAll(bytes, at: 0)
            try file.synchronize()
            try directory.rename(file.name, to: name)
        } catch {
            giveUp()
            throw error
        }
        try directory.synchronize()
        // Opened once more, so that whatever fails later is told under the name that it has now.
        return try directory.open(name)
    }

    /// Removes the file, which nobody needs.
    func giveUp() {
        try? directory.remove(file.name)
    }
}
