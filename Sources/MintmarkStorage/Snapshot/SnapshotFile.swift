import MintmarkCrypto
import MintmarkSessions

/// Writing a snapshot to a file, and reading it.
enum SnapshotFile {
    /// What a manifest says of a snapshot's file.
    struct Summary: Equatable {
        let byteCount: Int
        /// The last 16 bytes.
        let tag: JournalLink
    }

    /// What a file has told.
    struct Content {
        let header: SnapshotHeader
        let facts: SnapshotFacts
        let marks: SnapshotMarks
        let counts: SnapshotCounts
        let summary: Summary
    }

    /// How much is encoded before it is written.
    private static let outputByteCount = 1 << 20
    /// How much is written with one call of the system, which nothing may interrupt.
    private static let pieceByteCount = 32 << 10
    /// How much is written between two syncs, so that the disk is never busy with a snapshot for long while a journal
    /// waits.
    private static let syncByteCount = 8 << 20

    /// Writes a snapshot of `store` as it is now, and syncs it. A shard is locked for as long as it takes to copy it.
    ///
    /// - Parameter pace: when to rest, if at all; never while a shard is locked.
    static func write(
        _ store: SessionStore,
        _ facts: SnapshotFacts,
        _ header: SnapshotHeader,
        keys: StorageKeys,
        random: some RandomSource,
        pace: WorkPace?,
        to file: any StorageFile
    ) throws(StorageFault) -> SnapshotMarks {
        let rest: () -> Void = { pace?.restIfDue() }
        var encoder = SnapshotEncoder(header, keys: keys)
        var target = Target(file: file, pace: pace)
        encoder.append(facts, random: random)
        for number in 0..<store.shardCount {
            encoder.append(store.copyShard(number), number: number, betweenRecords: rest)
            if encoder.output.count >= outputByteCount {
                try target.write(encoder.output)
                encoder.removeOutput()
            }
        }
        encoder.append(store.cutOffs.copyEntries(betweenStripes: rest), betweenItems: rest)
        encoder.append(store.forcedMarks.copyEntries(betweenStripes: rest), betweenItems: rest)
        encoder.end()
        try target.write(encoder.output)
        try file.synchronize()
        return encoder.marks
    }

    /// Writes a snapshot to a file that has not its name yet, syncs it, and reads it back.
    ///
    /// - Parameter pace: when to rest, if at all.
    static func writeVerified(
        _ store: SessionStore,
        _ facts: SnapshotFacts,
        _ header: SnapshotHeader,
        keys: StorageKeys,
        random: some RandomSource,
        pace: WorkPace?,
        in directory: any StorageDirectory
    ) throws(SnapshotFailure) -> (marks: SnapshotMarks, content: Content) {
        let unfinished = StoreFiles.unfinished(StoreFiles.snapshot(header.firstSegment))
        // One that an attempt has left.
        try? directory.remove(unfinished)
        let file = try snapshotting { () throws(StorageFault) in try directory.create(unfinished) }
        do throws(SnapshotFailure) {
            let marks = try snapshotting { () throws(StorageFault) in
                try write(store, facts, header, keys: keys, random: random, pace: pace, to: file)
            }
            return (marks, try verified(file, keys: keys, pace: pace))
        } catch {
            // So that a full disk has room again.
            try? directory.remove(unfinished)
            throw error
        }
    }

    private static func verified(
        _ file: any StorageFile,
        keys: StorageKeys,
        pace: WorkPace?
    ) throws(SnapshotFailure) -> Content {
        do throws(RecoveryFailure) {
            return try read(file, keys: keys, nil) { _ in pace?.restIfDue() }
        } catch {
            throw .unverified(error)
        }
    }

    private struct Target {
        let file: any StorageFile
        let pace: WorkPace?
        private var offset = 0
        private var unsyncedByteCount = 0

        init(file: any StorageFile, pace: WorkPace?) {
            self.file = file
            self.pace = pace
        }

