/// A string of a scanned document: where its characters lie, and whether some of them are escaped.
package struct JSONText: Sendable {
    /// Offsets of the characters between the quotation marks.
    package let range: Range<Int>
    package let isEscaped: Bool

    /// Appends the characters with escapes resolved, as UTF-8.
    ///
    /// `document` must be the text that the scanner accepted this string in.
    package func appendUnescaped(from document: RawSpan, to output: inout [UInt8]) {
        guard isEscaped else {
            output.append(document.extracting(range))
            return
        }
        var offset = range.lowerBound
        while offset < range.upperBound {
            let byte = document.byte(at: offset)
            if byte != ASCII.backslash {
                output.append(byte)
                offset += 1
                continue
            }
            let escape = document.byte(at: offset + 1)
            if escape == UInt8(ascii: "u") {
                offset = appendUnicodeEscape(at: offset, from: document, to: &output)
            } else {
                output.append(Self.character(escapedAs: escape))
                offset += 2
            }
        }
    }

    /// Lends the characters with escapes resolved. `buffer` is overwritten when there are any.
    @inline(__always)
    func withBytes<Result>(
        in document: RawSpan,
        unescaped buffer: inout [UInt8],
        _ body: (RawSpan) -> Result
    ) -> Result {
        guard isEscaped else { return body(document.extracting(range)) }
        buffer.removeAll(keepingCapacity: true)
        appendUnescaped(from: document, to: &buffer)
        return body(buffer.span.bytes)
    }

    /// Resolves one `\uXXXX`, or a pair of them, at `offset`; returns the offset behind it.
    private func appendUnicodeEscape(at offset: Int, from document: RawSpan, to output: inout [UInt8]) -> Int {
        let unit = Self.codeUnit(at: offset + 2, in: document)
        guard UTF16.isLeadSurrogate(unit) else {
            Self.append(scalar: UInt32(unit), to: &output)
            return offset + 6
        }
        let trail = Self.codeUnit(at: offset + 8, in: document)
        Self.append(scalar: 0x10000 + (UInt32(unit & 0x3FF) << 10) + UInt32(trail & 0x3FF), to: &output)
        return offset + 12
    }

    /// The code unit that the four hexadecimal digits at `offset` spell.
    private static func codeUnit(at offset: Int, in document: RawSpan) -> UInt16 {
        var unit: UInt16 = 0
        for index in offset..<offset + 4 {
            unit = unit << 4 | UInt16(ASCII.hexadecimalValue(of: document.byte(at: index)) ?? 0)
        }
        return unit
    }

    private static func append(scalar: UInt32, to output: inout [UInt8]) {
        guard let scalar = Unicode.Scalar(scalar) else {
            preconditionFailure("The scanner accepts no escaped surrogate without its other half.")
        }
        output.append(contentsOf: scalar.utf8)
    }

    private static func character(escapedAs escape: UInt8) -> UInt8 {
        switch escape {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: escape
        }
    }
}
