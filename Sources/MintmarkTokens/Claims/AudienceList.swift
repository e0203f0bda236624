import MintmarkCrypto

/// A list of audiences as bytes: for each a big-endian `u16` length, then that many bytes of UTF-8.
///
/// The form that lists have in the protocol, so a list goes from a request into a token without being taken apart.
package enum AudienceList {
    /// Appends one audience to a list.
    package static func append(_ audience: RawSpan, to list: inout [UInt8]) {
        precondition(audience.byteCount <= Int(UInt16.max), "An audience of \(audience.byteCount) bytes.")
        list.append(UInt8(audience.byteCount >> 8))
        list.append(UInt8(audience.byteCount & 0xFF))
        list.append(audience)
    }

    /// Whether `list` holds exactly this audience.
    package static func contains(_ audience: RawSpan, in list: RawSpan) -> Bool {
        var offset = 0
        while let item = item(at: offset, in: list) {
            if list.extracting(item).hasSameBytes(as: audience) { return true }
            offset = item.upperBound
        }
        return false
    }

    /// Offsets of the audience whose length field lies at `offset`; nil at the end of the list.
    ///
    /// The list must be well-formed: whoever took it from outside has checked it.
    @inline(__always)
    package static func item(at offset: Int, in list: RawSpan) -> Range<Int>? {
        guard offset < list.byteCount else { return nil }
        precondition(offset + 2 <= list.byteCount, "An audience list ends inside a length.")
        let count = Int(list.byte(at: offset)) << 8 | Int(list.byte(at: offset + 1))
        let start = offset + 2
        precondition(start + count <= list.byteCount, "An audience list ends inside an audience.")
        return start..<start + count
    }
}
