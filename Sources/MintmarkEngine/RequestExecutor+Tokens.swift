import MintmarkSessions
import MintmarkTokens
import MintmarkWire

/// SIGN and VERIFY: the operations that keep nothing.
extension RequestExecutor {
    mutating func sign(
        _ request: Request,
        _ body: RawSpan,
        into writer: inout FrameWriter
    ) throws(Refusal) -> Disposition {
        // Nothing about the request is terminal before it was read, and reading it would be work for nobody.
        try requireTime()
        let fields = try asRefusal { () throws(WireError) in try SignRequestFields(decoding: body) }
        // Held for the whole call, so that its parts need not be.
        let tokens = tokens
        let expiresAt = try writeClaims(fields, of: body, request, tokens)
        try checkSize(tokens.signer)
        try takeRate(.sign, request)
        try signWrittenClaims(tokens)
        try asRefusal { () throws(WireError) in
            try SignResponse.write(
                requestID: request.id,
                serverTime: request.instant.wallSeconds,
                accessToken: tokenRoom.span.bytes.extracting(first: tokenByteCount),
                expiresAt: expiresAt,
                expiresInSeconds: GrantTimes.remainingSeconds(until: expiresAt, from: request.instant.wallSeconds),
                into: &writer
            )
        }
        rememberToken(request.instant, tokens)
        return .ready
    }

    /// Judges what the token is asked to say, and writes it as claims.
    ///
    /// - Returns: when it expires.
    @inline(__always)
    private mutating func writeClaims(
        _ fields: SignRequestFields,
        of body: RawSpan,
        _ request: Request,
        _ tokens: TokenService
    ) throws(Refusal) -> UInt64 {
        let customClaims = body.extracting(try checkedClaims(fields.claims, in: body))
        let subject = body.extracting(fields.subject)
        let audiences = body.extracting(fields.audience.bytes)
        let scope = body.extracting(fields.scope ?? 0..<0)
        let policy = request.caller.policy
        let refusal = refusal(
            by: request.caller.permissions,
            subject: subject,
            audiences: audiences,
            scope: scope,
            claims: customClaims
        )
        if let refusal {
            throw Refusal(refusal)
        }
        try checkTTL(fields.accessTokenTTLSeconds, policy)
        let sessions = engine.sessions
        let ttl = sessions.accessTokenTTLSeconds(asked: fields.accessTokenTTLSeconds, policy: policy)
        let clientID = request.caller.clientID
        let beginning = tokens.signer.claimsBeginning
        let issuedAt = sessions.cutOffs.issueTime(
            subject: subject,
            client: clientID.span.bytes,
            wallSeconds: request.instant.wallSeconds
        )
        let expiresAt = request.instant.accessTokenExpiry(lifetime: ttl)
        claimsWriter.write(
            beginning: beginning.span.bytes,
            subject: subject,
            audiences: audiences,
            clientID: clientID.span.bytes,
            scope: scope,
            customClaims: customClaims,
            issuedAt: issuedAt,
            expiresAt: expiresAt,
            sessionID: nil
        )
        return expiresAt
    }

    mutating func verify(
        _ request: Request,
        _ body: RawSpan,
        into writer: inout FrameWriter
    ) throws(Refusal) -> Disposition {
        let fields = try asRefusal { () throws(WireError) in try VerifyRequestFields(decoding: body) }
        let expectedAudience: RawSpan? =
            if let range = fields.expectedAudience { body.extracting(range) } else { nil }
        // Held for the whole call, so that their parts need not be.
        let engine = engine
        let tokens = tokens
        if mustShed, !tokens.verifier.knows(body.extracting(fields.accessToken), from: tokens.cache) {
            try requireTime()
        }
        let facts: TokenFacts
        do throws(TokenRefusal) {
            facts = try tokens.verifier.verify(
                body.extracting(fields.accessToken),
                expectedAudience: expectedAudience,
                leewaySeconds: fields.leewaySeconds ?? tokens.leewaySeconds,
                now: request.instant.wallSeconds,
                cache: tokens.cache,
                revocations: engine.revocations,
                scratch: &verifyScratch
            )
        } catch {
            return try answerInactive(Status(error), request, into: &writer)
        }
        let liveness = fields.requiresLiveSession ? liveness(of: facts, request.instant) : (isLive: true, after: .zero)
        guard let isLive = liveness.isLive else {
            throw Refusal(.storage)
        }
        guard isLive else {
            return try answerInactive(.sessionNotLive, after: liveness.after, request, into: &writer)
        }
        try takeRate(.verify, request)
        counters.add(.verifyActive)
        try answerActive(facts, omitsClaims: fields.omitsClaims, request, into: &writer)
        return .answered(after: liveness.after)
    }

    /// Whether the token's session is known and alive, and is what the token says it is, and what an answer that says so has to wait for. Nil: that cannot be told yet.
    private func liveness(of facts: TokenFacts, _ now: SessionInstant) -> (isLive: Bool?, after: LogSequenceNumber) {
        guard let sessionID = facts.sessionID, !facts.isForeign else {
            return (false, .zero)
        }
        let sessions = engine.sessions
        return verifyScratch.withNames(of: facts) { subject, clientID in
            sessions.liveness(of: SessionID(number: sessionID), subject: subject, clientID: clientID, now: now)
        }
    }

