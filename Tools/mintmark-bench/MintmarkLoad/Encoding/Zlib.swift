/// The zlib format (RFC 1950): written without compression, read with any (RFC 1951).
enum Zlib {
    private static let storedBlockMax = 65_535
    /// No histogram is greater.
    static let inflatedBytesMax = 1 << 28

    /// A stream of stored blocks.
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        var start = 0
        repeat {
            let block = bytes[start..<min(bytes.count, start + storedBlockMax)]
            start = block.endIndex
            let length = UInt16(block.count)
            stream.append(start == bytes.count ? 1 : 0)
            stream += [UInt8(length & 0xFF), UInt8(length >> 8), UInt8(~length & 0xFF), UInt8(~length >> 8)]
            stream += block
        } while start < bytes.count
        let checksum = adler32(bytes)
        return stream + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * $0)) }
    }

    /// What was compressed; nil if the stream is damaged.
    static func inflate(_ stream: ArraySlice<UInt8>) -> [UInt8]? {
        let head = stream.prefix(2)
        guard
            head.count == 2, head[head.startIndex] & 0x0F == 8,
            (Int(head[head.startIndex]) << 8 | Int(head[head.startIndex + 1])) % 31 == 0,
            head[head.startIndex + 1] & 0x20 == 0
        else { return nil }
        var inflater = Inflater(Array(stream.dropFirst(2)))
        guard let bytes = inflater.run(), let end = inflater.rest(4) else { return nil }
        let checksum = end.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return checksum == adler32(bytes) ? bytes : nil
    }

    static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }
}
