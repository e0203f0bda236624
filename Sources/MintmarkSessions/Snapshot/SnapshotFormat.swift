import MintmarkCrypto

/// The chunks of a snapshot. The layout is in `Protocol/snapshot.md`.
package enum SnapshotFormat {
    /// The longest plaintext of a chunk.
    package static let chunkByteCountMax = 65_536

    /// What stands before an encrypted chunk: its length.
    package static let lengthByteCount = 4

    /// The lengths that an encrypted chunk may have.
    package static let sealedByteCounts =
        (1 + SecretStream.overheadByteCount)...(chunkByteCountMax + SecretStream.overheadByteCount)

    /// Reads the length that stands before a chunk.
    package static func length(_ bytes: RawSpan) -> UInt32 {
        var reader = ByteReader(bytes)
        return reader.readUInt32(from: bytes)
    }

    /// What a chunk is, by its first byte.
    enum Chunk: UInt8 {
        case store = 1
        case shard
        case cutOffs
        case forcedRotations
        case marks
        case end
    }
}

/// What a snapshot says of the store as a whole.
package struct SnapshotFacts: Sendable {
    /// Every cut-off and forced rotation up to this number is in the snapshot.
    package var tablesMark: LogSequenceNumber
    package var epoch: StoreEpoch
    package var clocks: JournalClocks
    package var tokenKeys: [RefreshTokenKey]

    package init(
        tablesMark: LogSequenceNumber,
        epoch: StoreEpoch,
        clocks: JournalClocks,
        tokenKeys: [RefreshTokenKey]
    ) {
        self.tablesMark = tablesMark
        self.epoch = epoch
        self.clocks = clocks
        self.tokenKeys = tokenKeys
    }
}

/// How much a snapshot holds.
package struct SnapshotCounts: Equatable, Sendable {
    package var sessions = 0
    package var cutOffs = 0
    package var forcedRotations = 0

    package init() {}
}

/// What journal events are already in a snapshot: for each part of the store the last one.
package struct SnapshotMarks: Equatable, Sendable {
    package var shards: [LogSequenceNumber]
    package var tables: LogSequenceNumber

    /// No event is in it.
    package static func none(shardCount: Int) -> SnapshotMarks {
        SnapshotMarks(shards: Array(repeating: .zero, count: shardCount), tables: .zero)
    }

    /// The mark of the shard that a session belongs to.
    package func shard(of id: SessionID) -> LogSequenceNumber {
        shards[Int(truncatingIfNeeded: id.low) & (shards.count - 1)]
    }

    /// The first event that may be needed beside the snapshot is behind this one.
    package var least: LogSequenceNumber {
        shards.reduce(tables) { min($0, $1) }
    }

    package var greatest: LogSequenceNumber {
        shards.reduce(tables) { max($0, $1) }
    }
}
