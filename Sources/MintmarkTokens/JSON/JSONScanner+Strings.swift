extension JSONScanner {
    /// Scans a string whose opening quotation mark is next.
    @inline(__always)
    mutating func scanString(in document: RawSpan) throws(JSONError) -> JSONText {
        let start = offset &+ 1
        var plainCount = 0
        if let word = document.wordOrLess(at: start) {
            // Names and many values are short, and one look finds their end.
            let length = Self.specialBytes(of: word).trailingZeroBitCount / 8
            plainCount = length
            let end = start &+ length
            if length < 8 && UInt8(truncatingIfNeeded: word &>> UInt64(8 &* length)) == ASCII.quotationMark {
                offset = end &+ 1
                return JSONText(range: Range(uncheckedBounds: (start, end)), isEscaped: false)
            }
        }
        return try scanString(from: start, plainCount: plainCount, in: document)
    }

    /// Scans a string whose characters begin at `start`, the first `plainCount` of them printable ASCII without a meaning.
    private mutating func scanString(
        from start: Int,
        plainCount: Int,
        in document: RawSpan
    ) throws(JSONError) -> JSONText {
        offset = start &+ plainCount
        var isEscaped = false
        while true {
            skipPlainCharacters(in: document)
            let byte = peek(in: document)
            if byte == ASCII.quotationMark {
                offset += 1
                return JSONText(range: start..<offset - 1, isEscaped: isEscaped)
            }
            if byte == ASCII.backslash {
                isEscaped = true
                try scanEscape(in: document)
            } else if byte >= 0x80 {
                try scanMultibyteCharacter(in: document)
            } else {
                throw JSONError(offset < document.byteCount ? .controlCharacter : .truncated, at: offset)
            }
        }
    }

    /// Marks what is not a printable ASCII character without a meaning inside strings. The lowest mark is exact.
    @inline(__always)
    private static func specialBytes(of word: UInt64) -> UInt64 {
        JSONEscaping.specialBytes(of: word) | word & 0x8080_8080_8080_8080
    }

    /// Goes on to the next byte that is not a printable ASCII character without a meaning inside strings.
    @inline(__always)
    private mutating func skipPlainCharacters(in document: RawSpan) {
        while offset &+ 8 <= document.byteCount {
            let special = Self.specialBytes(of: document.word(at: offset))
            if special != 0 {
                offset &+= special.trailingZeroBitCount / 8
                return
            }
            offset &+= 8
        }
        while offset < document.byteCount {
            let byte = document.byte(at: offset)
            if byte < 0x20 || byte == ASCII.quotationMark || byte == ASCII.backslash || byte >= 0x80 { return }
            offset &+= 1
        }
    }

    /// Scans one escape sequence, or a pair of them for a surrogate pair, whose backslash is next.
    private mutating func scanEscape(in document: RawSpan) throws(JSONError) {
        let start = offset
        offset += 1
        switch peek(in: document) {
        case ASCII.quotationMark, ASCII.backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
        case UInt8(ascii: "u"):
            offset += 1
            let unit = try scanCodeUnit(in: document)
            if UTF16.isTrailSurrogate(unit) { throw JSONError(.loneSurrogate, at: start) }
            if UTF16.isLeadSurrogate(unit) {
                try scanTrailSurrogate(in: document, leadAt: start)
            }
        default:
            throw JSONError(offset < document.byteCount ? .invalidEscape : .truncated, at: offset)
        }
    }

    private mutating func scanTrailSurrogate(in document: RawSpan, leadAt start: Int) throws(JSONError) {
        guard peek(in: document) == ASCII.backslash else { throw JSONError(.loneSurrogate, at: start) }
        offset += 1
        guard peek(in: document) == UInt8(ascii: "u") else { throw JSONError(.loneSurrogate, at: start) }
        offset += 1
        guard UTF16.isTrailSurrogate(try scanCodeUnit(in: document)) else {
            throw JSONError(.loneSurrogate, at: start)
        }
    }

    /// Scans the four hexadecimal digits of an escaped UTF-16 code unit.
    private mutating func scanCodeUnit(in document: RawSpan) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let value = ASCII.hexadecimalValue(of: peek(in: document)) else {
                throw JSONError(offset < document.byteCount ? .invalidEscape : .truncated, at: offset)
            }
            unit = unit << 4 | UInt16(value)
            offset += 1
        }
        return unit
    }

    /// Scans one character of two to four bytes (RFC 3629 section 4).
    private mutating func scanMultibyteCharacter(in document: RawSpan) throws(JSONError) {
        let start = offset
        let trailCount: Int
        let second: ClosedRange<UInt8>
        switch peek(in: document) {
        case 0xC2...0xDF: (trailCount, second) = (1, 0x80...0xBF)
        case 0xE0: (trailCount, second) = (2, 0xA0...0xBF)
        case 0xED: (trailCount, second) = (2, 0x80...0x9F)
        case 0xE1...0xEF: (trailCount, second) = (2, 0x80...0xBF)
        case 0xF0: (trailCount, second) = (3, 0x90...0xBF)
        case 0xF1...0xF3: (trailCount, second) = (3, 0x80...0xBF)
        case 0xF4: (trailCount, second) = (3, 0x80...0x8F)
        default: throw JSONError(.invalidUTF8, at: start)
        }
        offset += 1
        guard second.contains(peek(in: document)) else { throw JSONError(.invalidUTF8, at: start) }
        offset += 1
        for _ in 1..<trailCount {
            guard (0x80...0xBF).contains(peek(in: document)) else { throw JSONError(.invalidUTF8, at: start) }
            offset += 1
        }
    }
}