    private mutating func answerActive(
        _ facts: TokenFacts,
        omitsClaims: Bool,
        _ request: Request,
        into writer: inout FrameWriter
    ) throws(Refusal) {
        try asRefusal { () throws(WireError) in
            guard !omitsClaims else {
                return try VerifyResponse.writeActive(requestID: request.id, into: &writer)
            }
            try verifyScratch.withClaims(of: facts) { (claims) throws(WireError) in
                try VerifyResponse.writeActive(requestID: request.id, claims: claims, into: &writer)
            }
        }
    }

    private mutating func answerInactive(
        _ reason: Status,
        after lsn: LogSequenceNumber = .zero,
        _ request: Request,
        into writer: inout FrameWriter
    ) throws(Refusal) -> Disposition {
        counters.add(.status(reason))
        counters.add(.verifyInactive)
        try asRefusal { () throws(WireError) in
            try VerifyResponse.writeInactive(requestID: request.id, reason: reason, into: &writer)
        }
        return .answered(after: lsn)
    }
}

// MARK: - Making access tokens

extension RequestExecutor {
    /// The custom claims, judged; an empty range when there are none.
    mutating func checkedClaims(_ claims: Range<Int>?, in body: RawSpan) throws(Refusal) -> Range<Int> {
        guard let claims else {
            return 0..<0
        }
        do throws(ClaimsError) {
            try claimsValidator.validate(body.extracting(claims))
        } catch {
            var refusal = Refusal(Status(error), field: .claims)
            refusal.detail = error.description
            throw refusal
        }
        return claims
    }

    /// Callers may only ask for a shorter life than the policy's.
    func checkTTL(_ asked: UInt32?, _ policy: ClientPolicy) throws(Refusal) {
        let longest = policy.accessTokenTTLSeconds
        guard let asked, asked > longest else {
            return
        }
        throw Refusal(
            WireError(
                .ttlTooLong,
                field: Tag.accessTokenTTL.rawValue,
                found: UInt64(asked),
                allowed: 1...UInt64(longest)
            )
        )
    }

    /// Refuses claims that would make too long a token, before anything is used up for it.
    private func checkSize(_ signer: TokenSigner) throws(Refusal) {
        let byteCount = signer.byteCount(of: claimsWriter)
        guard byteCount <= Limits.accessTokenLengthMax else {
            throw Self.tokenTooLarge(byteCount)
        }
    }

    private static func tokenTooLarge(_ byteCount: Int) -> Refusal {
        Refusal(WireError(.tokenTooLarge, found: UInt64(byteCount), allowed: 1...UInt64(Limits.accessTokenLengthMax)))
    }

    /// Signs the claims that were written last into `tokenRoom`, and announces it to the cache: to be followed by
    /// ``rememberToken(_:_:)`` once the answer is written, which takes about as long as finding its place there.
    mutating func signWrittenClaims(_ tokens: TokenService) throws(Refusal) {
        do throws(TokenTooLarge) {
            tokenByteCount = try tokens.signer.sign(claimsWriter, into: &tokenRoom)
        } catch {
            throw Self.tokenTooLarge(error.byteCount)
        }
        tokenAnnouncement = tokens.cache?.announceInsertion(of: tokenRoom.span.bytes.extracting(first: tokenByteCount))
    }

    /// Remembers the token that was signed last for the verifications to come.
    mutating func rememberToken(_ instant: SessionInstant, _ tokens: TokenService) {
        guard let cache = tokens.cache else {
            return
        }
        tokens.verifier.remember(
            tokenRoom.span.bytes.extracting(first: tokenByteCount),
            announcedBy: tokenAnnouncement,
            claims: claimsWriter,
            signedBy: tokens.signer,
            now: instant.wallSeconds,
            cache: cache
        )
    }
}

// MARK: - Status numbers

extension Status {
    /// The status that tells callers of a refused access token.
    init(_ refusal: TokenRefusal) {
        self =
            switch refusal {
            case .oversize: .tokenOversize
            case .malformed: .tokenMalformed
            case .algorithmRefused: .algorithmRefused
            case .headerRefused: .headerRefused
            case .typeRefused: .typeRefused
            case .keyUnknown: .keyUnknown
            case .keyRevoked: .keyRevoked
            case .signatureInvalid: .signatureInvalid
            case .claimsRefused: .claimsRefused
            case .issuerRefused: .issuerRefused
            case .audienceRefused: .audienceRefused
            case .expired: .tokenExpired
            case .notYetValid: .tokenNotYetValid
            case .revoked: .tokenRevoked
            }
    }

    /// The status that tells callers of refused custom claims.
    init(_ error: ClaimsError) {
        self =
            switch error {
            case .invalid, .tooLong: .claimsInvalid
            case .duplicate: .claimsDuplicate
            case .reserved: .claimsReserved
            }
    }
}
