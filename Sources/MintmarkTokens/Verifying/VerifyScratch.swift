/// Working memory of a verifier, and the claims of the token verified last.
///
/// Belongs to one thread, never copied. With warm buffers a verification allocates nothing.
package struct VerifyScratch: ~Copyable, Sendable {
    var header: [UInt8] = []
    var signature: [UInt8] = []
    /// Claims, then what they hold in another form (see `TokenFacts`), of the token verified last.
    var text: [UInt8] = []
    var memory = ReaderMemory()

    package init() {
        header.reserveCapacity(TokenLimits.headerLengthMax)
        text.reserveCapacity(2 * TokenLimits.accessTokenLengthMax)
    }

    /// Lends the claims object of the token verified last, exactly as it was signed.
    ///
    /// - Parameter facts: what the verifier returned for that token.
    @inline(__always)
    package func withClaims<Result, Failure: Error>(
        of facts: TokenFacts,
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(text.span.bytes.extracting(0..<facts.claimsByteCount))
    }

    /// Lends `sub` and `client_id` of the token verified last; the latter is empty when the token has none.
    package func withNames<Result>(
        of facts: TokenFacts,
        _ body: (_ subject: RawSpan, _ clientID: RawSpan) -> Result
    ) -> Result {
        let bytes = text.span.bytes
        return body(bytes.extracting(facts.subject.range), bytes.extracting(facts.clientID.range))
    }
}

/// Working memory of the readers, apart from the text they read.
struct ReaderMemory: Sendable {
    var json = JSONScratch()
    /// What goes behind the claims, while those are still being read.
    var derived: [UInt8] = []
    /// A text of the header or the claims with its escapes resolved.
    var unescaped: [UInt8] = []
}
