import Testing

/// The known attacks on tokens, each with the test that tries it. The list is what a reviewer reads; `AttackListTests`
/// sees to it that every name in it is a test of this folder.
enum AttackList {
    struct Attack: CustomTestStringConvertible, Sendable {
        let attack: String
        let suite: String
        let test: String

        var testDescription: String { attack }
    }

    static let attacks: [Attack] = shape + header + signature + claims + times + cache

    private static let shape = [
        Attack(attack: "token of 8193 bytes", suite: "HostileShapeTests", test: "sizeIsLimited"),
        Attack(attack: "huge token", suite: "HostileShapeTests", test: "oversizeComesBeforeAnyOtherCheck"),
        Attack(attack: "no, one, two, four parts", suite: "HostileShapeTests", test: "wrongNumberOfPartsIsMalformed"),
        Attack(attack: "part missing or added", suite: "HostileShapeTests", test: "missingOrExtraPartIsMalformed"),
        Attack(attack: "empty part, signature stripped", suite: "HostileShapeTests", test: "emptyPartIsRefused"),
        Attack(attack: "padding", suite: "HostileShapeTests", test: "paddingIsMalformed"),
        Attack(attack: "+ and / of base64", suite: "HostileShapeTests", test: "standardBase64AlphabetIsMalformed"),
        Attack(attack: "white space, NUL", suite: "HostileShapeTests", test: "anythingBesideTheAlphabetIsMalformed"),
        Attack(attack: "length 4n + 1", suite: "HostileShapeTests", test: "lengthOf4nPlus1IsMalformed"),
        Attack(
            attack: "sixteen spellings of a signature",
            suite: "HostileShapeTests",
            test: "onlyOneOfSixteenSignatureSpellingsIsAccepted"
        ),
        Attack(attack: "JSON serialization", suite: "HostileShapeTests", test: "jsonSerializationIsMalformed"),
        Attack(attack: "JWE", suite: "HostileShapeTests", test: "encryptedTokenIsMalformed"),
    ]

    private static let header = [
        Attack(attack: "alg none in any case", suite: "HostileHeaderTests", test: "noAlgorithmIsRefused"),
        Attack(attack: "HS, RS, ES, PS, Ed448", suite: "HostileHeaderTests", test: "otherAlgorithmIsRefused"),
        Attack(attack: "public key as HMAC secret", suite: "HostileHeaderTests", test: "publicKeyIsNoSharedSecret"),
        Attack(attack: "alg absent or no text", suite: "HostileHeaderTests", test: "algorithmThatIsNoTextIsRefused"),
        Attack(
            attack: "crit, jwk, jku, x5u, x5c, zip, b64",
            suite: "HostileHeaderTests",
            test: "memberThatMovesTrustIsRefused"
        ),
        Attack(attack: "key in the token", suite: "HostileHeaderTests", test: "embeddedKeyIsNotUsed"),
        Attack(attack: "token of another type", suite: "HostileHeaderTests", test: "otherTypeIsRefused"),
        Attack(attack: "type configured otherwise", suite: "HostileHeaderTests", test: "configuredTypeIsWanted"),
        Attack(
            attack: "kid absent, unknown, long, injected",
            suite: "HostileHeaderTests",
            test: "unknownKeyIsRefusedAndNoOtherIsTried"
        ),
        Attack(attack: "kid nearly right", suite: "HostileHeaderTests", test: "keyIDIsComparedExactly"),
        Attack(attack: "revoked key", suite: "HostileHeaderTests", test: "keyStateDecides"),
        Attack(
            attack: "header with duplicates, BOM, trailing bytes",
            suite: "HostileHeaderTests",
            test: "headerThatIsNotStrictJSONIsMalformed"
        ),
        Attack(attack: "header in UTF-16", suite: "HostileHeaderTests", test: "headerInOtherEncodingsIsMalformed"),
        Attack(attack: "header of depth 3", suite: "HostileHeaderTests", test: "headerDepthIsLimited"),
        Attack(attack: "header of 1025 bytes", suite: "HostileHeaderTests", test: "headerLengthIsLimited"),
    ]

