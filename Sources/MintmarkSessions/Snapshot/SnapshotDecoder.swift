import MintmarkCrypto

/// Reads a snapshot, chunk by chunk, and hands what it holds to a receiver.
///
/// Owned by one thread.
package struct SnapshotDecoder: ~Copyable {
    /// What to do with what a snapshot holds; by default nothing, for whoever only checks it.
    package struct Receiver {
        package var record: (SessionRecord, LogSequenceNumber) throws(StorageFormatFault) -> Void
        package var cutOff: (SessionTarget, CutOff) -> Void
        package var forcedRotation: (SessionTarget, LogSequenceNumber, _ storeSeconds: UInt64) -> Void

        package init(
            record: @escaping (SessionRecord, LogSequenceNumber) throws(StorageFormatFault) -> Void,
            cutOff: @escaping (SessionTarget, CutOff) -> Void,
            forcedRotation: @escaping (SessionTarget, LogSequenceNumber, _ storeSeconds: UInt64) -> Void
        ) {
            self.record = record
            self.cutOff = cutOff
            self.forcedRotation = forcedRotation
        }
    }

    package let header: SnapshotHeader
    /// Nil before the first chunk.
    package private(set) var facts: SnapshotFacts?
    package private(set) var marks: SnapshotMarks
    package private(set) var counts = SnapshotCounts()
    /// Whether the final chunk was read: nothing is missing.
    package private(set) var isComplete = false

    private let keys: StorageKeys
    private var stream: SecretStream
    private var additional: [UInt8]
    private var chunk: [UInt8] = []
    private var markCount = 0
    /// The marks that the chunks of shards have told, to be compared with the list of all.
    private var toldMarks: [Int: LogSequenceNumber] = [:]

    /// - Parameter headerBytes: the first 128 bytes of the file.
    package init(header headerBytes: RawSpan, keys: StorageKeys) throws(StorageFormatFault) {
        let header = try SnapshotHeader(decoding: headerBytes, with: keys)
        self.header = header
        self.keys = keys
        stream = header.stream(with: keys)
        additional = [UInt8](headerBytes.extracting(first: SnapshotHeader.byteCount))
        marks = .none(shardCount: header.shardCount)
    }

    /// Reads the next chunk, without its length.
    ///
    /// - Parameter receiver: nil checks the chunk only.
    package mutating func take(_ sealed: RawSpan, _ receiver: Receiver?) throws(StorageFormatFault) {
        guard !isComplete else { throw .contradiction("bytes behind the end of a snapshot") }
        // Moved out for the call, so that its bytes can be borrowed while this value works.
        var bytes = chunk
        chunk = []
        defer { chunk = bytes }
        bytes.removeAll(keepingCapacity: true)
        let additional = additional
        guard let isFinal = stream.open(sealed, additionalData: additional.span.bytes, appendingTo: &bytes) else {
            throw .notAuthentic
        }
        self.additional = []
        var reader = ByteReader(bytes.span.bytes)
        guard let kind = SnapshotFormat.Chunk(rawValue: reader.readUInt8(from: bytes.span.bytes)) else {
            throw .contradiction("a chunk of an unknown kind")
        }
        guard (kind == .store) == (facts == nil), (kind == .end) == isFinal else {
            throw .contradiction("a chunk out of its place")
        }
        try take(kind, &reader, bytes.span.bytes, receiver)
    }

    private mutating func take(
        _ kind: SnapshotFormat.Chunk,
        _ reader: inout ByteReader,
        _ bytes: RawSpan,
        _ receiver: Receiver?
    ) throws(StorageFormatFault) {
        switch kind {
        case .store:
            facts = try readFacts(&reader, bytes)
        case .shard:
            try readShard(&reader, bytes, receiver)
        case .cutOffs:
            try readCutOffs(&reader, bytes, receiver)
        case .forcedRotations:
            try readForcedRotations(&reader, bytes, receiver)
        case .marks:
            try readMarks(&reader, bytes)
        case .end:
            try readEnd(&reader, bytes)
        }
    }

    private mutating func readFacts(_ reader: inout ByteReader, _ bytes: RawSpan) throws(StorageFormatFault)
        -> SnapshotFacts
    {
        let mark = LogSequenceNumber(reader.read(byteCount: LogSequenceNumber.encodedByteCount, from: bytes))
        let epoch = StoreEpoch(rawValue: reader.read(byteCount: 8, from: bytes))
        let clocks = JournalClocks(from: &reader, bytes)
        let count = Int(reader.readUInt16(from: bytes))
        var tokenKeys: [RefreshTokenKey] = []
        for _ in 0..<count where !reader.isFailed {
            tokenKeys.append(try RefreshTokenKey(from: &reader, bytes, with: keys))
        }
        guard reader.isConsumed, clocks.isPossible, !tokenKeys.isEmpty, RefreshTokenCodec.isPossible(tokenKeys) else {
            throw .contradiction("the facts of a store")
        }
        marks.tables = mark
        return SnapshotFacts(tablesMark: mark, epoch: epoch, clocks: clocks, tokenKeys: tokenKeys)
    }

    private mutating func readShard(
        _ reader: inout ByteReader,
        _ bytes: RawSpan,
        _ receiver: Receiver?
    ) throws(StorageFormatFault) {
        let number = Int(reader.readUInt32(from: bytes))
        let mark = LogSequenceNumber(reader.read(byteCount: LogSequenceNumber.encodedByteCount, from: bytes))
        guard !reader.isFailed, number < header.shardCount else { throw .contradiction("a shard that cannot be") }
        guard toldMarks.updateValue(mark, forKey: number) ?? mark == mark else {
            throw .contradiction("two marks of one shard")
        }
        while reader.remaining > 0 {
            let byteCount = Int(reader.readUInt16(from: bytes))
            let range = reader.readRange(byteCount: byteCount)
            guard !reader.isFailed else { throw .contradiction("a record that ends behind its chunk") }
            counts.sessions += 1
            try readRecord(bytes.extracting(range), ofShard: number, mark, receiver)
        }
    }

    private func readRecord(
        _ bytes: RawSpan,
        ofShard number: Int,
        _ mark: LogSequenceNumber,
        _ receiver: Receiver?
    ) throws(StorageFormatFault) {
        guard let fields = SessionRecordFields(decoding: bytes) else {
            throw .contradiction("a record that cannot be")
        }
        guard header.shard(of: fields.state.id) == number else {
            throw .contradiction("a record in another shard than its own")
        }
        if let receiver {
            try receiver.record(SessionRecord(fields, in: bytes), mark)
        }
    }

    private mutating func readCutOffs(
        _ reader: inout ByteReader,
        _ bytes: RawSpan,
        _ receiver: Receiver?
    ) throws(StorageFormatFault) {
        while reader.remaining > 0 {
            let target = SessionTarget(from: &reader, bytes)
            let lsn = LogSequenceNumber(reader.read(byteCount: LogSequenceNumber.encodedByteCount, from: bytes))
            let issuedAtMax = reader.read(byteCount: 5, from: bytes)
            let storeSeconds = reader.read(byteCount: 5, from: bytes)
            guard !reader.isFailed, let target else { throw .contradiction("a cut-off that cannot be") }
            counts.cutOffs += 1
            let facts = CutOff.Facts(issuedAtMax: issuedAtMax, storeSeconds: storeSeconds)
            receiver?.cutOff(target, CutOff(lsn: lsn, facts: facts))
        }
    }

    private mutating func readForcedRotations(
        _ reader: inout ByteReader,
        _ bytes: RawSpan,
        _ receiver: Receiver?
    ) throws(StorageFormatFault) {
        while reader.remaining > 0 {
            let target = SessionTarget(from: &reader, bytes)
            let lsn = LogSequenceNumber(reader.read(byteCount: LogSequenceNumber.encodedByteCount, from: bytes))
            let storeSeconds = reader.read(byteCount: 5, from: bytes)
            guard !reader.isFailed, let target else { throw .contradiction("a forced rotation that cannot be") }
            counts.forcedRotations += 1
            receiver?.forcedRotation(target, lsn, storeSeconds)
        }
    }

    private mutating func readMarks(_ reader: inout ByteReader, _ bytes: RawSpan) throws(StorageFormatFault) {
        while reader.remaining > 0 {
            let mark = LogSequenceNumber(reader.read(byteCount: LogSequenceNumber.encodedByteCount, from: bytes))
            guard !reader.isFailed, markCount < marks.shards.count else { throw .contradiction("the marks of shards") }
            marks.shards[markCount] = mark
            markCount += 1
        }
    }

    private mutating func readEnd(_ reader: inout ByteReader, _ bytes: RawSpan) throws(StorageFormatFault) {
        for count in [counts.sessions, counts.cutOffs, counts.forcedRotations] {
            guard reader.read(byteCount: 8, from: bytes) == UInt64(count) else {
                throw .contradiction("the counts of a snapshot")
            }
        }
        guard reader.isConsumed, markCount == marks.shards.count else { throw .contradiction("the end of a snapshot") }
        guard toldMarks.allSatisfy({ marks.shards[$0] == $1 }) else { throw .contradiction("the marks of shards") }
        isComplete = true
    }
}
