/// A strict, single-pass scanner for one JSON object (RFC 8259).
///
/// Stricter than the RFC where it leaves room, so that no two readers of one text can disagree:
/// - the text is an object; nothing but white space stands around it, no byte order mark before it;
/// - it is UTF-8 without overlong forms, surrogates, or code points above U+10FFFF (RFC 3629);
/// - escaped surrogates come in pairs; every other escaped code point, U+0000 included, is allowed;
/// - no object repeats a member name, names being compared after unescaping;
/// - objects and arrays nest at most `depthMax` levels;
/// - a number has at most `TokenLimits.numberLengthMax` characters, and is zero or of a decimal order of magnitude
///   within ±`TokenLimits.numberMagnitudeMax`. Integers beyond 2^53 are accepted: they are text here, not doubles.
///
/// Every byte is looked at once. Names are compared when their object closes, so a syntax error before that wins over
/// a repeated name. The cost is at most O(n log n) in the text's length, whatever the text.
package struct JSONScanner {
    /// Offset of the next byte.
    var offset: Int
    private let depthMax: Int

    init(depthMax: Int, offset: Int = 0) {
        self.depthMax = depthMax
        self.offset = offset
    }

    /// Checks that `document` is one strict JSON object and puts its members into `scratch`.
    ///
    /// - Parameter depthMax: how many levels objects and arrays may nest, the outermost object being level 1.
    package static func scan(
        _ document: RawSpan,
        depthMax: Int,
        into scratch: inout JSONScratch
    ) throws(JSONError) {
        scratch.reset()
        var scanner = JSONScanner(depthMax: depthMax)
        try scanner.scanDocument(document, into: &scratch)
    }

    private mutating func scanDocument(_ document: RawSpan, into scratch: inout JSONScratch) throws(JSONError) {
        let startsWithMark = document.byteCount >= 3 && document.byte(at: 0) == 0xEF && document.byte(at: 1) == 0xBB
        if startsWithMark && document.byte(at: 2) == 0xBF {
            throw JSONError(.byteOrderMark, at: 0)
        }
        skipWhitespace(in: document)
        guard peek(in: document) == ASCII.openingBrace else {
            throw JSONError(offset < document.byteCount ? .notAnObject : .truncated, at: offset)
        }
        try scanObject(in: document, depth: 1, into: &scratch)
        skipWhitespace(in: document)
        guard offset == document.byteCount else { throw JSONError(.trailingBytes, at: offset) }
    }

    /// Scans an object whose opening brace is next.
    private mutating func scanObject(
        in document: RawSpan,
        depth: Int,
        into scratch: inout JSONScratch
    ) throws(JSONError) {
        guard depth <= depthMax else { throw JSONError(.tooDeep, at: offset) }
        let firstMember = scratch.members.count
        offset += 1
        skipWhitespace(in: document)
        if peek(in: document) == ASCII.closingBrace {
            offset += 1
            return
        }
        while true {
            guard peek(in: document) == ASCII.quotationMark else { throw unexpectedByte(in: document) }
            let text = try scanString(in: document)
            let name = scratch.name(text, in: document)
            skipWhitespace(in: document)
            try expect(ASCII.colon, in: document)
            skipWhitespace(in: document)
            let value = try scanValue(in: document, depth: depth + 1, into: &scratch)
            scratch.members.append(JSONMember(name: name, value: value))
            skipWhitespace(in: document)
            guard peek(in: document) == ASCII.comma else { break }
            offset += 1
            skipWhitespace(in: document)
        }
        try expect(ASCII.closingBrace, in: document)
        try scratch.checkNames(from: firstMember, in: document)
        if depth > 1 { scratch.members.removeAll(behind: firstMember) }
    }

    /// Scans an array whose opening bracket is next.
    private mutating func scanArray(
        in document: RawSpan,
        depth: Int,
        into scratch: inout JSONScratch
    ) throws(JSONError) {
        guard depth <= depthMax else { throw JSONError(.tooDeep, at: offset) }
        offset += 1
        skipWhitespace(in: document)
        if peek(in: document) == ASCII.closingBracket {
            offset += 1
            return
        }
        while true {
            _ = try scanValue(in: document, depth: depth + 1, into: &scratch)
            skipWhitespace(in: document)
            guard peek(in: document) == ASCII.comma else { break }
            offset += 1
            skipWhitespace(in: document)
        }
        try expect(ASCII.closingBracket, in: document)
    }

    /// Scans any value; `depth` is the level of the value itself, should it be an object or an array.
    @inline(__always)
    mutating func scanValue(
        in document: RawSpan,
        depth: Int,
        into scratch: inout JSONScratch
    ) throws(JSONError) -> JSONValue {
        let start = offset
        let kind: JSONValue.Kind
        if peek(in: document) == ASCII.quotationMark {
            kind = try scanString(in: document).isEscaped ? .escapedString : .string
        } else {
            kind = try scanOther(in: document, depth: depth, into: &scratch)
        }
        return JSONValue(kind: kind, range: Range(uncheckedBounds: (start, offset)))
    }

    /// Scans any value but a string.
    private mutating func scanOther(
        in document: RawSpan,
        depth: Int,
        into scratch: inout JSONScratch
    ) throws(JSONError) -> JSONValue.Kind {
        switch peek(in: document) {
        case ASCII.minus, ASCII.zero...ASCII.nine:
            try scanNumber(in: document)
            return .number
        case ASCII.openingBrace:
            try scanObject(in: document, depth: depth, into: &scratch)
            return .object
        case ASCII.openingBracket:
            try scanArray(in: document, depth: depth, into: &scratch)
            return .array
        case UInt8(ascii: "t"):
            try expect("true", in: document)
            return .literalTrue
        case UInt8(ascii: "f"):
            try expect("false", in: document)
            return .literalFalse
        case UInt8(ascii: "n"):
            try expect("null", in: document)
            return .literalNull
        default:
            throw unexpectedByte(in: document)
        }
    }
}

// MARK: - Single bytes

extension JSONScanner {
    /// The next byte, or 0, which no JSON text contains, at the end.
    @inline(__always)
    func peek(in document: RawSpan) -> UInt8 {
        // An offset is never below zero.
        offset < document.byteCount ? document.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self) : 0
    }

    @inline(__always)
    mutating func skipWhitespace(in document: RawSpan) {
        while ASCII.isWhitespace(peek(in: document)) {
            offset += 1
        }
    }

    @inline(__always)
    mutating func expect(_ byte: UInt8, in document: RawSpan) throws(JSONError) {
        guard peek(in: document) == byte else { throw unexpectedByte(in: document) }
        offset += 1
    }

    mutating func expect(_ literal: StaticString, in document: RawSpan) throws(JSONError) {
        for index in 0..<literal.utf8CodeUnitCount {
            try expect(literal.utf8Start[index], in: document)
        }
    }

    /// What is wrong when the next byte is not one the grammar allows: it is another, or there is none.
    func unexpectedByte(in document: RawSpan) -> JSONError {
        JSONError(offset < document.byteCount ? .unexpectedByte : .truncated, at: offset)
    }
}
