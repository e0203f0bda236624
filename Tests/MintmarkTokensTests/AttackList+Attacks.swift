extension AttackList {
    static func attacks(on rule: Rule) -> [Attack] {
        switch rule {
        case .serialization: serialization
        case .strictJSON: strictJSON
        case .algorithm: algorithm
        case .keyID: keyID
        case .trust: trust
        case .type: type
        case .issuerAndAudience: issuerAndAudience
        case .times: times
        case .order: order
        case .signature: signature
        case .publicKey: publicKey
        case .vectors: vectors
        case .oracle: oracle
        case .cache: cache
        }
    }

    private static let serialization = [
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
        Attack(
            attack: "other spellings of header and claims",
            suite: "HostileShapeTests",
            test: "onlyOneSpellingOfHeaderAndClaimsIsAccepted"
        ),
        Attack(attack: "JSON serialization", suite: "HostileShapeTests", test: "jsonSerializationIsMalformed"),
        Attack(attack: "JWE", suite: "HostileShapeTests", test: "encryptedTokenIsMalformed"),
    ]

    private static let strictJSON = [
        Attack(
            attack: "header with duplicates, BOM, trailing bytes",
            suite: "HostileHeaderTests",
            test: "headerThatIsNotStrictJSONIsMalformed"
        ),
        Attack(attack: "header in UTF-16", suite: "HostileHeaderTests", test: "headerInOtherEncodingsIsMalformed"),
        Attack(attack: "header of depth 3", suite: "HostileHeaderTests", test: "headerDepthIsLimited"),
        Attack(attack: "header of 1025 bytes", suite: "HostileHeaderTests", test: "headerLengthIsLimited"),
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
        Attack(
            attack: "what other JSON readers take or refuse",
            suite: "JSONScannerTests",
            test: "invalidValueIsRejected"
        ),
        Attack(
            attack: "mutated documents",
            suite: "JSONMutationTests",
            test: "mutationIsRejectedOrReadAlikeByFoundation"
        ),
    ]

    private static let algorithm = [
        Attack(attack: "alg none in any case", suite: "HostileHeaderTests", test: "noAlgorithmIsRefused"),
        Attack(attack: "HS, RS, ES, PS, Ed448", suite: "HostileHeaderTests", test: "otherAlgorithmIsRefused"),
        Attack(attack: "public key as HMAC secret", suite: "HostileHeaderTests", test: "publicKeyIsNoSharedSecret"),
        Attack(attack: "alg absent or no text", suite: "HostileHeaderTests", test: "algorithmThatIsNoTextIsRefused"),
        Attack(
            attack: "the other name of the algorithm",
            suite: "HostileHeaderTests",
            test: "bothNamesOfTheAlgorithmAreAccepted"
        ),
        Attack(
            attack: "a name that was not configured",
            suite: "TokenSignerTests",
            test: "headerSaysAlgorithmTypeAndKey"
        ),
    ]

    private static let keyID = [
        Attack(
            attack: "kid absent, unknown, long, injected",
            suite: "HostileHeaderTests",
            test: "unknownKeyIsRefusedAndNoOtherIsTried"
        ),
        Attack(attack: "kid nearly right", suite: "HostileHeaderTests", test: "keyIDIsComparedExactly"),
        Attack(attack: "revoked key", suite: "HostileHeaderTests", test: "keyStateDecides"),
    ]

    private static let trust = [
        Attack(
            attack: "crit, jwk, jku, x5u, x5c, zip, b64",
            suite: "HostileHeaderTests",
            test: "memberThatMovesTrustIsRefused"
        ),
        Attack(attack: "key in the token", suite: "HostileHeaderTests", test: "embeddedKeyIsNotUsed"),
    ]

    private static let type = [
        Attack(attack: "token of another type", suite: "HostileHeaderTests", test: "otherTypeIsRefused"),
        Attack(attack: "type configured otherwise", suite: "HostileHeaderTests", test: "configuredTypeIsWanted"),
    ]

    private static let issuerAndAudience = [
        Attack(attack: "another issuer", suite: "HostileClaimsTests", test: "otherIssuerIsRefused"),
        Attack(attack: "another audience", suite: "HostileClaimsTests", test: "audienceMustContainTheExpectedOne"),
        Attack(attack: "required claim missing", suite: "HostileClaimsTests", test: "requiredClaimIsRequired"),
        Attack(attack: "claim of another type", suite: "HostileClaimsTests", test: "textClaimMustBeText"),
        Attack(
            attack: "sid spelled otherwise",
            suite: "HostileClaimsTests",
            test: "sessionIDIsSixteenBytesInBase64URL"
        ),
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

    private static let order = [
        Attack(
            attack: "parser reached without a signature",
            suite: "HostileSignatureTests",
            test: "signatureIsCheckedBeforeClaims"
        ),
        Attack(attack: "checks in another order", suite: "HostileClaimsTests", test: "checksComeInOrder"),
        Attack(
            attack: "one reason for all",
            suite: "TokenStatusTests",
            test: "everyReasonIsAStatusOfItsOwn",
            target: "MintmarkEngineTests"
        ),
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
            attack: "S plus multiples of the order",
            suite: "Ed25519AttackTests",
            test: "scalarPlusMultipleOfTheOrderIsRefused",
            target: "MintmarkCryptoTests"
        ),
        Attack(
            attack: "R of small order, equation solved",
            suite: "Ed25519AttackTests",
            test: "smallOrderPointAsRIsRefusedEvenWhereTheEquationHolds",
            target: "MintmarkCryptoTests"
        ),
    ]

    private static let publicKey = [
        Attack(
            attack: "key of small order",
            suite: "Ed25519AttackTests",
            test: "smallOrderPointIsNoPublicKey",
            target: "MintmarkCryptoTests"
        ),
        Attack(
            attack: "key not canonical",
            suite: "Ed25519AttackTests",
            test: "nonCanonicalEncodingIsNoPublicKey",
            target: "MintmarkCryptoTests"
        ),
        Attack(
            attack: "key outside of the group",
            suite: "Ed25519AttackTests",
            test: "pointOutsideOfThePrimeOrderGroupIsNoPublicKey",
            target: "MintmarkCryptoTests"
        ),
        Attack(
            attack: "key off the curve",
            suite: "Ed25519AttackTests",
            test: "pointOffTheCurveIsNoPublicKey",
            target: "MintmarkCryptoTests"
        ),
        Attack(
            attack: "key of another length",
            suite: "Ed25519Tests",
            test: "publicKeyIsExactly32Bytes",
            target: "MintmarkCryptoTests"
        ),
    ]

    private static let vectors = [
        Attack(
            attack: "RFC 8032 section 7.1",
            suite: "Ed25519Tests",
            test: "publishedVectorsSignAndVerify",
            target: "MintmarkCryptoTests"
        ),
        Attack(attack: "RFC 8037 A.1 to A.3", suite: "KeyRingTests", test: "thumbprintIsThatOfRFC8037"),
        Attack(attack: "RFC 8037 A.4 and A.5", suite: "KeyRingTests", test: "compactSerializationIsThatOfRFC8037"),
        Attack(attack: "RFC 7638", suite: "KeyRingTests", test: "digestIsThatOfRFC7638"),
        Attack(attack: "the protocol's own", suite: "AccessTokenVectorTests", test: "verdictIsAsPublished"),
    ]

    private static let oracle = [
        Attack(
            attack: "reserved name in custom claims",
            suite: "ClaimsValidatorTests",
            test: "registeredNameIsReserved"
        ),
        Attack(attack: "claims injected by a text", suite: "ClaimsWriterTests", test: "textIsEscapedAndReadBack"),
        Attack(
            attack: "claims with two faces",
            suite: "RequestLimitTests",
            test: "badClaimsMakeNothing",
            target: "MintmarkEngineTests"
        ),
        Attack(
            attack: "longer life than allowed",
            suite: "RequestLimitTests",
            test: "lifetimeIsAtMostThePolicys",
            target: "MintmarkEngineTests"
        ),
        Attack(
            attack: "life lengthened by revocations",
            suite: "RevocationTests",
            test: "repeatedRevocationsLengthenNoLife",
            target: "MintmarkEngineTests"
        ),
        Attack(attack: "one jti for two tokens", suite: "ClaimsWriterTests", test: "tokenIDsDifferAndAreDrawnInBlocks"),
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
