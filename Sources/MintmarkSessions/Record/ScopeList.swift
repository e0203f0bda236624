/// Scope: tokens separated by single spaces (RFC 6749 section 3.3). Read in place.
package enum ScopeList {
    private static let space = UInt8(ascii: " ")

    /// Whether every token of `part` is a token of `whole`.
    package static func isPart(_ part: RawSpan, of whole: RawSpan) -> Bool {
        if part.isEqual(to: whole) {
            return true
        }
        var offset = 0
        while let token = token(at: &offset, of: part) {
            guard contains(part.extracting(token), in: whole) else { return false }
        }
        return true
    }

    private static func contains(_ wanted: RawSpan, in list: RawSpan) -> Bool {
        var offset = 0
        while let token = token(at: &offset, of: list) {
            if list.extracting(token).isEqual(to: wanted) {
                return true
            }
        }
        return false
    }

    /// The token at `offset`, which moves behind it and the space after it; nil at the end.
    private static func token(at offset: inout Int, of list: RawSpan) -> Range<Int>? {
        guard offset < list.byteCount else { return nil }
        let start = offset
        var end = start
        while end < list.byteCount, list.unsafeLoad(fromByteOffset: end, as: UInt8.self) != space {
            end += 1
        }
        offset = end + 1
        return start..<end
    }
}
