/// What the next box or segment must name: the tag of the box before, or the MAC of the segment's header. 16 bytes.
package struct JournalLink: Hashable, Sendable {
    package static let byteCount = 16
    package static let zero = JournalLink(high: 0, low: 0)

    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A restart segment names a snapshot in place of a box.
    package init(_ snapshot: StorageID) {
        high = snapshot.high
        low = snapshot.low
    }

    /// The last 16 of at least as many bytes.
    package init(last bytes: RawSpan) {
        let tag = bytes.extracting(last: Self.byteCount)
        var reader = ByteReader(tag)
        self.init(from: &reader, tag)
    }

    init(from reader: inout ByteReader, _ bytes: RawSpan) {
        high = reader.read(byteCount: 8, from: bytes)
        low = reader.read(byteCount: 8, from: bytes)
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(high, byteCount: 8)
        bytes.append(low, byteCount: 8)
    }
}
