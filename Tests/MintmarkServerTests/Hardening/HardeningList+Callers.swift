extension HardeningList {
    private static let server = "MintmarkServerTests"
    private static let engine = "MintmarkEngineTests"
    private static let storage = "MintmarkStorageTests"
    private static let whole = "MintmarkEndToEndTests"

    static func keys(_ line: Line) -> [Trial] {
        switch line {
        case .keyReading:
            [
                Trial("MintmarkCryptoTests", "KeyFileMemoryTests", "nothingOfAPrivateKeyIsLeftInMemory"),
                Trial("\(whole)/Secrets", "ArgumentTests", "noFlagTakesASecret"),
                Trial("MintmarkCryptoTests", "KeyFileWriteTests", "iterationsHaveALimit"),
            ]
        case .keyFiles:
            [
                Trial("\(storage)/Keys", "KeyStoreTests", "aFileThatOthersReadIsRefused"),
                Trial("\(storage)/Keys", "KeyStoreTests", "aLinkThatOthersCouldTurnIsRefused"),
                Trial("\(storage)/Files", "SecretFileTests", "linkThatOthersCouldTurnIsRefused"),
                Trial("\(storage)/Keys", "KeyStoreTests", "anotherUsersFileIsRefused"),
                Trial("\(storage)/Keys", "KeyDirectoryTests", "ourOwnIsNobodyElses"),
            ]
        case .keyLife:
            [
                Trial("MintmarkTokensTests/Keys", "KeyLedgerTests", "aKeyIsPublishedBeforeItSigns"),
                Trial("MintmarkTokensTests/Keys", "KeyLedgerTests", "aRetiredKeyVerifiesItsLastTokenForItsWholeLife"),
                Trial("MintmarkTokensTests/Keys", "KeyLedgerTests", "keysReplaceOneAnotherByThemselves"),
                Trial("MintmarkTokensTests/Keys", "KeyLedgerTests", "whateverHappensOneKeyIsActive"),
                Trial("\(server)/Keys", "KeyKeeperTests", "aClockThatIsAheadForAWhileMovesNoKey"),
                Trial("\(whole)/Keys", "KeyLifeTests", "keysReplaceOneAnotherUnderLoadWithoutOneFailedVerification"),
                Trial("\(whole)/Keys", "KeyLifeTests", "aTokenOfTheMomentBeforeARotationOutlivesARestart"),
            ]
        case .keyCrashes:
            [
                Trial("\(storage)/Keys", "KeyStoreCrashTests", "oneKeySignsAfterACrashAtAnyCall"),
                Trial("\(storage)/Keys", "KeyStoreCrashTests", "aDiskThatFailsLeavesOneKeySigning"),
            ]
        default:
            [
                Trial("\(whole)/Keys", "KeyLifeTests", "tokensOfARevokedKeyFailAtOnceAndAfterARestart"),
                Trial("MintmarkTokensTests/Keys", "KeyLedgerTests", "aRevokedKeyNeverComesBack"),
            ]
        }
    }

    static func channels(_ line: Line) -> [Trial] {
        switch line {
        case .localClient:
            [
                Trial(
                    "\(server)/Callers",
                    "CallerDirectoryTests",
                    "withoutClientsEverybodyIsLocalAndAdministersOnTheUnixSocketAlone"
                ),
                Trial("\(whole)/Callers", "CallerTests", "localAdministersOnTheUnixSocketAlone"),
            ]
        case .listenersBeyondLoopback:
            [Trial("\(whole)/TLS", "TLSDaemonTests", "listenersBeyondLoopback")]
        case .unixSocket:
            [
                Trial("\(server)/Sockets", "UnixSocketPathTests", "boundSocketIsNeverOpenToOthers"),
                Trial("\(server)/Sockets", "UnixSocketDirectoryTests", "directoryThatIsMissingIsMadeForTheGroup"),
                Trial("\(server)/Sockets", "UnixSocketDirectoryTests", "directoryThatOthersWriteIsRefused"),
                Trial("\(server)/Sockets", "UnixSocketPathTests", "socketOfADeadProcessIsRemoved"),
                Trial("\(server)/Sockets", "UnixSocketPathTests", "socketInUseIsRefused"),
            ]
        default:
            [
                Trial("\(server)/Callers", "PeerUserTests", "kernelTellsWhoConnects"),
                Trial("\(server)/Callers", "PeerUserTests", "userOfNoClientIsTurnedAway"),
            ]
        }
    }

    static func transport(_ line: Line) -> [Trial] {
        switch line {
        case .tlsHandshakes:
            [
                Trial("\(server)/TLS", "TLSRefusalTests", "refusedHandshake"),
                Trial("\(server)/TLS", "TLSRefusalTests", "otherProtocolsAreRefused"),
                Trial("\(server)/TLS", "TLSRefusalTests", "endlessHandshakesAreCut"),
                Trial("\(server)/TLS", "TLSHandshakeLengthTests", "handshakesHaveABound"),
                Trial("\(server)/TLS", "TLSLifeTests", "theDeadlineCoversTLS"),
                Trial("\(server)/TLS", "TLSLifeTests", "whoSaysNoHelloIsTold"),
            ]
        case .wrongTransport:
            [
                Trial("\(server)/TLS", "TLSRefusalTests", "plaintextIsToldToUseTLS"),
                Trial("\(server)/TLS", "TLSRefusalTests", "tlsToAPlaintextPortIsToldInPlaintextAndCounted"),
            ]
        default:
            [
                Trial("\(server)/TLS", "TLSFilesTests", "badFilesAreRefusedAndAReloadKeepsTheOldOnes"),
                Trial("\(server)/TLS", "TLSLifeTests", "certificatesAreReplacedUnderLoad"),
            ]
        }
    }

    static func callers(_ line: Line) -> [Trial] {
        switch line {
        case .authentication:
            [
                Trial("\(server)/Callers", "AuthenticationTests", "signatureOfAnotherConnectionIsReplayedInVain"),
                Trial("\(server)/Callers", "AuthenticationTests", "oneFailureCloses"),
                Trial("\(server)/TLS", "TLSAuthenticationTests", "whatIsSignedForAnotherCertificateIsRefused"),
                Trial("\(server)/Callers", "AuthenticationTests", "nothingElseComesBeforeAuth"),
            ]
        case .unauthenticated:
            [
                Trial("\(server)/Callers", "AuthenticationTests", "deadlineEndsWithAuthentication"),
                Trial("\(server)/Callers", "AuthenticationTests", "unauthenticatedInputHasABound"),
                Trial("\(server)/Callers", "AuthenticationTests", "unauthenticatedOutputIsFarBelowItsBound"),
            ]
        case .permissions:
            [
                Trial(engine, "PermissionTests", "eachOperationIsPermittedByItself"),
                Trial(engine, "PermissionTests", "administrationIsForAdministrators"),
                Trial(engine, "PermissionTests", "tokensSayOnlyWhatIsAllowed"),
            ]
        case .rates:
            [
                Trial(engine, "RateTests", "everyLimitedKindIsRefusedAtItsLimit"),
                Trial(engine, "RateTests", "eachKindHasABudgetOfItsOwn"),
                Trial(engine, "RateTests", "noRateHidesATerminalAnswer"),
                Trial(engine, "RateTests", "noRateHidesTheStateOfKeys"),
            ]
        default:
            [
                Trial("\(server)/Callers", "ReloadTests", "permissionsChangeOnOpenConnections"),
                Trial("\(server)/Callers", "ReloadTests", "clientThatIsGoneIsClosedAndOthersGoOn"),
                Trial("\(server)/Callers", "ReloadTests", "keyThatIsGoneEndsTheConnectionsItMade"),
                Trial("\(server)/TLS", "TLSLifeTests", "callersWhoseAuthorityIsGoneAreClosed"),
            ]
        }
    }
}
