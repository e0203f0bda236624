import MintmarkCrypto

/// Which snapshot counts, and which segments. The layout is in `Protocol/snapshot.md`.
package struct StoreManifest: Equatable, Sendable {
    /// A snapshot's file, as a manifest names it.
    package struct Snapshot: Equatable, Sendable {
        package let id: StorageID
        /// The first segment that is needed beside it, and the number of its file.
        package let firstSegment: UInt64

        package init(id: StorageID, firstSegment: UInt64) {
            self.id = id
            self.firstSegment = firstSegment
        }
    }

    package static let byteCount = 184
    package static let snapshotTagByteCount = 16
    private static let taggedByteCount = byteCount - StorageKeys.manifestTagByteCount
    private static let magic: StaticString = "MMMANI\r\n"

    package let keyID: UInt8
    package let storeID: StorageID
    package let snapshot: Snapshot
    /// The last bytes of the snapshot's file.
    package let snapshotTag: JournalLink
    package let snapshotByteCount: UInt64
    /// The greatest number given when it was published.
    package let lastLSN: LogSequenceNumber
    package let epoch: StoreEpoch
    /// The one before, which is kept for a while; nil: none.
    package let previous: Snapshot?
    package let serviceMilliseconds: UInt64
    package let storeSeconds: UInt64

    package init(
        keyID: UInt8,
        storeID: StorageID,
        snapshot: Snapshot,
        snapshotTag: JournalLink,
        snapshotByteCount: UInt64,
        lastLSN: LogSequenceNumber,
        epoch: StoreEpoch,
        previous: Snapshot?,
        clocks: JournalClocks
    ) {
        self.keyID = keyID
        self.storeID = storeID
        self.snapshot = snapshot
        self.snapshotTag = snapshotTag
        self.snapshotByteCount = snapshotByteCount
        self.lastLSN = lastLSN
        self.epoch = epoch
        self.previous = previous
        serviceMilliseconds = clocks.serviceMilliseconds
        storeSeconds = clocks.storeSeconds
    }

    package func encode(with keys: StorageKeys) -> [UInt8] {
        var bytes: [UInt8] = []
        StorageFormat.append(Self.magic, to: &bytes)
        bytes.append(keyID)
        bytes.append(0, byteCount: 5)
        storeID.append(to: &bytes)
        snapshot.id.append(to: &bytes)
        snapshotTag.append(to: &bytes)
        bytes.append(snapshotByteCount, byteCount: 8)
        bytes.append(0, byteCount: 8)
        bytes.append(snapshot.firstSegment, byteCount: 8)
        bytes.append(lastLSN.rawValue, byteCount: 8)
        bytes.append(epoch.rawValue, byteCount: 8)
        (previous?.id ?? .zero).append(to: &bytes)
        bytes.append(previous?.firstSegment ?? 0, byteCount: 8)
        bytes.append(serviceMilliseconds, byteCount: 8)
        bytes.append(storeSeconds, byteCount: 8)
        bytes.append(0, byteCount: 8)
        keys.manifest.appendTag(of: 0..<bytes.count, to: &bytes)
        return bytes
    }

    package init(decoding bytes: RawSpan, with keys: StorageKeys) throws(StorageFormatFault) {
        var reader = ByteReader(bytes)
        try StorageFormat.checkBeginning(Self.magic, &reader, bytes, byteCount: Self.byteCount)
        keyID = reader.readUInt8(from: bytes)
        var reserved = reader.read(byteCount: 5, from: bytes)
        storeID = StorageID(from: &reader, bytes)
        let id = StorageID(from: &reader, bytes)
        snapshotTag = JournalLink(from: &reader, bytes)
        snapshotByteCount = reader.read(byteCount: 8, from: bytes)
        reserved |= reader.read(byteCount: 8, from: bytes)
        snapshot = Snapshot(id: id, firstSegment: reader.read(byteCount: 8, from: bytes))
        lastLSN = LogSequenceNumber(reader.read(byteCount: 8, from: bytes))
        epoch = StoreEpoch(rawValue: reader.read(byteCount: 8, from: bytes))
        let previousID = StorageID(from: &reader, bytes)
        let previousSegment = reader.read(byteCount: 8, from: bytes)
        previous = previousID == .zero ? nil : Snapshot(id: previousID, firstSegment: previousSegment)
        serviceMilliseconds = reader.read(byteCount: 8, from: bytes)
        storeSeconds = reader.read(byteCount: 8, from: bytes)
        reserved |= reader.read(byteCount: 8, from: bytes)
        guard keyID == keys.id else { throw .otherKey(id: keyID) }
        let tag = bytes.extracting(Self.taggedByteCount..<Self.byteCount)
        guard keys.manifest.isValid(tag: tag, for: bytes.extracting(first: Self.taggedByteCount)) else {
            throw .notAuthentic
        }
        let clocks = JournalClocks(serviceMilliseconds: serviceMilliseconds, storeSeconds: storeSeconds, issuedAtMax: 0)
        guard bytes.byteCount == Self.byteCount, reserved == 0, clocks.isPossible, lastLSN <= .max,
            previousID != .zero || previousSegment == 0
        else {
            throw .contradiction("a manifest that cannot be")
        }
    }

    /// Which master key a manifest was written under, without a look at the rest.
    package static func keyID(of bytes: RawSpan) throws(StorageFormatFault) -> UInt8 {
        var reader = ByteReader(bytes)
        try StorageFormat.checkBeginning(magic, &reader, bytes, byteCount: byteCount)
        return reader.readUInt8(from: bytes)
    }
}
