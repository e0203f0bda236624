/// Walks an array in a document that the scanner has accepted, element by element.
struct JSONElementCursor {
    private var scanner: JSONScanner
    /// Working memory of its own, since the document's members are still needed.
    private var scratch = JSONScratch()

    /// - Parameters:
    ///   - range: the array's bytes, brackets included.
    ///   - depthMax: as the document was scanned with.
    init(array range: Range<Int>, depthMax: Int) {
        scanner = JSONScanner(depthMax: depthMax, offset: range.lowerBound + 1)
    }

    /// The next element, or nil at the array's end.
    mutating func next(in document: RawSpan) throws(JSONError) -> JSONValue? {
        scanner.skipWhitespace(in: document)
        if scanner.peek(in: document) == ASCII.comma {
            try scanner.expect(ASCII.comma, in: document)
            scanner.skipWhitespace(in: document)
        }
        if scanner.peek(in: document) == ASCII.closingBracket { return nil }
        // Level 2 so that no member of an element counts as one of the document.
        return try scanner.scanValue(in: document, depth: 2, into: &scratch)
    }
}
