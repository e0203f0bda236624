import MintmarkCrypto
import MintmarkInMemory
import MintmarkSessions

/// Bytes as the chunks of a snapshot, as they are in a file and as they are before they are encrypted.
///
/// Whatever is in a file is taken or refused. What an authentic snapshot holds can be put into a store, and the snapshot
/// of that store holds as much.
package enum SnapshotFuzz {
    /// The input's first byte says what the rest is. Stops the process when something is not as it should be.
    package static func run(_ input: [UInt8]) {
        let parts = StorageFuzz.parts(of: input.dropFirst())
        switch input.first.map({ $0 % 2 }) {
        case 0: read(parts)
        case 1: read(sealed(parts.filter { !$0.isEmpty && $0.count <= SnapshotFormat.chunkByteCountMax }))
        default: break
        }
        if input.count >= SnapshotHeader.byteCount {
            _ = try? SnapshotHeader(decoding: input.span.bytes, with: StorageFuzz.keys)
        }
    }

    private static let header = SnapshotHeader(
        keyID: StorageFuzz.keys.id,
        shardCount: StorageFuzz.shardCount,
        storeID: StorageFuzz.storeID,
        id: StorageID(random: RepeatableRandom()),
        firstSegment: 1,
        random: RepeatableRandom()
    )

    private static func sealed(_ plaintexts: [[UInt8]]) -> [[UInt8]] {
        var stream = header.stream(with: StorageFuzz.keys)
        return plaintexts.enumerated().map { index, plaintext in
            let additional = index == 0 ? header.encode(with: StorageFuzz.keys) : []
            var chunk: [UInt8] = []
            stream.seal(
                plaintext.span.bytes,
                additionalData: additional.span.bytes,
                isFinal: index == plaintexts.count - 1,
                appendingTo: &chunk
            )
            return chunk
        }
    }

    private static func read(_ chunks: [[UInt8]]) {
        let headerBytes = header.encode(with: StorageFuzz.keys)
        guard var decoder = try? SnapshotDecoder(header: headerBytes.span.bytes, keys: StorageFuzz.keys) else {
            preconditionFailure("a header that was encoded is decoded")
        }
        var fold = StorageFuzz.fold()
        let receiver = fold.receiver
        for chunk in chunks {
            guard (try? decoder.take(chunk.span.bytes, receiver)) != nil else { return }
        }
        guard decoder.isComplete, let facts = decoder.facts else { return }
        fold.apply(facts, marks: decoder.marks)
        fold.finish()
        precondition(fold.store.count == decoder.counts.sessions, "every session of a snapshot is in the store")
    }
}
