import MintmarkCrypto

/// Reads a verifier's facts from a claims object.
struct ClaimsReader {
    private static let sessionIDTextCount = 22

    private(set) var facts = TokenFacts()
    private var issuer: JSONText?
    private var subject: JSONText?
    private var clientID: JSONText?
    private var audience: JSONValue?
    private var hasIssuedAt = false
    private var hasExpiresAt = false

    /// Turns `text`, the decoded claims, into facts, and appends to it what the facts refer to behind the claims.
    ///
    /// - Throws: `malformed` unless the claims are one strict JSON object; `claimsRefused` unless `iss`, `sub`, `aud`,
    ///   `iat` and `exp` are there, `iss`, `sub`, `client_id`, `scope`, `jti` and `sid` are strings (`sid` of 16 bytes
    ///   in base64url), `aud` is a string or an array of one string or more, and `exp`, `iat` and `nbf` are integers from 0 to
    ///   2^63 − 1, written without fraction and exponent; `issuerRefused` unless `iss` is `issuer`.
    static func read(
        _ text: inout [UInt8],
        issuer: [UInt8],
        memory: inout ReaderMemory
    ) throws(TokenRefusal) -> TokenFacts {
        var reader = ClaimsReader()
        memory.derived.removeAll(keepingCapacity: true)
        try reader.take(text.span.bytes, issuer: issuer, memory: &memory)
        if !memory.derived.isEmpty {
            text.append(contentsOf: memory.derived)
        }
        return reader.facts
    }

    private mutating func take(
        _ claims: RawSpan,
        issuer: [UInt8],
        memory: inout ReaderMemory
    ) throws(TokenRefusal) {
        do {
            try JSONScanner.scan(claims, depthMax: TokenLimits.claimsDepthMax, into: &memory.json)
        } catch {
            throw .malformed
        }
        for member in memory.json.members {
            guard let claim = memory.json.withName(member.name, in: claims, { RegisteredClaim(name: $0) }) else {
                continue
            }
            try take(claim, member.value, from: claims, unescaped: &memory.unescaped)
        }
        try finish(claims, issuer: issuer, memory: &memory)
    }

    private mutating func take(
        _ claim: RegisteredClaim,
        _ value: JSONValue,
        from claims: RawSpan,
        unescaped: inout [UInt8]
    ) throws(TokenRefusal) {
        switch claim {
        case .issuer: issuer = try Self.text(value)
        case .subject: subject = try Self.text(value)
        case .clientID: clientID = try Self.text(value)
        case .tokenID, .scope: _ = try Self.text(value)
        case .audience: audience = value
        case .sessionID:
            facts.sessionID = try Self.sessionID(try Self.text(value), from: claims, unescaped: &unescaped)
        case .expiresAt:
            facts.expiresAt = try Self.date(value, in: claims)
            hasExpiresAt = true
        case .issuedAt:
            facts.issuedAt = try Self.date(value, in: claims)
            hasIssuedAt = true
        case .notBefore:
            facts.notBefore = try Self.date(value, in: claims)
        }
    }

    private mutating func finish(
        _ claims: RawSpan,
        issuer expected: [UInt8],
        memory: inout ReaderMemory
    ) throws(TokenRefusal) {
        guard let issuer, let subject, let audience, hasIssuedAt, hasExpiresAt else { throw .claimsRefused }
        facts.claimsByteCount = claims.byteCount
        facts.audiences = try Self.audiences(audience, of: claims, derived: &memory.derived)
        facts.subject = Self.slice(subject, of: claims, derived: &memory.derived)
        if let clientID {
            facts.clientID = Self.slice(clientID, of: claims, derived: &memory.derived)
        }
        let isExpected = issuer.withBytes(in: claims, unescaped: &memory.unescaped) { issuer in
            issuer.hasSameBytes(as: expected.span.bytes)
        }
        guard isExpected else { throw .issuerRefused }
    }
}

// MARK: - Single claims

extension ClaimsReader {
    private static func text(_ value: JSONValue) throws(TokenRefusal) -> JSONText {
        guard let text = value.text else { throw .claimsRefused }
        return text
    }

    /// A NumericDate, of RFC 7519's only the integers: nobody writes others, and readers round them differently.
    private static func date(_ value: JSONValue, in claims: RawSpan) throws(TokenRefusal) -> UInt64 {
        guard value.kind == .number else { throw .claimsRefused }
        var date: UInt64 = 0
        for offset in value.range {
            let byte = claims.byte(at: offset)
            guard ASCII.isDigit(byte), date <= (1 << 63) / 10 else { throw .claimsRefused }
            date = date * 10 + UInt64(byte - ASCII.zero)
        }
        guard date < 1 << 63 else { throw .claimsRefused }
        return date
    }

    private static func sessionID(
        _ text: JSONText,
        from claims: RawSpan,
        unescaped: inout [UInt8]
    ) throws(TokenRefusal) -> UInt128 {
        var sessionID: UInt128?
        if text.isEscaped == false && text.range.count == sessionIDTextCount {
            unescaped.removeAll(keepingCapacity: true)
            if Base64URL.decode(claims.extracting(text.range), appendingTo: &unescaped) {
                sessionID = unescaped.reduce(0) { $0 << 8 | UInt128($1) }
            }
        }
        guard let sessionID else { throw .claimsRefused }
        return sessionID
    }

    /// Where the text's characters lie: in the claims, or, when they are escaped there, behind them.
    private static func slice(
        _ text: JSONText,
        of claims: RawSpan,
        derived: inout [UInt8]
    ) -> TokenFacts.TextSlice {
        guard text.isEscaped else { return TokenFacts.TextSlice(text.range) }
        let start = claims.byteCount + derived.count
        text.appendUnescaped(from: claims, to: &derived)
        return TokenFacts.TextSlice(start..<claims.byteCount + derived.count)
    }

    /// Appends `aud` as an `AudienceList`; it is the first to be appended.
    private static func audiences(
        _ value: JSONValue,
        of claims: RawSpan,
        derived: inout [UInt8]
    ) throws(TokenRefusal) -> TokenFacts.TextSlice {
        let start = claims.byteCount + derived.count
        if let text = value.text {
            append(text, of: claims, to: &derived)
        } else {
            guard value.kind == .array else { throw .claimsRefused }
            var cursor = JSONStringCursor(array: value.range)
            do {
                while let text = try cursor.next(in: claims) {
                    append(text, of: claims, to: &derived)
                }
            } catch {
                throw .claimsRefused
            }
            guard !derived.isEmpty else { throw .claimsRefused }
        }
        return TokenFacts.TextSlice(start..<claims.byteCount + derived.count)
    }

    private static func append(_ audience: JSONText, of claims: RawSpan, to list: inout [UInt8]) {
        let start = list.count
        list.append(0)
        list.append(0)
        audience.appendUnescaped(from: claims, to: &list)
        let count = list.count - start - 2
        list[start] = UInt8(count >> 8)
        list[start + 1] = UInt8(count & 0xFF)
    }
}
