/// Counts what has come of a TLS record that is not whole yet (RFC 8446 section 5.1): five bytes of head, whose last two
/// tell how many follow. TLS keeps so much, and tells nobody.
///
/// Looks at the heads alone. Bytes that are no records are TLS's business, which ends the connection over them.
struct TLSRecordMeter {
    private static let headByteCount = 5
    /// The longest record (RFC 8446 section 5.2).
    static let recordBytesMax = headByteCount + (1 << 14) + 256
    private static let lengthOffset = 3

    /// What has come of the record; 0 between records.
    private(set) var partialByteCount = 0
    private var bodyByteCount = 0

    /// So many bytes more have come.
    mutating func add(_ bytes: RawSpan) {
        var offset = 0
        while offset < bytes.byteCount {
            if partialByteCount < Self.headByteCount {
                addHead(bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
                offset += 1
            } else {
                let missing = Self.headByteCount + bodyByteCount - partialByteCount
                let count = min(missing, bytes.byteCount - offset)
                partialByteCount += count
                offset += count
            }
            if partialByteCount == Self.headByteCount + bodyByteCount, partialByteCount >= Self.headByteCount {
                partialByteCount = 0
                bodyByteCount = 0
            }
        }
    }

    private mutating func addHead(_ byte: UInt8) {
        if partialByteCount >= Self.lengthOffset {
            bodyByteCount = bodyByteCount << 8 | Int(byte)
        }
        partialByteCount += 1
    }
}
