/// A list that lies in a body: its items were checked when the body was decoded, and are read in place.
package struct ItemList: Hashable, Sendable {
    /// Where the list lies in the body.
    package let bytes: Range<Int>

    /// How many items it has.
    package let count: Int

    /// Starts at the first item.
    package func makeCursor() -> ItemCursor { ItemCursor(bytes) }
}

/// Steps through the items of an `ItemList`.
package struct ItemCursor: Sendable {
    private var rest: Range<Int>

    init(_ bytes: Range<Int>) {
        rest = bytes
    }

    /// Where the next item lies in `body`, which must be the one the list was decoded from; nil behind the last.
    package mutating func next(in body: RawSpan) -> Range<Int>? {
        guard let item = body.item(at: rest.lowerBound, before: rest.upperBound) else { return nil }
        rest = item.upperBound..<rest.upperBound
        return item
    }
}

extension RawSpan {
    /// Where the item lies whose length is at `offset`; nil if it is not all there before `end`.
    func item(at offset: Int, before end: Int) -> Range<Int>? {
        guard end - offset >= 2 else { return nil }
        let length = Int(bigEndian(UInt16.self, at: offset))
        let start = offset + 2
        return end - start >= length ? start..<start + length : nil
    }
}
