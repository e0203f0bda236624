/// A position in bytes that are read from front to back.
struct ByteScanner {
    private(set) var offset = 0

    /// Steps over `text` if it comes next.
    mutating func skip(_ text: StaticString, in bytes: RawSpan) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.byteCount - offset >= count else { return false }
        for index in 0..<count {
            guard bytes.byte(at: offset + index) == text.utf8Start[index] else { return false }
        }
        offset += count
        return true
    }

    /// Steps to the next `end`, or behind the last byte.
    mutating func skip(until end: UInt8, in bytes: RawSpan) {
        while offset < bytes.byteCount, bytes.byte(at: offset) != end {
            offset += 1
        }
    }

    /// Steps over spaces, tabs and line ends.
    mutating func skipWhiteSpace(in bytes: RawSpan) {
        let whiteSpace: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
        while offset < bytes.byteCount, whiteSpace.contains(bytes.byte(at: offset)) {
            offset += 1
        }
    }
}
