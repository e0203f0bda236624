/// Walks an array of strings in a document that the scanner has accepted.
struct JSONStringCursor {
    private var scanner: JSONScanner

    /// - Parameter range: the array's bytes, brackets included.
    init(array range: Range<Int>) {
        scanner = JSONScanner(depthMax: 0, offset: range.lowerBound + 1)
    }

    /// The next string, or nil at the array's end.
    ///
    /// - Throws: `unexpectedByte` when the next element is no string.
    mutating func next(in document: RawSpan) throws(JSONError) -> JSONText? {
        scanner.skipWhitespace(in: document)
        if scanner.peek(in: document) == ASCII.comma {
            try scanner.expect(ASCII.comma, in: document)
            scanner.skipWhitespace(in: document)
        }
        if scanner.peek(in: document) == ASCII.closingBracket { return nil }
        guard scanner.peek(in: document) == ASCII.quotationMark else {
            throw scanner.unexpectedByte(in: document)
        }
        return try scanner.scanString(in: document)
    }
}
