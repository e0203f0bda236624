/// The fields of version 1, in the order of their tags. The meanings are at the cases of `Tag`.
enum Fields {
    static var magic: Field<MagicFormat> { Field(.magic, 8...8) }
    static var lowestVersion: Field<NumberFormat<UInt16>> { Field(.lowestVersion) }
    static var highestVersion: Field<NumberFormat<UInt16>> { Field(.highestVersion) }
    static var clientName: Field<TextFormat> { Field(.clientName, 1...Limits.clientNameLengthMax) }
    static var clientNonce: Field<BytesFormat> { Field(.clientNonce, 32...32) }
    static var version: Field<NumberFormat<UInt16>> { Field(.version) }
    static var serverBuild: Field<TextFormat> { Field(.serverBuild, 1...64) }
    static var serverTime: Field<NumberFormat<UInt64>> { Field(.serverTime) }
    static var frameLengthLimit: Field<NumberFormat<UInt32>> { Field(.frameLengthLimit) }
    static var inFlightLimit: Field<NumberFormat<UInt32>> { Field(.inFlightLimit) }
    static var serverNonce: Field<BytesFormat> { Field(.serverNonce, 32...32) }
    static var authenticationRequired: Field<FlagFormat> { Field(.authenticationRequired) }
    static var signature: Field<BytesFormat> { Field(.signature, 64...64) }

    static var accessToken: Field<BytesFormat> { Field(.accessToken) }
    static var refreshToken: Field<BytesFormat> { Field(.refreshToken) }
    /// The claims of a request, which are only the caller's own.
    static var customClaims: Field<BytesFormat> { Field(.claims, 2...Limits.claimsLengthMax) }
    /// The claims of an answer, which are all of the token's.
    static var claims: Field<BytesFormat> { Field(.claims, 2...8_192) }
    static var subject: Field<NameFormat> { Field(.subject, 1...Limits.subjectLengthMax) }
    static var audience: Field<NameListFormat> { Field(.audience, 1...Limits.audienceCountMax) }
    static var expectedAudience: Field<TextFormat> { Field(.expectedAudience, 1...Limits.audienceLengthMax) }
    static var anyAudience: Field<FlagFormat> { Field(.anyAudience) }
    static var scope: Field<ScopeFormat> { Field(.scope, 1...Limits.scopeLengthMax) }
    static var accessTokenTTL: Field<NumberFormat<UInt32>> { Field(.accessTokenTTL, 1...) }
    static var expiresAt: Field<NumberFormat<UInt64>> { Field(.expiresAt) }
    static var expiresIn: Field<NumberFormat<UInt32>> { Field(.expiresIn) }
    static var active: Field<FlagFormat> { Field(.active) }
    static var reason: Field<StatusFormat> { Field(.reason) }
    static var omitClaims: Field<FlagFormat> { Field(.omitClaims) }

    static var requireLiveSession: Field<FlagFormat> { Field(.requireLiveSession) }
    static var leeway: Field<NumberFormat<UInt32>> { Field(.leeway, 0...Limits.leewaySecondsMax) }
    static var sessionID: Field<BytesFormat> { Field(.sessionID, 16...16) }
    static var clientID: Field<NameFormat> { Field(.clientID, 1...Limits.clientIDLengthMax) }
    static var context: Field<BytesFormat> { Field(.context, 1...Limits.contextLengthMax) }
    static var attemptID: Field<BytesFormat> { Field(.attemptID, 16...16) }
    static var refreshExpiresAt: Field<NumberFormat<UInt64>> { Field(.refreshExpiresAt) }
    static var refreshExpiresIn: Field<NumberFormat<UInt32>> { Field(.refreshExpiresIn) }
    static var sessionExpiresAt: Field<NumberFormat<UInt64>> { Field(.sessionExpiresAt) }
    static var sessionExpiresIn: Field<NumberFormat<UInt32>> { Field(.sessionExpiresIn) }
    static var refreshOutcome: Field<ChoiceFormat<RefreshOutcome>> { Field(.refreshOutcome, 1...4) }
    static var generation: Field<NumberFormat<UInt32>> { Field(.generation) }
    static var createdAt: Field<NumberFormat<UInt64>> { Field(.createdAt) }
    static var lastUsedAt: Field<NumberFormat<UInt64>> { Field(.lastUsedAt) }
    static var all: Field<TrueFormat> { Field(.all) }

    static var jwks: Field<BytesFormat> { Field(.jwks, 2...) }
    static var counters: Field<CounterListFormat> { Field(.counters) }
    static var ready: Field<FlagFormat> { Field(.ready) }
    static var readinessReasons: Field<TextListFormat> { Field(.readinessReasons) }
    static var buildID: Field<BytesFormat> { Field(.buildID, 1...64) }
    static var settings: Field<TextListFormat> { Field(.settings) }
    static var settingsDigest: Field<BytesFormat> { Field(.settingsDigest, 32...32) }

    static var status: Field<StatusFormat> { Field(.status) }
    static var message: Field<TextFormat> { Field(.message, 0...Limits.messageLengthMax) }
    static var field: Field<NumberFormat<UInt8>> { Field(.field) }
    static var reuseClass: Field<ChoiceFormat<ReuseClass>> { Field(.reuseClass, 1...3) }
    static var rule: Field<TextFormat> { Field(.rule, 1...64) }
    static var retryAfter: Field<NumberFormat<UInt32>> { Field(.retryAfter) }

    static var signingKeys: Field<KeyListFormat> { Field(.signingKeys) }
    static var keyID: Field<NameFormat> { Field(.keyID, 1...Limits.keyIDLengthMax) }
    static var usableAt: Field<NumberFormat<UInt64>> { Field(.usableAt) }
    static var immediately: Field<FlagFormat> { Field(.immediately) }
    static var keyFile: Field<NameFormat> { Field(.keyFile, 1...255) }
}
