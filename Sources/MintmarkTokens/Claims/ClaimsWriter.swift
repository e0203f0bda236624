package import MintmarkCrypto

/// Writes the claims object of an access token (RFC 9068 section 2.2), and the facts a verifier would read from it.
///
/// Working memory of one thread, never copied: with warm buffers it allocates nothing.
package struct ClaimsWriter: ~Copyable, Sendable {
    private static let tokenIDByteCount = 16

    /// The claims object, then the list of audiences and the texts that are escaped in the claims.
    private(set) var text: [UInt8] = []
    /// What a verifier reads from the claims written last.
    package private(set) var facts = TokenFacts()
    /// The claims written last.
    package var claims: [UInt8] { Array(text[..<facts.claimsByteCount]) }

    private var random: RandomBlock

    /// - Parameter random: where the claim `jti` comes from; drawn in blocks.
    package init(random: any RandomSource) {
        self.random = RandomBlock(source: random)
        text.reserveCapacity(2 * TokenLimits.accessTokenLengthMax)
    }

    /// Writes claims, in place of those written before: `iss sub aud client_id scope iat exp jti sid`, in this order,
    /// then the members of `customClaims`.
    ///
    /// All texts must be UTF-8. An empty span leaves its claim out.
    /// - Parameters:
    ///   - audiences: an `AudienceList` of at least one. `aud` becomes a string when it holds one, else an array.
    ///   - customClaims: empty, or an object that `ClaimsValidator` has accepted; its members are copied as they are.
    ///   - issuedAt: `iat`, seconds since 1970.
    ///   - expiresAt: `exp`, seconds since 1970.
    ///   - sessionID: the 16 bytes of `sid` as a big-endian number.
    package mutating func write(
        issuer: RawSpan,
        subject: RawSpan,
        audiences: RawSpan,
        clientID: RawSpan,
        scope: RawSpan,
        customClaims: RawSpan,
        issuedAt: UInt64,
        expiresAt: UInt64,
        sessionID: UInt128?
    ) {
        precondition(audiences.byteCount > 0, "A token needs an audience.")
        text.removeAll(keepingCapacity: true)
        facts = TokenFacts()
        text.append(#"{"iss":""#)
        _ = appendCharacters(issuer)
        text.append(#"","sub":""#)
        let subjectRange = appendCharacters(subject)
        appendAudiences(audiences)
        let clientIDRange = appendMember(#","client_id":""#, clientID)
        _ = appendMember(#","scope":""#, scope)
        appendTimes(issuedAt: issuedAt, expiresAt: expiresAt)
        appendIdentifiers(sessionID: sessionID)
        appendMembers(of: customClaims)
        text.append(ASCII.closingBrace)

        facts.claimsByteCount = text.count
        facts.audiences = appendBehindClaims(audiences)
        facts.subject = subjectRange.map { .init($0) } ?? appendBehindClaims(subject)
        facts.clientID = clientIDRange.map { .init($0) } ?? appendBehindClaims(clientID)
    }

    /// Lends the claims written last.
    package func withClaims<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
        try body(text.span.bytes.extracting(0..<facts.claimsByteCount))
    }
}

// MARK: - Members

extension ClaimsWriter {
    /// Appends a string without its quotation marks; returns where it lies when none of it had to be escaped.
    private mutating func appendCharacters(_ string: RawSpan) -> Range<Int>? {
        let start = text.count
        let isEscaped = JSONEscaping.append(string, to: &text)
        return isEscaped ? nil : start..<text.count
    }

    /// Appends a member unless `value` is empty. `opening` goes up to the value's opening quotation mark.
    private mutating func appendMember(_ opening: StaticString, _ value: RawSpan) -> Range<Int>? {
        guard value.byteCount > 0 else { return nil }
        text.append(opening)
        let range = appendCharacters(value)
        text.append(ASCII.quotationMark)
        return range
    }

    /// Appends `aud`, and before it the quotation mark that ends `sub`.
    private mutating func appendAudiences(_ list: RawSpan) {
        guard var item = AudienceList.item(at: 0, in: list) else { return }
        let isAlone = item.upperBound == list.byteCount
        text.append(isAlone ? #"","aud":""# : #"","aud":[""#)
        _ = appendCharacters(list.extracting(item))
        while let next = AudienceList.item(at: item.upperBound, in: list) {
            text.append(#"",""#)
            _ = appendCharacters(list.extracting(next))
            item = next
        }
        text.append(isAlone ? #"""# : #""]"#)
    }

    private mutating func appendTimes(issuedAt: UInt64, expiresAt: UInt64) {
        facts.issuedAt = issuedAt
        facts.expiresAt = expiresAt
        text.append(#","iat":"#)
        JSONEscaping.append(number: issuedAt, to: &text)
        text.append(#","exp":"#)
        JSONEscaping.append(number: expiresAt, to: &text)
    }

    private mutating func appendIdentifiers(sessionID: UInt128?) {
        text.append(#","jti":""#)
        random.appendText(byteCount: Self.tokenIDByteCount, to: &text)
        text.append(ASCII.quotationMark)
        guard let sessionID else { return }
        facts.sessionID = sessionID
        text.append(#","sid":""#)
        withUnsafeBytes(of: sessionID.bigEndian) { Base64URL.encode($0.bytes, appendingTo: &text) }
        text.append(ASCII.quotationMark)
    }

    /// Appends what stands between the braces of a valid object, if anything does.
    private mutating func appendMembers(of object: RawSpan) {
        var start = 0
        var end = object.byteCount
        while start < end && ASCII.isWhitespace(object.byte(at: start)) { start += 1 }
        while end > start && ASCII.isWhitespace(object.byte(at: end - 1)) { end -= 1 }
        guard end - start > 2 else { return }
        start += 1
        end -= 1
        while start < end && ASCII.isWhitespace(object.byte(at: start)) { start += 1 }
        guard start < end else { return }
        text.append(ASCII.comma)
        text.append(object.extracting(start..<end))
    }

    private mutating func appendBehindClaims(_ bytes: RawSpan) -> TokenFacts.TextSlice {
        let start = text.count
        text.append(bytes)
        return TokenFacts.TextSlice(start..<text.count)
    }
}