        mutating func write(_ bytes: [UInt8]) throws(StorageFault) {
            for start in stride(from: 0, to: bytes.count, by: SnapshotFile.pieceByteCount) {
                let end = min(start + SnapshotFile.pieceByteCount, bytes.count)
                try file.writeAll(bytes.span.bytes.extracting(start..<end), at: offset + start)
                pace?.restIfDue()
            }
            offset += bytes.count
            unsyncedByteCount += bytes.count
            if unsyncedByteCount >= SnapshotFile.syncByteCount {
                try file.synchronize()
                unsyncedByteCount = 0
            }
        }
    }

    /// Reads a whole snapshot, and hands its content to `receiver`; nil only checks it.
    static func read(
        _ file: any StorageFile,
        keys: StorageKeys,
        _ receiver: SnapshotDecoder.Receiver?,
        progress: (_ fraction: Double) -> Void = { _ in }
    ) throws(RecoveryFailure) -> Content {
        var reader = try SequentialReader(file)
        var decoder = try beginning(&reader, file.name, keys: keys)
        var tag = JournalLink.zero
        while !decoder.isComplete {
            tag = try chunk(&reader, &decoder, file.name, receiver)
            progress(Double(reader.offset) / Double(max(1, reader.fileByteCount)))
        }
        guard reader.isAtEnd else {
            throw RecoveryFailure(file.name, at: reader.offset, .format(.contradiction("bytes behind its end")))
        }
        guard let facts = decoder.facts else {
            preconditionFailure("a complete snapshot begins with its facts")
        }
        return Content(
            header: decoder.header,
            facts: facts,
            marks: decoder.marks,
            counts: decoder.counts,
            summary: Summary(byteCount: reader.offset, tag: tag)
        )
    }

    /// Reads no more than what a snapshot says of the store as a whole.
    static func readFacts(_ file: any StorageFile, keys: StorageKeys) throws(RecoveryFailure) -> SnapshotFacts {
        var reader = try SequentialReader(file)
        var decoder = try beginning(&reader, file.name, keys: keys)
        _ = try chunk(&reader, &decoder, file.name, nil)
        guard let facts = decoder.facts else {
            throw RecoveryFailure(file.name, at: SnapshotHeader.byteCount, .format(.notAuthentic))
        }
        return facts
    }

    private static func beginning(
        _ reader: inout SequentialReader,
        _ name: String,
        keys: StorageKeys
    ) throws(RecoveryFailure) -> SnapshotDecoder {
        let headerBytes = try reader.take(min(SnapshotHeader.byteCount, reader.fileByteCount)) { [UInt8](copying: $0) }
        do throws(StorageFormatFault) {
            return try SnapshotDecoder(header: headerBytes.span.bytes, keys: keys)
        } catch {
            throw RecoveryFailure(name, at: 0, .format(error))
        }
    }

    /// Reads the next chunk; gives its tag.
    private static func chunk(
        _ reader: inout SequentialReader,
        _ decoder: inout SnapshotDecoder,
        _ name: String,
        _ receiver: SnapshotDecoder.Receiver?
    ) throws(RecoveryFailure) -> JournalLink {
        let start = reader.offset
        let byteCount = try reader.take(SnapshotFormat.lengthByteCount) { Int(SnapshotFormat.length($0)) }
        guard SnapshotFormat.sealedByteCounts.contains(byteCount) else {
            throw RecoveryFailure(name, at: start, .format(.contradiction("a chunk of \(byteCount) bytes")))
        }
        // Copied out of the reader, so that it can be handed on.
        let sealed = try reader.take(byteCount) { [UInt8](copying: $0) }
        do throws(StorageFormatFault) {
            try decoder.take(sealed.span.bytes, receiver)
        } catch {
            throw RecoveryFailure(name, at: start, .format(error))
        }
        return JournalLink(last: sealed.span.bytes)
    }
}

extension [UInt8] {
    init(copying bytes: RawSpan) {
        self = bytes.withUnsafeBytes { Array($0) }
    }
}
