/// Writes texts as JSON.
enum JSONEscaping {
    /// How many bytes a byte may become.
    static let growthMax = 6

    /// Appends `text`, which must be UTF-8, as the inside of a JSON string; there must be room for it.
    ///
    /// Escapes what RFC 8259 section 7 says must be escaped, and nothing else. Returns whether anything was.
    @inline(__always)
    static func append(_ text: RawSpan, to output: inout OutputSpan<UInt8>) -> Bool {
        let plainCount = plainPrefixCount(of: text)
        guard plainCount < text.byteCount else {
            output.append(copying: text)
            return false
        }
        appendEscaped(text, plainCount: plainCount, to: &output)
        return true
    }

    /// Appends a text whose first `plainCount` bytes need no escape.
    private static func appendEscaped(_ text: RawSpan, plainCount: Int, to output: inout OutputSpan<UInt8>) {
        output.append(copying: text.extracting(0..<plainCount))
        for offset in plainCount..<text.byteCount {
            append(escaping: text.byte(at: offset), to: &output)
        }
    }

    /// How many bytes at the start of `text` need no escape.
    @inline(__always)
    private static func plainPrefixCount(of text: RawSpan) -> Int {
        let count = text.byteCount
        guard count >= 8 else {
            // The zero behind the last byte is marked, too.
            return count == 0 ? 0 : specialBytes(of: text.shortWord).trailingZeroBitCount / 8
        }
        var offset = 0
        while true {
            let special = specialBytes(of: text.word(at: offset))
            if special != 0 { return offset &+ special.trailingZeroBitCount / 8 }
            guard offset &+ 8 < count else { return count }
            // The last word overlaps with the one before, whose bytes are plain.
            offset = min(offset &+ 8, count &- 8)
        }
    }

    /// Marks, by their highest bit, the control characters, quotation marks and backslashes of a word.
    ///
    /// The lowest mark is exact; bytes above it may be marked wrongly, because subtraction borrows upwards.
    @inline(__always)
    static func specialBytes(of word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotationMarks = word ^ (ones &* UInt64(ASCII.quotationMark))
        let backslashes = word ^ (ones &* UInt64(ASCII.backslash))
        let isControl = (word &- ones &* 0x20) & ~word
        let isQuotationMark = (quotationMarks &- ones) & ~quotationMarks
        let isBackslash = (backslashes &- ones) & ~backslashes
        return (isControl | isQuotationMark | isBackslash) & (ones &* 0x80)
    }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == ASCII.quotationMark || byte == ASCII.backslash
    }

    private static func append(escaping byte: UInt8, to output: inout OutputSpan<UInt8>) {
        guard mustEscape(byte) else {
            output.append(byte)
            return
        }
        output.append(ASCII.backslash)
        switch byte {
        case ASCII.quotationMark, ASCII.backslash: output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        default:
            output.append("u00")
            output.append(ASCII.zero + (byte >> 4))
            output.append(hexadecimalDigit(byte & 0xF))
        }
    }

    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? ASCII.zero + value : UInt8(ascii: "a") + value - 10
    }
}
