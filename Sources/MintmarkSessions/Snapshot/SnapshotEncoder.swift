package import MintmarkCrypto

/// Makes the bytes of a snapshot, part by part: first the facts, then shards and tables in any order, at last the end.
///
/// What is made gathers in ``output``, which the caller empties whenever it likes. Owned by one thread.
package struct SnapshotEncoder: ~Copyable {
    /// Bytes of the file that were not taken yet.
    package private(set) var output: [UInt8] = []
    package private(set) var counts = SnapshotCounts()
    package private(set) var marks: SnapshotMarks

    private let header: SnapshotHeader
    private let keys: StorageKeys
    private let headerBytes: [UInt8]
    private var stream: SecretStream
    private var isFirstChunk = true
    private var chunk: [UInt8] = []
    private var item: [UInt8] = []

    package init(_ header: SnapshotHeader, keys: StorageKeys) {
        self.header = header
        self.keys = keys
        headerBytes = header.encode(with: keys)
        stream = header.stream(with: keys)
        marks = .none(shardCount: header.shardCount)
        output = headerBytes
        chunk.reserveCapacity(SnapshotFormat.chunkByteCountMax)
    }

    /// Gives up the bytes made so far.
    package mutating func removeOutput() {
        output.removeAll(keepingCapacity: true)
    }

    package mutating func append(_ facts: SnapshotFacts, random: some RandomSource) {
        marks.tables = facts.tablesMark
        begin(.store)
        chunk.append(facts.tablesMark.rawValue, byteCount: LogSequenceNumber.encodedByteCount)
        chunk.append(facts.epoch.rawValue, byteCount: 8)
        facts.clocks.append(to: &chunk)
        chunk.append(UInt64(facts.tokenKeys.count), byteCount: 2)
        for key in facts.tokenKeys {
            key.encode(with: keys, random: random, appendingTo: &chunk)
        }
        seal()
    }

    /// Appends the records of a shard.
    ///
    /// - Parameter betweenRecords: called behind each of them.
    package mutating func append(_ copy: SessionShardCopy, number: Int, betweenRecords: () -> Void = {}) {
        marks.shards[number] = copy.mark
        guard copy.count > 0 else { return }
        beginShard(number, copy.mark)
        copy.forEach { record in
            item.removeAll(keepingCapacity: true)
            record.encode(appendingTo: &item)
            if chunk.count + 2 + item.count > SnapshotFormat.chunkByteCountMax {
                seal()
                beginShard(number, copy.mark)
            }
            chunk.append(UInt64(item.count), byteCount: 2)
            chunk.append(contentsOf: item)
            counts.sessions += 1
            betweenRecords()
        }
        seal()
    }

    /// - Parameter betweenItems: called behind each of them.
    package mutating func append(
        _ cutOffs: [(target: SessionTarget, cutOff: CutOff)],
        betweenItems: () -> Void = {}
    ) {
        counts.cutOffs += cutOffs.count
        appendItems(.cutOffs, cutOffs, betweenItems) { entry, item in
            entry.target.encode(appendingTo: &item)
            item.append(entry.cutOff.lsn.rawValue, byteCount: LogSequenceNumber.encodedByteCount)
            item.append(entry.cutOff.facts.issuedAtMax, byteCount: 5)
            item.append(entry.cutOff.facts.storeSeconds, byteCount: 5)
        }
    }

    /// - Parameter betweenItems: called behind each of them.
    package mutating func append(
        _ forcedRotations: [(target: SessionTarget, lsn: LogSequenceNumber, storeSeconds: UInt64)],
        betweenItems: () -> Void = {}
    ) {
        counts.forcedRotations += forcedRotations.count
        appendItems(.forcedRotations, forcedRotations, betweenItems) { entry, item in
            entry.target.encode(appendingTo: &item)
            item.append(entry.lsn.rawValue, byteCount: LogSequenceNumber.encodedByteCount)
            item.append(entry.storeSeconds, byteCount: 5)
        }
    }

    /// Appends what a reader needs to know that nothing is missing. Nothing may follow.
    package mutating func end() {
        begin(.marks)
        for mark in marks.shards {
            if chunk.count + LogSequenceNumber.encodedByteCount > SnapshotFormat.chunkByteCountMax {
                seal()
                begin(.marks)
            }
            chunk.append(mark.rawValue, byteCount: LogSequenceNumber.encodedByteCount)
        }
        seal()
        begin(.end)
        for count in [counts.sessions, counts.cutOffs, counts.forcedRotations] {
            chunk.append(UInt64(count), byteCount: 8)
        }
        seal(isFinal: true)
    }

    private mutating func beginShard(_ number: Int, _ mark: LogSequenceNumber) {
        begin(.shard)
        chunk.append(UInt64(number), byteCount: 4)
        chunk.append(mark.rawValue, byteCount: LogSequenceNumber.encodedByteCount)
    }

    private mutating func begin(_ kind: SnapshotFormat.Chunk) {
        chunk.removeAll(keepingCapacity: true)
        chunk.append(kind.rawValue)
    }

    private mutating func appendItems<Entry>(
        _ kind: SnapshotFormat.Chunk,
        _ entries: [Entry],
        _ betweenItems: () -> Void,
        _ encode: (Entry, inout [UInt8]) -> Void
    ) {
        guard !entries.isEmpty else { return }
        begin(kind)
        for entry in entries {
            item.removeAll(keepingCapacity: true)
            encode(entry, &item)
            if chunk.count + item.count > SnapshotFormat.chunkByteCountMax {
                seal()
                begin(kind)
            }
            chunk.append(contentsOf: item)
            betweenItems()
        }
        seal()
    }

    private mutating func seal(isFinal: Bool = false) {
        // Moved out for the call, so that one can be borrowed while the other is written.
        let plaintext = chunk
        chunk = []
        var sealed = output
        output = []
        sealed.append(
            UInt64(plaintext.count + SecretStream.overheadByteCount),
            byteCount: SnapshotFormat.lengthByteCount
        )
        let additional = isFirstChunk ? headerBytes : []
        stream.seal(
            plaintext.span.bytes,
            additionalData: additional.span.bytes,
            isFinal: isFinal,
            appendingTo: &sealed
        )
        isFirstChunk = false
        chunk = plaintext
        output = sealed
    }
}
