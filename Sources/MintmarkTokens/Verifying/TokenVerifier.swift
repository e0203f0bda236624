import MintmarkCrypto
import Synchronization

/// Verifies access tokens against one key ring, one profile and the keys of other issuers that are trusted. Immutable, so
/// it is shared freely; a change of keys or settings makes a new verifier.
///
/// Judges in two steps. Reading (`read`) establishes facts that hold as long as this verifier does: form, algorithm,
/// type, key, signature, claims, issuer. The verdict (`TokenVerdict`) judges facts at a moment: audience, times,
/// revocation. The cache keeps facts only, so a token out of it is judged exactly like one that was just read.
package final class TokenVerifier: Sendable {
    package let keys: KeyRing
    package let profile: TokenProfile
    package let issuers: [TrustedIssuer]
    /// Tells this verifier from others of the process: facts in the cache belong to one generation. Verifiers share one
    /// where whatever the earlier one read holds for the later one, too.
    package let generation: UInt64

    private let knownKeys: VerifyingKeys

    private static let nextGeneration = Atomic<UInt64>(1)

    /// - Parameter predecessor: the verifier that this one takes the place of. Facts that it left in a cache go on being
    ///   believed if this one would read the same from every token that the other accepted.
    package init(
        keys: KeyRing,
        profile: TokenProfile,
        issuers: [TrustedIssuer] = [],
        after predecessor: TokenVerifier? = nil
    ) {
        self.keys = keys
        self.profile = profile
        self.issuers = issuers
        knownKeys = VerifyingKeys(keys, profile: profile, issuers: issuers)
        let inherited = predecessor.flatMap { predecessor in
            let isSame = predecessor.profile == profile && predecessor.issuers == issuers
            return isSame && keys.trustsAll(of: predecessor.keys) ? predecessor.generation : nil
        }
        generation = inherited ?? Self.nextGeneration.wrappingAdd(1, ordering: .relaxed).oldValue
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
        try verify(token, cache: cache, scratch: &scratch) { facts, scratch in
            TokenVerdict.refusal(
                of: facts,
                text: scratch.text.span.bytes,
                expectedAudience: expectedAudience,
                leewaySeconds: leewaySeconds,
                now: now,
                revocations: revocations
            )
        }
    }

    /// The same for somebody who takes tokens for any of several audiences; nil: for whatever there are.
    package func verify(
        _ token: RawSpan,
        acceptedAudiences: Set<[UInt8]>?,
        leewaySeconds: UInt32,
        now: UInt64,
        cache: VerifiedTokenCache?,
        revocations: some AccessTokenRevocations,
        scratch: inout VerifyScratch
    ) throws(TokenRefusal) -> TokenFacts {
        try verify(token, cache: cache, scratch: &scratch) { facts, scratch in
            if let acceptedAudiences, !scratch.audiences(of: facts).contains(where: acceptedAudiences.contains) {
                return .audienceRefused
            }
            return TokenVerdict.refusal(
                of: facts,
                text: scratch.text.span.bytes,
                expectedAudience: nil,
                leewaySeconds: leewaySeconds,
                now: now,
                revocations: revocations
            )
        }
    }

    /// Looks the token up or reads it, has its facts judged at this moment, and keeps them if they are good.
    @inline(__always)
    private func verify(
        _ token: RawSpan,
        cache: VerifiedTokenCache?,
        scratch: inout VerifyScratch,
        judging: (TokenFacts, borrowing VerifyScratch) -> TokenRefusal?
    ) throws(TokenRefusal) -> TokenFacts {
        let known = cache?.facts(of: token, generation: generation, text: &scratch.text)
        let facts = if let known { known } else { try read(token, scratch: &scratch) }
        if let refusal = judging(facts, scratch) { throw refusal }
        if known == nil {
            cache?.insert(token, facts: facts, text: scratch.text.span.bytes, generation: generation)
        }
        return facts
    }

    /// Whether judging the token takes no check of its signature: it is in the cache.
    package func knows(_ token: RawSpan, from cache: VerifiedTokenCache?) -> Bool {
        cache?.holds(token, generation: generation) ?? false
    }

    /// Puts a token that was just signed into the cache, unless this verifier would refuse it.
    ///
    /// Nothing is verified again: the facts are those that `claims` wrote. So the token must be what `signer` made of
    /// them, and they must have been written with the signer's issuer.
    /// - Parameter announcement: of this token, where it was announced.
    package func remember(
        _ token: RawSpan,
        announcedBy announcement: VerifiedTokenCache.Announcement? = nil,
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
        claims.withText { text in
            cache.insert(
                token,
                announcedBy: announcement,
                facts: claims.facts,
                text: text,
                generation: generation
            )
        }
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
        let index = try groupIndex(
            headerText: token.extracting(parts.header),
            header: &scratch.header,
            memory: &scratch.memory
        )
        let keyCount = knownKeys.groups[index].keys.count
        var refusal = TokenRefusal.keyRevoked
        for place in 0..<keyCount {
            do throws(TokenRefusal) {
                return try read(token, parts, as: knownKeys.groups[index].keys[place], scratch: &scratch)
            } catch {
                // Where one `kid` names keys of several issuers, the one that gets furthest tells the reason.
                refusal = place == 0 || error.isFurther(than: refusal) ? error : refusal
            }
            if place + 1 < keyCount {
                _ = Self.decode(token.extracting(parts.payload), to: &scratch.text)
            }
        }
        throw refusal
    }

    /// Reads a token whose header names `key`, and whose claims and signature are decoded.
    private func read(
        _ token: RawSpan,
        _ parts: TokenParts,
        as key: VerifyingKeys.Key,
        scratch: inout VerifyScratch
    ) throws(TokenRefusal) -> TokenFacts {
        guard key.isTrusted else { throw .keyRevoked }
        let isSigned = key.publicKey.verifies(
            signature: scratch.signature.span.bytes,
            message: token.extracting(0..<parts.payload.upperBound)
        )
        guard isSigned else { throw .signatureInvalid }
        var facts = try ClaimsReader.read(&scratch.text, issuer: key.issuer, memory: &scratch.memory)
        facts.isForeign = key.issuer != profile.issuer
        guard !key.audiences.isEmpty else { return facts }
        let audiences = scratch.text.span.bytes.extracting(facts.audiences.range)
        let isForOurs = key.audiences.contains { AudienceList.contains($0.span.bytes, in: audiences) }
        guard isForOurs else { throw .audienceRefused }
        return facts
    }

    /// What a token of this server's own would say that has these claims, or what it would be refused for; whoever is
    /// given claims without a token checks nothing by this but their form and issuer.
    package func facts(ofClaims claims: RawSpan, scratch: inout VerifyScratch) throws(TokenRefusal) -> TokenFacts {
        scratch.text.removeAll(keepingCapacity: true)
        scratch.text.append(claims)
        return try ClaimsReader.read(&scratch.text, issuer: profile.issuer, memory: &scratch.memory)
    }

    /// Index of the group of keys that the header names, after judging the header.
    private func groupIndex(
        headerText: RawSpan,
        header: inout [UInt8],
        memory: inout ReaderMemory
    ) throws(TokenRefusal) -> Int {
        if let index = knownKeys.index(ofHeaderText: headerText) { return index }
        guard Self.decode(headerText, to: &header) else { throw .malformed }
        return try HeaderReader.read(header.span.bytes, type: profile.type, keys: knownKeys, memory: &memory)
    }

    private static func decode(_ text: RawSpan, to bytes: inout [UInt8]) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        return Base64URL.decode(text, appendingTo: &bytes)
    }
}

extension TokenRefusal {
    /// Whether a token that is refused for this got further in the checks than one refused for `other`.
    fileprivate func isFurther(than other: TokenRefusal) -> Bool {
        let order = TokenRefusal.allCases
        return (order.firstIndex(of: self) ?? 0) > (order.firstIndex(of: other) ?? 0)
    }
}
