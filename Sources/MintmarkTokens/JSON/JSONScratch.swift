/// What a scan reports about the members of the outermost object, and its working memory.
///
/// Kept by the caller and used again and again: with warm buffers a scan allocates nothing.
package struct JSONScratch: Sendable {
    /// The members of the outermost object, in order.
    package internal(set) var members: [JSONMember] = []
    /// Names of all objects that are still open, innermost last.
    var names: [JSONName] = []
    /// Copies of those names that had escapes, without them.
    private(set) var unescapedNames: [UInt8] = []

    package init() {
        members.reserveCapacity(32)
        names.reserveCapacity(64)
    }

    mutating func reset() {
        members.removeAll(keepingCapacity: true)
        names.removeAll(keepingCapacity: true)
        unescapedNames.removeAll(keepingCapacity: true)
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

    mutating func addName(_ text: JSONText, in document: RawSpan) -> JSONName {
        let name: JSONName
        if text.isEscaped {
            let start = unescapedNames.count
            text.appendUnescaped(from: document, to: &unescapedNames)
            name = JSONName(
                range: start..<unescapedNames.count,
                position: text.range.lowerBound - 1,
                isCopied: true,
                prefix: Self.prefix(of: unescapedNames.span.bytes.extracting(start..<unescapedNames.count))
            )
        } else {
            name = JSONName(
                range: text.range,
                position: text.range.lowerBound - 1,
                isCopied: false,
                prefix: Self.prefix(of: document.extracting(text.range))
            )
        }
        names.append(name)
        return name
    }

    @inline(__always)
    private static func prefix(of name: RawSpan) -> UInt64 {
        guard name.byteCount < 8 else { return name.word(at: 0) }
        var prefix: UInt64 = 0
        for offset in 0..<name.byteCount {
            prefix = prefix << 8 | UInt64(name.byte(at: offset))
        }
        return prefix
    }
}

/// One member of the outermost object.
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
    /// The first eight bytes as a number, equal for equal names.
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
