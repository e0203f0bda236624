extension HardeningList {
    private static let folder = "MintmarkTokensTests"

    static func tokens(_ line: Line) -> [Trial] {
        switch line {
        case .tokenShape:
            [
                Trial(folder, "HostileShapeTests", "wrongNumberOfPartsIsMalformed"),
                Trial(folder, "HostileShapeTests", "paddingIsMalformed"),
                Trial(folder, "HostileShapeTests", "anythingBesideTheAlphabetIsMalformed"),
                Trial(folder, "HostileShapeTests", "lengthOf4nPlus1IsMalformed"),
                Trial(folder, "HostileShapeTests", "onlyOneOfSixteenSignatureSpellingsIsAccepted"),
                Trial(folder, "HostileShapeTests", "onlyOneSpellingOfHeaderAndClaimsIsAccepted"),
                Trial(folder, "HostileShapeTests", "oversizeComesBeforeAnyOtherCheck"),
                Trial(folder, "HostileShapeTests", "jsonSerializationIsMalformed"),
            ]
        case .tokenJSON:
            [
                Trial(folder, "JSONScannerTests", "validDocumentIsAccepted"),
                Trial(folder, "JSONScannerTests", "invalidDocumentIsRejected"),
                Trial(folder, "JSONLimitTests", "duplicateIsFoundAtEveryPlace"),
                Trial(folder, "JSONLimitTests", "namesAreComparedAfterUnescaping"),
                Trial(folder, "JSONLimitTests", "headerDepthIsLimited"),
                Trial(folder, "JSONLimitTests", "claimsDepthIsLimited"),
                Trial(folder, "HostileHeaderTests", "headerInOtherEncodingsIsMalformed"),
                Trial(folder, "HostileClaimsTests", "claimsInOtherEncodingsAreMalformed"),
            ]
        case .tokenAlgorithm:
            [
                Trial(folder, "HostileHeaderTests", "bothNamesOfTheAlgorithmAreAccepted"),
                Trial(folder, "HostileHeaderTests", "noAlgorithmIsRefused"),
                Trial(folder, "HostileHeaderTests", "otherAlgorithmIsRefused"),
                Trial(folder, "HostileHeaderTests", "publicKeyIsNoSharedSecret"),
                Trial(folder, "TokenSignerTests", "headerSaysAlgorithmTypeAndKey"),
            ]
        default:
            [
                Trial(folder, "HostileHeaderTests", "unknownKeyIsRefusedAndNoOtherIsTried"),
                Trial(folder, "HostileHeaderTests", "keyStateDecides"),
                Trial(folder, "HostileHeaderTests", "memberThatMovesTrustIsRefused"),
                Trial(folder, "HostileHeaderTests", "embeddedKeyIsNotUsed"),
                Trial(folder, "HostileHeaderTests", "otherTypeIsRefused"),
                Trial(folder, "HostileHeaderTests", "configuredTypeIsWanted"),
            ]
        }
    }

    static func judgements(_ line: Line) -> [Trial] {
        switch line {
        case .tokenClaims:
            [
                Trial(folder, "HostileClaimsTests", "otherIssuerIsRefused"),
                Trial(folder, "HostileClaimsTests", "audienceMustContainTheExpectedOne"),
                Trial(folder, "HostileClaimsTests", "requiredClaimIsRequired"),
                Trial(folder, "HostileClaimsTests", "leewayWidensTheTokensLife"),
                Trial(folder, "HostileClaimsTests", "dateMustBeAnIntegerBelow2To63"),
                Trial(folder, "HostileClaimsTests", "timesDoNotOverflow"),
            ]
        case .tokenOrder:
            [
                Trial(folder, "HostileSignatureTests", "signatureIsCheckedBeforeClaims"),
                Trial(folder, "HostileClaimsTests", "checksComeInOrder"),
                Trial(folder, "AccessTokenVectorTests", "everyRefusalIsAStatus"),
                Trial("MintmarkEngineTests", "TokenStatusTests", "everyReasonIsAStatusOfItsOwn"),
            ]
        case .tokenSignature:
            [
                Trial("MintmarkCryptoTests", "Ed25519Tests", "publishedVectorsSignAndVerify"),
                Trial("MintmarkCryptoTests", "Ed25519AttackTests", "scalarPlusMultipleOfTheOrderIsRefused"),
                Trial("MintmarkCryptoTests", "Ed25519AttackTests", "smallOrderPointIsNoPublicKey"),
                Trial("MintmarkCryptoTests", "Ed25519AttackTests", "nonCanonicalEncodingIsNoPublicKey"),
                Trial("MintmarkCryptoTests", "Ed25519AttackTests", "everyOtherLengthIsRefused"),
                Trial(folder, "HostileSignatureTests", "malleableScalarIsRefused"),
                Trial(folder, "HostileSignatureTests", "otherLengthIsRefused"),
                Trial(folder, "KeyRingTests", "thumbprintIsThatOfRFC8037"),
                Trial(folder, "KeyRingTests", "digestIsThatOfRFC7638"),
            ]
        default:
            [
                Trial("MintmarkEngineTests", "PermissionTests", "tokensSayOnlyWhatIsAllowed"),
                Trial("MintmarkEngineTests", "PermissionTests", "theGreatestTTLIsThePolicys"),
                Trial(folder, "ClaimsValidatorTests", "registeredNameIsReserved"),
            ]
        }
    }
}
