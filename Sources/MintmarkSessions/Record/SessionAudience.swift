/// The wire's form of an audience: items of a u16 length, big-endian, and as many bytes. Read in place.
package enum SessionAudience {
    /// Whether `list` is 1 to 16 items of 1 to 256 bytes and nothing else.
    package static func isValid(_ list: RawSpan) -> Bool {
        var count = 0
        var offset = 0
        while let item = item(at: &offset, of: list) {
            guard (1...SessionTerms.audienceByteCountMax).contains(item.count) else { return false }
            count += 1
        }
        return offset == list.byteCount && (1...SessionTerms.audienceCountMax).contains(count)
    }

    /// The list of these audiences, whose bounds are the caller's business.
    package static func list(_ audiences: [String]) -> [UInt8] {
        audiences.flatMap { audience in
            let count = audience.utf8.count
            precondition(count <= UInt16.max, "an audience is longer than its length field can say")
            return [UInt8(count >> 8), UInt8(count & 0xFF)] + Array(audience.utf8)
        }
    }

    /// Whether every item of `part` is an item of `whole`.
    package static func isPart(_ part: RawSpan, of whole: RawSpan) -> Bool {
        var offset = 0
        while let item = item(at: &offset, of: part) {
            guard contains(part.extracting(item), in: whole) else { return false }
        }
        return offset == part.byteCount
    }

    private static func contains(_ wanted: RawSpan, in list: RawSpan) -> Bool {
        var offset = 0
        while let item = item(at: &offset, of: list) {
            if list.extracting(item).isEqual(to: wanted) {
                return true
            }
        }
        return false
    }

    /// The item at `offset`, which moves behind it; nil at the end and where no whole item is.
    private static func item(at offset: inout Int, of list: RawSpan) -> Range<Int>? {
        guard list.byteCount - offset >= 2 else { return nil }
        let high = Int(list.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
        let low = Int(list.unsafeLoad(fromByteOffset: offset + 1, as: UInt8.self))
        let start = offset + 2
        let count = high << 8 | low
        guard count <= list.byteCount - start else { return nil }
        offset = start + count
        return start..<offset
    }
}
