package import MintmarkCrypto

/// The beginning of a segment of the journal. The layout is in `Protocol/journal.md`.
package struct JournalSegmentHeader: Equatable, Sendable {
    /// How a segment came to be.
    package enum Origin: UInt8, CaseIterable, Sendable {
        /// The store began with it.
        case first = 1
        /// It goes on where the segment before ended.
        case continuation
        /// The segment before could not be written any more; a snapshot holds everything before this one.
        case restart
    }

    package static let byteCount = 144
    static let saltByteCount = 32
    private static let taggedByteCount = byteCount - StorageKeys.headerTagByteCount
    private static let originOffset = 10
    private static let keyIDOffset = 11
    private static let magic: StaticString = "MMJOUR\r\n"

    package let origin: Origin
    package let keyID: UInt8
    package let storeID: StorageID
    package let number: UInt64
    /// The last event before the segment.
    package let lastLSN: LogSequenceNumber
    /// The end of the segment before, or the snapshot of a restart.
    package let link: JournalLink
    /// The greatest number that was durable when the header was written.
    package let durableLSN: LogSequenceNumber
    package let firstBoxNumber: UInt64
    let salt: [UInt8]

    package init(
        origin: Origin,
        keyID: UInt8,
        storeID: StorageID,
        number: UInt64,
        lastLSN: LogSequenceNumber,
        link: JournalLink,
        durableLSN: LogSequenceNumber,
        firstBoxNumber: UInt64,
        random: some RandomSource
    ) {
        self.origin = origin
        self.keyID = keyID
        self.storeID = storeID
        self.number = number
        self.lastLSN = lastLSN
        self.link = link
        self.durableLSN = durableLSN
        self.firstBoxNumber = firstBoxNumber
        var salt = [UInt8](repeating: 0, count: Self.saltByteCount)
        salt.withUnsafeMutableBytes(random.fill)
        self.salt = salt
    }

    /// Appends the encoding; gives the link that the first box carries.
    package func encode(with keys: StorageKeys, appendingTo bytes: inout [UInt8]) -> JournalLink {
        let start = bytes.count
        StorageFormat.append(Self.magic, to: &bytes)
        bytes.append(origin.rawValue)
        bytes.append(keyID)
        bytes.append(0, byteCount: 4)
        storeID.append(to: &bytes)
        bytes.append(number, byteCount: 8)
        bytes.append(lastLSN.rawValue, byteCount: 8)
        link.append(to: &bytes)
        bytes.append(durableLSN.rawValue, byteCount: 8)
        bytes.append(firstBoxNumber, byteCount: 8)
        bytes.append(0, byteCount: 8)
        bytes.append(0, byteCount: 8)
        bytes.append(contentsOf: salt)
        keys.segmentHeader.appendTag(of: start..<bytes.count, to: &bytes)
        return JournalLink(last: bytes.span.bytes)
    }

    /// Reads a header at the beginning of `bytes`, and the link that its first box carries.
    package static func decode(
        _ bytes: RawSpan,
        with keys: StorageKeys
    ) throws(StorageFormatFault) -> (header: JournalSegmentHeader, tag: JournalLink) {
        var reader = ByteReader(bytes)
        try StorageFormat.checkBeginning(magic, &reader, bytes, byteCount: byteCount)
        let header = JournalSegmentHeader(from: &reader, bytes)
        let keyID = bytes.unsafeLoad(fromByteOffset: keyIDOffset, as: UInt8.self)
        guard keyID == keys.id else { throw .otherKey(id: keyID) }
        let tag = bytes.extracting(taggedByteCount..<byteCount)
        guard keys.segmentHeader.isValid(tag: tag, for: bytes.extracting(first: taggedByteCount)) else {
            throw .notAuthentic
        }
        guard let header else { throw .contradiction("the header of a segment") }
        return (header, JournalLink(last: bytes.extracting(first: byteCount)))
    }

    /// Which master key a segment was written under, without a look at the rest.
    package static func keyID(of bytes: RawSpan) throws(StorageFormatFault) -> UInt8 {
        var reader = ByteReader(bytes)
        try StorageFormat.checkBeginning(magic, &reader, bytes, byteCount: byteCount)
        _ = reader.readUInt8(from: bytes)
        return reader.readUInt8(from: bytes)
    }

    /// What a header says of its origin, whichever key it was written under: nothing of it is authentic.
    ///
    /// - Parameter bytes: at least a header.
    package static func origin(of bytes: RawSpan) -> Origin? {
        Origin(rawValue: bytes.unsafeLoad(fromByteOffset: originOffset, as: UInt8.self))
    }

    /// Behind magic and version; nil for what cannot be.
    private init?(from reader: inout ByteReader, _ bytes: RawSpan) {
        let origin = Origin(rawValue: reader.readUInt8(from: bytes))
        keyID = reader.readUInt8(from: bytes)
        let reserved = reader.readUInt32(from: bytes)
        storeID = StorageID(from: &reader, bytes)
        number = reader.read(byteCount: 8, from: bytes)
        lastLSN = LogSequenceNumber(reader.read(byteCount: 8, from: bytes))
        link = JournalLink(from: &reader, bytes)
        durableLSN = LogSequenceNumber(reader.read(byteCount: 8, from: bytes))
        firstBoxNumber = reader.read(byteCount: 8, from: bytes)
        let reservedEnd = StorageID(from: &reader, bytes)
        let salt = reader.readRange(byteCount: Self.saltByteCount)
        self.salt = [UInt8](bytes.extracting(salt))
        guard let origin, reserved == 0, reservedEnd == .zero, lastLSN <= .max, durableLSN <= .max else { return nil }
        self.origin = origin
    }
}
