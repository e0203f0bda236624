import MintmarkCrypto
import MintmarkInMemory
import MintmarkSessions

/// What the targets for journal and snapshot have in common.
enum StorageFuzz {
    /// Public, and that of the golden files, from which fuzzing starts.
    private static let master = SecretBytes(count: KeyDerivation.masterByteCount) { bytes in
        for offset in bytes.indices { bytes[offset] = UInt8(offset) }
    }
    static let keys = StorageKeys(id: 1, master: master)
    static let storeID = StorageID(random: RepeatableRandom())
    static let shardCount = SessionStoreLimits().shardCount

    private static let tokenKeys = [RefreshTokenKey(id: 1, firstEpoch: StoreEpoch(rawValue: 0), master: master)]

    /// An empty store, and a fold into it.
    static func fold() -> RecoveryFold {
        var limits = SessionStoreLimits()
        limits.sessionCountMax = 64
        return RecoveryFold(
            into: SessionStore(
                limits: limits,
                codec: RefreshTokenCodec(keys: tokenKeys),
                epoch: StoreEpoch(rawValue: 0),
                journal: MemoryJournal(),
                random: RepeatableRandom()
            )
        )
    }

    /// Parts of `bytes`: each behind two bytes that tell its length, the last one as long as there are bytes.
    static func parts(of bytes: ArraySlice<UInt8>) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var rest = bytes
        while rest.count > 2 {
            let count = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            rest = rest.dropFirst(2)
            parts.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return parts
    }
}
