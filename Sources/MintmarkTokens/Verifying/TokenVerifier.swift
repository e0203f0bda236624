import MintmarkCrypto
import Synchronization

/// Verifies access tokens against one key ring and one profile. Immutable, so it is shared freely; a change of keys or
/// settings makes a new verifier.
///
/// Judges in two steps. Reading (`read`) establishes facts that hold as long as this verifier does: form, algorithm,
/// type, key, signature, claims, issuer. The verdict (`TokenVerdict`) judges facts at a moment: audience, times,
/// revocation. The cache keeps facts only, so a token out of it is judged exactly like one that was just read.
package final class TokenVerifier: Sendable {
    package let keys: KeyRing
    package let profile: TokenProfile
    /// Tells this verifier from every other of the process: facts in the cache belong to one verifier.
    package let generation: UInt64

    /// For each key the header text that its signer writes: a token that begins so needs no look into the header.
    private let headerTexts: [[UInt8]]

    private static let nextGeneration = Atomic<UInt64>(1)

    package init(keys: KeyRing, profile: TokenProfile) {
        self.keys = keys
        self.profile = profile
        headerTexts = keys.keys.map { profile.headerText(for: $0) }
        generation = Self.nextGeneration.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    /// Judges one token. The first check that fails, in the order of `TokenRefusal`'s cases, gives the reason.
    ///
    /// - Parameters:
    ///   - expectedAudience: must be among the token's audiences; nil accepts any.
    ///   - leewaySeconds: clock difference to forgive.
    ///   - now: wall clock, seconds since 1970.
    ///   - cache: where facts are looked up, and kept when the token is good; nil verifies the signature every time.
    ///   - scratch: working memory, which lends the claims afterwards.
    /// - Returns: what the token says, if it is good.
    package func verify(
        _ token: RawSpan,
        expectedAudience: RawSpan?,
        leewaySeconds: UInt32,
        now: UInt64,
        cache: VerifiedTokenCache?,
        revocations: some AccessTokenRevocations,
        scratch: inout VerifyScratch
    ) throws(TokenRefusal) -> TokenFacts {
        let known = cache?.facts(of: token, generation: generation, text: &scratch.text)
        let facts = if let known { known } else { try read(token, scratch: &scratch) }
        let refusal = TokenVerdict.refusal(
            of: facts,
            text: scratch.text.span.bytes,
            expectedAudience: expectedAudience,
            leewaySeconds: leewaySeconds,
            now: now,
            revocations: revocations
        )
        if let refusal { throw refusal }
        if known == nil {
            cache?.insert(token, facts: facts, text: scratch.text, generation: generation)
        }
        return facts
    }

    /// Puts a token that was just signed into the cache, unless this verifier would refuse it.
    ///
    /// Nothing is verified again: the facts are those that `claims` wrote. So the token must be what `signer` made of
    /// them, and they must have been written with the signer's issuer.
    package func remember(
        _ token: RawSpan,
        claims: borrowing ClaimsWriter,
        signedBy signer: TokenSigner,
        now: UInt64,
        cache: VerifiedTokenCache
    ) {
        guard signer.keys === keys, signer.profile == profile else { return }
        let refusal = TokenVerdict.untimeliness(
            of: claims.facts,
            leewaySeconds: 0,
            now: now,
            revocations: NoRevocations()
        )
        guard refusal == nil else { return }
        cache.insert(token, facts: claims.facts, text: claims.text, generation: generation)
    }
}

// MARK: - Reading

extension TokenVerifier {
    /// Establishes the facts of a token, everything that does not depend on the moment.
    ///
    /// Leaves the text that the facts refer to in `scratch.text`.
    func read(_ token: RawSpan, scratch: inout VerifyScratch) throws(TokenRefusal) -> TokenFacts {
        guard token.byteCount <= TokenLimits.accessTokenLengthMax else { throw .oversize }
        guard let parts = TokenParts(token) else { throw .malformed }
        guard Self.decode(token.extracting(parts.payload), to: &scratch.text),
            Self.decode(token.extracting(parts.signature), to: &scratch.signature)
        else { throw .malformed }
        let index = try keyIndex(
            headerText: token.extracting(parts.header),
            header: &scratch.header,
            memory: &scratch.memory
        )
        guard keys.keys[index].state.isTrusted else { throw .keyRevoked }
        let isSigned = keys.keys[index].publicKey.verifies(
            signature: scratch.signature.span.bytes,
            message: token.extracting(0..<parts.payload.upperBound)
        )
        guard isSigned else { throw .signatureInvalid }
        return try ClaimsReader.read(&scratch.text, issuer: profile.issuer, memory: &scratch.memory)
    }

    /// Index of the key that the header names, after judging the header.
    private func keyIndex(
        headerText: RawSpan,
        header: inout [UInt8],
        memory: inout ReaderMemory
    ) throws(TokenRefusal) -> Int {
        for index in headerTexts.indices {
            let knownText = headerTexts[index]
            if knownText.span.bytes.hasSameBytes(as: headerText) { return index }
        }
        guard Self.decode(headerText, to: &header) else { throw .malformed }
        return try HeaderReader.read(header.span.bytes, type: profile.type, keys: keys, memory: &memory)
    }

    private static func decode(_ text: RawSpan, to bytes: inout [UInt8]) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        return Base64URL.decode(text, appendingTo: &bytes)
    }
}
