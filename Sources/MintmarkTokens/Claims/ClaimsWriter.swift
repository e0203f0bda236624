package import MintmarkCrypto

/// Writes the claims object of an access token (RFC 9068 section 2.2), and the facts a verifier would read from it.
///
/// Working memory of one thread, never copied: with warm buffers it allocates nothing.
package struct ClaimsWriter: ~Copyable, Sendable {
    /// Room for claims, and behind them the list of audiences and the texts that are escaped in the claims. It keeps its
    /// length, because emptying an array takes longer than writing a claim.
    private var room = [UInt8](repeating: 0, count: 2 * TokenLimits.accessTokenLengthMax)
    /// How much of it was written.
    private var textByteCount = 0
    /// What a verifier reads from the claims written last.
    package private(set) var facts = TokenFacts()
    /// The claims written last.
    package var claims: [UInt8] { Array(room[..<facts.claimsByteCount]) }

    private var random: RandomBlock
    private var times = TimesText()

    /// - Parameter random: where the claim `jti` comes from; drawn in blocks.
    package init(random: any RandomSource) {
        self.random = RandomBlock(source: random)
    }

    /// Writes claims, in place of those written before: `iss sub aud client_id scope iat exp jti sid`, in this order,
    /// then the members of `customClaims`.
    ///
    /// All texts must be UTF-8. An empty span leaves its claim out.
    /// - Parameters:
    ///   - beginning: the signer's `claimsBeginning`, which holds the issuer.
    ///   - audiences: an `AudienceList` of at least one. `aud` becomes a string when it holds one, else an array.
    ///   - customClaims: empty, or an object that `ClaimsValidator` has accepted; its members are copied as they are.
    ///   - issuedAt: `iat`, seconds since 1970.
    ///   - expiresAt: `exp`, seconds since 1970.
    ///   - sessionID: the 16 bytes of `sid` as a big-endian number.
    package mutating func write(
        beginning: RawSpan,
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
        let namesByteCount = subject.byteCount + audiences.byteCount + clientID.byteCount
        makeRoom(
            beginning.byteCount + ClaimsText.fixedByteCountMax
                + JSONEscaping.growthMax * (namesByteCount + scope.byteCount)
                + customClaims.byteCount + namesByteCount
        )
        let tokenID = random.next()
        times.set(issuedAt: issuedAt, expiresAt: expiresAt)
        let times = times
        var facts = TokenFacts()
        facts.issuedAt = issuedAt
        facts.expiresAt = expiresAt
        facts.sessionID = sessionID
        textByteCount = room.withOutput { text in
            text.append(copying: beginning)
            let subjectRange = ClaimsText.append(characters: subject, to: &text)
            ClaimsText.append(audiences: audiences, to: &text)
            let clientIDRange = ClaimsText.append(#","client_id":""#, clientID, to: &text)
            _ = ClaimsText.append(#","scope":""#, scope, to: &text)
            times.append(to: &text)
            ClaimsText.append(tokenID: tokenID, sessionID: sessionID, to: &text)
            ClaimsText.append(membersOf: customClaims, to: &text)
            text.append(ASCII.closingBrace)

            facts.claimsByteCount = text.count
            facts.audiences = ClaimsText.append(behindClaims: audiences, to: &text)
            facts.subject = subjectRange ?? ClaimsText.append(behindClaims: subject, to: &text)
            facts.clientID = clientIDRange ?? ClaimsText.append(behindClaims: clientID, to: &text)
        }
        self.facts = facts
    }

    private mutating func makeRoom(_ byteCount: Int) {
        if room.count < byteCount {
            room = [UInt8](repeating: 0, count: byteCount)
        }
    }

    /// Lends the claims written last.
    package func withClaims<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
        try body(room.span.bytes.extracting(0..<facts.claimsByteCount))
    }

    /// Lends the text that ``facts`` refer to.
    func withText<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
        try body(room.span.bytes.extracting(0..<textByteCount))
    }
}
