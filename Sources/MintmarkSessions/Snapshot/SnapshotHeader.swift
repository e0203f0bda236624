package import MintmarkCrypto

/// The beginning of a snapshot. The layout is in `Protocol/snapshot.md`.
package struct SnapshotHeader: Equatable, Sendable {
    package static let byteCount = 128
    private static let taggedByteCount = byteCount - StorageKeys.headerTagByteCount
    private static let saltByteCount = 32
    private static let magic: StaticString = "MMSNAP\r\n"

    package let keyID: UInt8
    package let shardCount: Int
    package let storeID: StorageID
    package let id: StorageID
    /// The first segment that is needed beside it.
    package let firstSegment: UInt64
    let salt: [UInt8]
    let streamHeader: [UInt8]

    package init(
        keyID: UInt8,
        shardCount: Int,
        storeID: StorageID,
        id: StorageID,
        firstSegment: UInt64,
        random: some RandomSource
    ) {
        self.keyID = keyID
        self.shardCount = shardCount
        self.storeID = storeID
        self.id = id
        self.firstSegment = firstSegment
        var salt = [UInt8](repeating: 0, count: Self.saltByteCount)
        salt.withUnsafeMutableBytes(random.fill)
        self.salt = salt
        var streamHeader = [UInt8](repeating: 0, count: SecretStream.headerByteCount)
        streamHeader.withUnsafeMutableBytes(random.fill)
        self.streamHeader = streamHeader
    }

    package func encode(with keys: StorageKeys) -> [UInt8] {
        var bytes: [UInt8] = []
        StorageFormat.append(Self.magic, to: &bytes)
        bytes.append(keyID)
        bytes.append(0)
        bytes.append(UInt64(shardCount), byteCount: 4)
        storeID.append(to: &bytes)
        id.append(to: &bytes)
        bytes.append(firstSegment, byteCount: 8)
        bytes.append(contentsOf: salt)
        bytes.append(contentsOf: streamHeader)
        keys.snapshotHeader.appendTag(of: 0..<bytes.count, to: &bytes)
        return bytes
    }

    package init(decoding bytes: RawSpan, with keys: StorageKeys) throws(StorageFormatFault) {
        var reader = ByteReader(bytes)
        try StorageFormat.checkBeginning(Self.magic, &reader, bytes, byteCount: Self.byteCount)
        keyID = reader.readUInt8(from: bytes)
        let reserved = reader.readUInt8(from: bytes)
        shardCount = Int(reader.readUInt32(from: bytes))
        storeID = StorageID(from: &reader, bytes)
        id = StorageID(from: &reader, bytes)
        firstSegment = reader.read(byteCount: 8, from: bytes)
        let salt = reader.readRange(byteCount: Self.saltByteCount)
        let streamHeader = reader.readRange(byteCount: SecretStream.headerByteCount)
        self.salt = [UInt8](bytes.extracting(salt))
        self.streamHeader = [UInt8](bytes.extracting(streamHeader))
        guard keyID == keys.id else { throw .otherKey(id: keyID) }
        let tag = bytes.extracting(Self.taggedByteCount..<Self.byteCount)
        guard keys.snapshotHeader.isValid(tag: tag, for: bytes.extracting(first: Self.taggedByteCount)) else {
            throw .notAuthentic
        }
        let isPowerOfTwo = shardCount > 0 && shardCount & (shardCount - 1) == 0
        guard reserved == 0, isPowerOfTwo, shardCount <= 65_536 else {
            throw .contradiction("the header of a snapshot")
        }
    }

    /// Which master key a snapshot was written under, without a look at the rest.
    package static func keyID(of bytes: RawSpan) throws(StorageFormatFault) -> UInt8 {
        var reader = ByteReader(bytes)
        try StorageFormat.checkBeginning(magic, &reader, bytes, byteCount: byteCount)
        return reader.readUInt8(from: bytes)
    }

    /// The shard that a session belongs to.
    func shard(of id: SessionID) -> Int {
        Int(truncatingIfNeeded: id.low) & (shardCount - 1)
    }

    /// The stream of chunks behind the header.
    package func stream(with keys: StorageKeys) -> SecretStream {
        let key = keys.snapshotKey(store: storeID, snapshot: id, salt: salt)
        return SecretStream(key: key, header: streamHeader.span.bytes)
    }
}
