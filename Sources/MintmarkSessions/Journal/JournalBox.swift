package import MintmarkCrypto

/// What one commit wrote: its events under one header, encrypted. The layout is in `Protocol/journal.md`.
package struct JournalBox: Equatable, Sendable {
    /// The longest box.
    package static let byteCountMax = 1_048_576

    /// A box begins and ends at multiples of this.
    package static let alignment = 8

    static let headerByteCount = 80
    static let overheadByteCount = headerByteCount + AEAD.overheadByteCount
    static let magic: [UInt8] = Array("MMBX".utf8)

    /// The longest plaintext, without the zeros behind it.
    package static let entriesByteCountMax = byteCountMax - overheadByteCount

    package let byteCount: Int
    package let number: UInt64
    package let firstLSN: LogSequenceNumber
    package let eventCount: Int
    /// The tag of the box before, or of the segment's header.
    package let link: JournalLink
    /// Synced through: the greatest number that was durable when the box was written.
    package let durableLSN: LogSequenceNumber
    package let clocks: JournalClocks

    /// The length of a box for entries of `entriesByteCount` bytes.
    package static func byteCount(forEntriesOf entriesByteCount: Int) -> Int {
        let padded = (entriesByteCount + alignment - 1) / alignment * alignment
        return padded + overheadByteCount
    }

    /// Reads a header; nil where no box can begin. Nothing of it is authentic yet.
    ///
    /// - Parameter bytes: from the beginning of the box to the end of the file.
    init?(scanning bytes: RawSpan) {
        var reader = ByteReader(bytes)
        let magic = reader.readRange(byteCount: Self.magic.count)
        guard bytes.extracting(magic).isEqual(to: Self.magic.span.bytes) else { return nil }
        byteCount = Int(reader.readUInt32(from: bytes))
        number = reader.read(byteCount: 8, from: bytes)
        let firstLSN = reader.read(byteCount: 8, from: bytes)
        eventCount = Int(reader.readUInt32(from: bytes))
        let reserved = reader.readUInt32(from: bytes)
        link = JournalLink(from: &reader, bytes)
        let durableLSN = reader.read(byteCount: 8, from: bytes)
        clocks = JournalClocks(from: &reader, bytes)
        self.firstLSN = LogSequenceNumber(firstLSN)
        self.durableLSN = LogSequenceNumber(durableLSN)
        let isBounded =
            (Self.overheadByteCount...Self.byteCountMax).contains(byteCount) && byteCount % Self.alignment == 0
        guard !reader.isFailed, isBounded, byteCount <= bytes.byteCount, reserved == 0, eventCount > 0 else {
            return nil
        }
        guard firstLSN <= LogSequenceNumber.max.rawValue, durableLSN <= LogSequenceNumber.max.rawValue else {
            return nil
        }
    }

    init(
        byteCount: Int,
        number: UInt64,
        entries: JournalEntries,
        link: JournalLink,
        durableLSN: LogSequenceNumber,
        clocks: JournalClocks
    ) {
        self.byteCount = byteCount
        self.number = number
        firstLSN = entries.firstLSN
        eventCount = entries.count
        self.link = link
        self.durableLSN = durableLSN
        self.clocks = clocks
    }

    func encodeHeader(appendingTo bytes: inout [UInt8]) {
        bytes.append(contentsOf: Self.magic)
        bytes.append(UInt64(byteCount), byteCount: 4)
        bytes.append(number, byteCount: 8)
        bytes.append(firstLSN.rawValue, byteCount: 8)
        bytes.append(UInt64(eventCount), byteCount: 4)
        bytes.append(0, byteCount: 4)
        link.append(to: &bytes)
        bytes.append(durableLSN.rawValue, byteCount: 8)
        clocks.append(to: &bytes)
    }
}

/// Seals and opens the boxes of one segment.
///
/// Immutable, safe to share between threads.
package struct JournalSegmentCipher: Sendable {
    private let cipher: AEAD
    /// What a box is bound to beside its header.
    private let place: [UInt8]

    package init(_ header: JournalSegmentHeader, keys: StorageKeys) {
        let key = keys.segmentKey(store: header.storeID, number: header.number, salt: header.salt)
        cipher = AEAD(key: key)
        var place: [UInt8] = []
        header.storeID.append(to: &place)
        place.append(header.number, byteCount: 8)
        self.place = place
    }

    /// Appends a box of `entries`; gives the link that the next one carries.
    package func seal(
        _ entries: JournalEntries,
        number: UInt64,
        link: JournalLink,
        durableLSN: LogSequenceNumber,
        clocks: JournalClocks,
        random: some RandomSource,
        appendingTo bytes: inout [UInt8]
    ) -> JournalLink {
        let byteCount = JournalBox.byteCount(forEntriesOf: entries.bytes.count)
        precondition(!entries.isEmpty && byteCount <= JournalBox.byteCountMax, "a box of \(byteCount) bytes")
        let box = JournalBox(
            byteCount: byteCount,
            number: number,
            entries: entries,
            link: link,
            durableLSN: durableLSN,
            clocks: clocks
        )
        let start = bytes.count
        box.encodeHeader(appendingTo: &bytes)
        let additional = Array(bytes[start...]) + place
        let padding = byteCount - JournalBox.overheadByteCount - entries.bytes.count
        let plaintext = entries.bytes + repeatElement(0, count: padding)
        cipher.seal(plaintext.span.bytes, additionalData: additional.span.bytes, random: random, appendingTo: &bytes)
        return JournalLink(last: bytes.span.bytes)
    }

    /// Opens the box at the beginning of `bytes`, which reach to the end of the file. Nil, with `plaintext` as it was,
    /// where no authentic box is.
    package func open(
        _ bytes: RawSpan,
        appendingTo plaintext: inout [UInt8]
    ) -> (box: JournalBox, tag: JournalLink)? {
        guard let box = JournalBox(scanning: bytes) else { return nil }
        let whole = bytes.extracting(first: box.byteCount)
        let additional = [UInt8](whole.extracting(first: JournalBox.headerByteCount)) + place
        let isAuthentic = cipher.open(
            whole.extracting(droppingFirst: JournalBox.headerByteCount),
            additionalData: additional.span.bytes,
            appendingTo: &plaintext
        )
        return isAuthentic ? (box, JournalLink(last: whole)) : nil
    }
}