    private static let signature = [
        Attack(
            attack: "any bit changed",
            suite: "HostileSignatureTests",
            test: "everyChangedBitOfTheSignatureIsRefused"
        ),
        Attack(attack: "malleable S", suite: "HostileSignatureTests", test: "malleableScalarIsRefused"),
        Attack(attack: "truncated, extended, swapped", suite: "HostileSignatureTests", test: "otherLengthIsRefused"),
        Attack(
            attack: "R of small order or not canonical",
            suite: "HostileSignatureTests",
            test: "pointOfSmallOrderOrNotCanonicalIsRefused"
        ),
        Attack(
            attack: "signature of other claims, another key, a part",
            suite: "HostileSignatureTests",
            test: "signatureOfAnotherKeyOrTextIsRefused"
        ),
        Attack(attack: "header reordered", suite: "HostileSignatureTests", test: "reorderedHeaderIsRefused"),
        Attack(
            attack: "parser reached without a signature",
            suite: "HostileSignatureTests",
            test: "signatureIsCheckedBeforeClaims"
        ),
    ]

    private static let claims = [
        Attack(
            attack: "claims with duplicates, BOM, trailing bytes",
            suite: "HostileClaimsTests",
            test: "claimsThatAreNotStrictJSONAreMalformed"
        ),
        Attack(attack: "claims in UTF-16", suite: "HostileClaimsTests", test: "claimsInOtherEncodingsAreMalformed"),
        Attack(attack: "claims of depth 17", suite: "HostileClaimsTests", test: "claimsDepthIsLimited"),
        Attack(
            attack: "names equal after unescaping",
            suite: "JSONLimitTests",
            test: "namesAreComparedAfterUnescaping"
        ),
        Attack(attack: "very many names", suite: "JSONLimitTests", test: "manyLongEqualPrefixesAreNoAttack"),
        Attack(attack: "100 000 brackets", suite: "JSONScannerTests", test: "invalidDocumentIsRejected"),
        Attack(attack: "required claim missing", suite: "HostileClaimsTests", test: "requiredClaimIsRequired"),
        Attack(attack: "claim of another type", suite: "HostileClaimsTests", test: "textClaimMustBeText"),
        Attack(
            attack: "sid spelled otherwise",
            suite: "HostileClaimsTests",
            test: "sessionIDIsSixteenBytesInBase64URL"
        ),
        Attack(attack: "another issuer", suite: "HostileClaimsTests", test: "otherIssuerIsRefused"),
        Attack(attack: "another audience", suite: "HostileClaimsTests", test: "audienceMustContainTheExpectedOne"),
        Attack(
            attack: "reserved name in custom claims",
            suite: "ClaimsValidatorTests",
            test: "registeredNameIsReserved"
        ),
        Attack(attack: "claims injected by a text", suite: "ClaimsWriterTests", test: "textIsEscapedAndReadBack"),
    ]

    private static let times = [
        Attack(
            attack: "dates as texts, fractions, 2^63, 1e400, negative",
            suite: "HostileClaimsTests",
            test: "dateMustBeAnIntegerBelow2To63"
        ),
        Attack(attack: "exp, nbf, iat at the leeway", suite: "HostileClaimsTests", test: "leewayWidensTheTokensLife"),
        Attack(attack: "overflow of date and leeway", suite: "HostileClaimsTests", test: "timesDoNotOverflow"),
    ]

    private static let cache = [
        Attack(attack: "cached token past its end", suite: "VerifiedTokenCacheTests", test: "hitIsJudgedAnew"),
        Attack(
            attack: "cached token after revocation",
            suite: "CachedEqualsUncachedTests",
            test: "everyVerdictIsTheSame"
        ),
        Attack(
            attack: "cached token of a revoked key",
            suite: "VerifiedTokenCacheTests",
            test: "revokedKeyEndsItsCachedTokens"
        ),
        Attack(
            attack: "forged token with a cached signature",
            suite: "VerifiedTokenCacheTests",
            test: "tokenWithTheSameSignatureIsNoHit"
        ),
        Attack(attack: "cache filled up", suite: "CacheStripeTests", test: "bytesAreBounded"),
        Attack(
            attack: "cache filled with refused tokens",
            suite: "VerifiedTokenCacheTests",
            test: "refusedTokenIsNotKept"
        ),
    ]
}
