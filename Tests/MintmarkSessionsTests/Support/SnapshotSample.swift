import MintmarkCrypto
import MintmarkSessionsTestSupport

@testable import MintmarkSessions

/// The bytes of a snapshot in memory, its chunks one by one.
struct SnapshotSample {
    static let tokenKeys = [
        RefreshTokenKey(
            id: 1,
            firstEpoch: StoreEpoch(rawValue: 0),
            master: SecretBytes(count: 32, random: SeededRandom(seed: 1))
        )
    ]
    static let facts = SnapshotFacts(
        tablesMark: LogSequenceNumber(77),
        epoch: StoreEpoch(rawValue: 99),
        clocks: StorageSamples.clocks,
        tokenKeys: tokenKeys
    )

    var header: [UInt8]
    /// As encrypted, without their lengths.
    var chunks: [[UInt8]]

    static func header(
        keyID: UInt8 = 1,
        shardCount: Int = 256,
        storeID: StorageID = StorageSamples.storeID,
        seed: UInt64 = 5
    ) -> SnapshotHeader {
        SnapshotHeader(
            keyID: keyID,
            shardCount: shardCount,
            storeID: storeID,
            id: StorageID(high: 1, low: 2),
            firstSegment: 3,
            random: SeededRandom(seed: seed)
        )
    }

    /// Takes the bytes of a file apart.
    init(_ bytes: [UInt8]) {
        header = Array(bytes.prefix(SnapshotHeader.byteCount))
        chunks = []
        var offset = SnapshotHeader.byteCount
        while offset < bytes.count {
            let start = offset + SnapshotFormat.lengthByteCount
            let byteCount = Int(SnapshotFormat.length(Array(bytes[offset..<start]).span.bytes))
            chunks.append(Array(bytes[start..<(start + byteCount)]))
            offset = start + byteCount
        }
    }

    /// A snapshot of a store as it is.
    init(of store: SessionStore, facts: SnapshotFacts = facts) {
        var encoder = SnapshotEncoder(Self.header(shardCount: store.shardCount), keys: StorageSamples.keys)
        encoder.append(facts, random: SeededRandom(seed: 6))
        for number in 0..<store.shardCount {
            encoder.append(store.copyShard(number), number: number)
        }
        encoder.append(store.cutOffs.entries)
        encoder.append(store.forcedMarks.entries)
        encoder.end()
        self.init(encoder.output)
    }

    /// A snapshot of any plaintexts, the last one marked as the end.
    init(plaintexts: [[UInt8]], shardCount: Int = 2, isEnded: Bool = true) {
        let header = Self.header(shardCount: shardCount)
        self.header = header.encode(with: StorageSamples.keys)
        var stream = header.stream(with: StorageSamples.keys)
        chunks = []
        for (index, plaintext) in plaintexts.enumerated() {
            var chunk: [UInt8] = []
            stream.seal(
                plaintext.span.bytes,
                additionalData: (index == 0 ? self.header : []).span.bytes,
                isFinal: isEnded && index == plaintexts.count - 1,
                appendingTo: &chunk
            )
            chunks.append(chunk)
        }
    }

    /// What a snapshot has told.
    struct Content {
        var facts: SnapshotFacts?
        var marks = SnapshotMarks.none(shardCount: 1)
        var counts = SnapshotCounts()
        var isComplete = false
        var records: [SessionID: SessionRecord] = [:]
        var recordMarks: [SessionID: LogSequenceNumber] = [:]
        var cutOffs: [SessionTarget: CutOff] = [:]
        var forcedRotations: [SessionTarget: LogSequenceNumber] = [:]
    }

    /// Reads it all; with a receiver, and once more without, which must come to the same.
    func read(keys: StorageKeys = StorageSamples.keys) throws(StorageFormatFault) -> Content {
        let collected = Collected()
        let content = try read(keys: keys, collected.receiver)
        let checked = try read(keys: keys, nil)
        precondition(checked.counts == content.counts && checked.marks == content.marks)
        var whole = content
        whole.records = collected.records
        whole.recordMarks = collected.recordMarks
        whole.cutOffs = collected.cutOffs
        whole.forcedRotations = collected.forcedRotations
        return whole
    }

    private func read(
        keys: StorageKeys,
        _ receiver: SnapshotDecoder.Receiver?
    ) throws(StorageFormatFault) -> Content {
        var decoder = try SnapshotDecoder(header: header.span.bytes, keys: keys)
        for chunk in chunks {
            try decoder.take(chunk.span.bytes, receiver)
        }
        var content = Content()
        content.facts = decoder.facts
        content.marks = decoder.marks
        content.counts = decoder.counts
        content.isComplete = decoder.isComplete
        return content
    }

    /// Why it cannot be read; nil when it can.
    func fault(keys: StorageKeys = StorageSamples.keys) -> StorageFormatFault? {
        do throws(StorageFormatFault) {
            _ = try read(keys: keys)
            return nil
        } catch {
            return error
        }
    }

    /// Gathers what a decoder hands out.
    private final class Collected {
        var records: [SessionID: SessionRecord] = [:]
        var recordMarks: [SessionID: LogSequenceNumber] = [:]
        var cutOffs: [SessionTarget: CutOff] = [:]
        var forcedRotations: [SessionTarget: LogSequenceNumber] = [:]

        var receiver: SnapshotDecoder.Receiver {
            SnapshotDecoder.Receiver(
                record: { (record, mark) throws(StorageFormatFault) in
                    self.records[record.state.id] = record
                    self.recordMarks[record.state.id] = mark
                },
                cutOff: { self.cutOffs[$0] = $1 },
                forcedRotation: { target, lsn, _ in self.forcedRotations[target] = lsn }
            )
        }
    }
}
