/// What a scan reports about the members of the outermost object, and its working memory.
///
/// Kept by the caller and used again and again: with warm buffers a scan allocates nothing.
package struct JSONScratch: Sendable {
    /// After a scan the members of the outermost object, in order; in the middle of one, the members that came so far of
    /// all objects that are still open, innermost last.
    package internal(set) var members = ReusedArray<JSONMember>(capacity: 64)
    /// Copies of those members' names that had escapes, without them.
    private(set) var unescapedNames: [UInt8] = []

    package init() {}

    @inline(__always)
    mutating func reset() {
        members.removeAll(behind: 0)
        if !unescapedNames.isEmpty { unescapedNames.removeAll(keepingCapacity: true) }
    }

    /// Calls `body` with the name's bytes, escapes resolved. `document` is the text that was scanned.
    @inline(__always)
    package func withName<Result>(
        _ name: JSONName,
        in document: RawSpan,
        _ body: (RawSpan) throws -> Result
    ) rethrows -> Result {
        let source = name.isCopied ? unescapedNames.span.bytes : document
        return try body(source.extracting(name.range))
    }

    /// The name that stands as `text` in `document`.
    @inline(__always)
    mutating func name(_ text: JSONText, in document: RawSpan) -> JSONName {
        guard !text.isEscaped else { return escapedName(text, in: document) }
        return JSONName(
            range: text.range,
            position: text.range.lowerBound &- 1,
            isCopied: false,
            prefix: Self.prefix(of: text.range, in: document)
        )
    }

    private mutating func escapedName(_ text: JSONText, in document: RawSpan) -> JSONName {
        let start = unescapedNames.count
        text.appendUnescaped(from: document, to: &unescapedNames)
        let range = start..<unescapedNames.count
        return JSONName(
            range: range,
            position: text.range.lowerBound - 1,
            isCopied: true,
            prefix: Self.prefix(of: range, in: unescapedNames.span.bytes)
        )
    }

    @inline(__always)
    private static func prefix(of name: Range<Int>, in bytes: RawSpan) -> UInt64 {
        if let word = bytes.wordOrLess(at: name.lowerBound) {
            return name.count < 8 ? word & ~(UInt64.max &<< UInt64(8 &* name.count)) : word
        }
        var prefix: UInt64 = 0
        for offset in name.reversed() { prefix = prefix << 8 | UInt64(bytes.byte(at: offset)) }
        return prefix
    }
}

/// One member of an object.
package struct JSONMember: Sendable {
    package let name: JSONName
    package let value: JSONValue
}

/// Where a member name lies, escapes resolved.
package struct JSONName: Sendable {
    /// Offsets into the document, or into the scratch's copies.
    let range: Range<Int>
    /// Offset of the opening quotation mark in the document.
    package let position: Int
    let isCopied: Bool
    /// The first eight bytes as a number, the first one in the least significant place; equal for equal names.
    let prefix: UInt64
}

/// A value's type and place. Numbers and structures are checked, but not converted.
package struct JSONValue: Sendable {
    package enum Kind: UInt8, Sendable {
        case object
        case array
        case string
        case escapedString
        case number
        case literalTrue
        case literalFalse
        case literalNull
    }

    package let kind: Kind
    /// The value's bytes in the document, quotation marks or brackets included.
    package let range: Range<Int>

    /// The text between the quotation marks, or nil when the value is no string.
    package var text: JSONText? {
        switch kind {
        case .string, .escapedString:
            JSONText(
                range: range.lowerBound + 1..<range.upperBound - 1,
                isEscaped: kind == .escapedString
            )
        case .object, .array, .number, .literalTrue, .literalFalse, .literalNull:
            nil
        }
    }
}
