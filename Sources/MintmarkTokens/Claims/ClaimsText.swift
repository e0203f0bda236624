import MintmarkCrypto

/// Appends the parts of a claims object. There must be room for each.
enum ClaimsText {
    /// More than all that does not depend on texts: names, punctuation, numbers, identifiers.
    static let fixedByteCountMax = 256

    /// Appends a string without its quotation marks; returns where it lies when none of it had to be escaped.
    @inline(__always)
    static func append(characters string: RawSpan, to text: inout OutputSpan<UInt8>) -> TokenFacts.TextSlice? {
        let start = text.count
        let isEscaped = JSONEscaping.append(string, to: &text)
        return isEscaped ? nil : TokenFacts.TextSlice(start..<text.count)
    }

    /// Appends a member unless `value` is empty. `opening` goes up to the value's opening quotation mark.
    @inline(__always)
    static func append(
        _ opening: StaticString,
        _ value: RawSpan,
        to text: inout OutputSpan<UInt8>
    ) -> TokenFacts.TextSlice? {
        guard value.byteCount > 0 else { return nil }
        text.append(opening)
        let slice = append(characters: value, to: &text)
        text.append(ASCII.quotationMark)
        return slice
    }

    /// Appends `aud`, and before it the quotation mark that ends `sub`.
    @inline(__always)
    static func append(audiences list: RawSpan, to text: inout OutputSpan<UInt8>) {
        guard var item = AudienceList.item(at: 0, in: list) else { return }
        guard item.upperBound < list.byteCount else {
            text.append(#"","aud":""#)
            _ = JSONEscaping.append(list.extracting(item), to: &text)
            return text.append(ASCII.quotationMark)
        }
        text.append(#"","aud":[""#)
        _ = JSONEscaping.append(list.extracting(item), to: &text)
        while let next = AudienceList.item(at: item.upperBound, in: list) {
            text.append(#"",""#)
            _ = JSONEscaping.append(list.extracting(next), to: &text)
            item = next
        }
        text.append(#""]"#)
    }

    @inline(__always)
    static func append(tokenID: UInt128, sessionID: UInt128?, to text: inout OutputSpan<UInt8>) {
        text.append(#","jti":""#)
        append(base64URLOfBytesOf: tokenID, to: &text)
        text.append(ASCII.quotationMark)
        guard let sessionID else { return }
        text.append(#","sid":""#)
        append(base64URLOfBytesOf: sessionID.bigEndian, to: &text)
        text.append(ASCII.quotationMark)
    }

    private static func append(base64URLOfBytesOf number: UInt128, to text: inout OutputSpan<UInt8>) {
        withUnsafeBytes(of: number) { Base64URL.encode($0.bytes, appendingTo: &text) }
    }

    /// Appends what stands between the braces of a valid object, if anything does.
    @inline(__always)
    static func append(membersOf object: RawSpan, to text: inout OutputSpan<UInt8>) {
        var start = 0
        var end = object.byteCount
        while start < end && object.byte(at: start) != ASCII.openingBrace { start &+= 1 }
        while start < end && object.byte(at: end &- 1) != ASCII.closingBrace { end &-= 1 }
        start &+= 1
        end &-= 1
        while start < end && ASCII.isWhitespace(object.byte(at: start)) { start &+= 1 }
        guard start < end else { return }
        text.append(ASCII.comma)
        text.append(copying: object.extracting(start..<end))
    }

    @inline(__always)
    static func append(behindClaims bytes: RawSpan, to text: inout OutputSpan<UInt8>) -> TokenFacts.TextSlice {
        let start = text.count
        text.append(copying: bytes)
        return TokenFacts.TextSlice(start..<text.count)
    }
}
