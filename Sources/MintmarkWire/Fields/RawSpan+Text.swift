extension RawSpan {
    /// Whether `range` holds well-formed UTF-8 (Unicode 15, table 3-7).
    func isText(in range: Range<Int>) -> Bool {
        let survey = survey(range)
        return !survey.hasNonASCII || isUTF8(in: range)
    }

    /// Whether `range` holds well-formed UTF-8 without U+0000...U+001F and U+007F.
    func isName(in range: Range<Int>) -> Bool {
        let survey = survey(range)
        return !survey.hasControl && (!survey.hasNonASCII || isUTF8(in: range))
    }

    /// Whether `range` holds scope-tokens separated by single spaces (RFC 6749 section 3.3).
    func isScope(in range: Range<Int>) -> Bool {
        var isTokenOpen = false
        for offset in range {
            switch byte(at: offset) {
            case 0x20:
                guard isTokenOpen else { return false }
                isTokenOpen = false
            case 0x21, 0x23...0x5B, 0x5D...0x7E:
                isTokenOpen = true
            default:
                return false
            }
        }
        return isTokenOpen
    }

    /// Whether `range` holds ASCII only.
    func isASCII(in range: Range<Int>) -> Bool {
        !survey(range).hasNonASCII
    }
}

/// What was seen among the bytes of a text.
private struct TextSurvey {
    var hasNonASCII: Bool
    var hasControl: Bool
}

extension RawSpan {
    /// Looks at all bytes of a text, eight at a time: most texts are ASCII and need no closer look.
    @inline(__always)
    private func survey(_ range: Range<Int>) -> TextSurvey {
        var highBits: UInt64 = 0
        var controlBits: UInt64 = 0
        func look(at word: UInt64) {
            highBits |= word
            controlBits |= word.markingControls
        }
        if range.count >= 8 {
            let last = range.upperBound &- 8
            var offset = range.lowerBound
            while offset < last {
                look(at: bigEndian(UInt64.self, at: offset))
                offset &+= 8
            }
            // The last eight bytes, some of them for the second time.
            look(at: bigEndian(UInt64.self, at: last))
        } else if range.upperBound >= 8 {
            // The eight bytes that end with the text's last, those before its first replaced by a letter.
            let mask = UInt64.max &<< UInt64(8 &* range.count)
            let word = bigEndian(UInt64.self, at: range.upperBound &- 8)
            look(at: word & ~mask | UInt64.everyByte &* 0x41 & mask)
        } else {
            for offset in range {
                // A lone byte goes into the lowest place; the others hold a letter, which marks nothing.
                look(at: 0x4141_4141_4141_4100 | UInt64(byte(at: offset)))
            }
        }
        return TextSurvey(
            hasNonASCII: highBits & UInt64.highBits != 0,
            hasControl: controlBits & UInt64.highBits != 0
        )
    }

    private func isUTF8(in range: Range<Int>) -> Bool {
        do {
            // Bytes may be viewed as UInt8 wherever they lie.
            _ = try unsafe UTF8Span(validating: extracting(range)._unsafeView(as: UInt8.self))
            return true
        } catch {
            return false
        }
    }
}

extension UInt64 {
    fileprivate static let everyByte: UInt64 = 0x0101_0101_0101_0101
    fileprivate static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// High bits that are zero if and only if no byte is below 0x20 or equal to 0x7F.
    ///
    /// Borrows can mark further bytes, but only where there is one to mark.
    fileprivate var markingControls: UInt64 {
        let belowSpace = (self &- UInt64.everyByte &* 0x20) & ~self
        let difference = self ^ (UInt64.everyByte &* 0x7F)
        let equalDelete = (difference &- UInt64.everyByte) & ~difference
        return belowSpace | equalDelete
    }
}
