extension HardeningList {
    private static let network = "MintmarkServerTests/Network"
    private static let connection = "MintmarkServerTests/Connection"
    private static let lifecycle = "MintmarkServerTests/Lifecycle"
    private static let tls = "MintmarkServerTests/TLS"
    private static let sockets = "MintmarkServerTests/Sockets"
    private static let audit = "MintmarkServerTests/Audit"
    private static let daemon = "MintmarkEndToEndTests"

    static func trials(of line: Line) -> [Trial] {
        switch line {
        case .tokenShape, .tokenJSON, .tokenAlgorithm, .tokenKey: tokens(line)
        case .tokenClaims, .tokenOrder, .tokenSignature, .tokenGrants: judgements(line)
        case .connectionCap, .descriptorCap, .descriptorExhaustion: admission(line)
        case .backPressure, .inFlight, .totalMemory, .claims: memory(line)
        case .writeDeadline, .frameDeadline, .handshakeDeadline: deadlines(line)
        case .frameLength, .splits, .mutations, .fuzzing: frames(line)
        case .fairness, .overload, .retryHint: fairness(line)
        case .stop: stops
        case .guardedMemory, .coreFiles, .selfTest, .silence: secrets(line)
        case .keyReading, .keyFiles, .keyLife, .keyCrashes, .keyRevocation: keys(line)
        case .localClient, .listenersBeyondLoopback, .unixSocket, .peerUser: channels(line)
        case .tlsHandshakes, .wrongTransport, .certificateReload: transport(line)
        case .authentication, .unauthenticated, .permissions, .rates, .callerReload: callers(line)
        case .auditEvents, .auditFile, .auditRotation, .auditFailsClosed: audits(line)
        case .gracefulStop, .reload, .serviceManager, .health, .serviceUnit: sidecar(line)
        }
    }

    private static func admission(_ line: Line) -> [Trial] {
        switch line {
        case .connectionCap:
            [
                Trial(network, "AdmissionTests", "connectionBeyondTheCapWaitsForAPlace"),
                Trial(network, "AdmissionTests", "twoListenersShareThePlaces"),
                Trial(network, "AdmissionTests", "twiceTheCapIsServedInTurn"),
                Trial("\(daemon)/Network", "DescriptorTests", "threeThousandPeersBeyondTheCapDisturbNobody"),
            ]
        case .descriptorCap:
            [
                Trial(lifecycle, "ResourceLimitsTests", "connectionsAreBoundedByTheDescriptors"),
                Trial(lifecycle, "ResourceLimitsTests", "oneConnectionIsAlwaysPossible"),
            ]
        default:
            [
                Trial(network, "AdmissionTests", "exhaustedDescriptorsPauseAccepting"),
                Trial("\(daemon)/Network", "DescriptorTests", "withoutDescriptorsItWaitsForSome"),
            ]
        }
    }

    private static func memory(_ line: Line) -> [Trial] {
        switch line {
        case .backPressure:
            [
                Trial(network, "DeadlineTests", "peerThatNeverReadsIsBoundedAndCut"),
                Trial(connection, "ConnectionStateMachineTests", "nothingIsTakenWhileTheSocketIsFull"),
                Trial("\(daemon)/Network", "MemoryBoundTests", "peersThatNeverReadAreBoundedTogether"),
                Trial("MintmarkAdminTests", "ByteHandlerTests", "theNextRequestWaitsForTheAnswer"),
                Trial("\(daemon)/Network", "HTTPMemoryTests", "peersThatNeverReadCostLittleAndKeepNobodyOut"),
            ]
        case .inFlight:
            [
                Trial(network, "ParkingTests", "requestBeyondTheInFlightLimitIsNotRead"),
                Trial(connection, "ConnectionStateMachineTests", "requestBeyondTheInFlightLimitIsNotTaken"),
                Trial(connection, "ConnectionMemoryTests", "noMoreIsTakenThanMayBeParked"),
            ]
        case .claims:
            [
                Trial(network, "AdmissionTests", "claimsOfGreatLengthCostNothing"),
                Trial(connection, "ConnectionMemoryTests", "fewBytesOfAFrameCostFewBytes"),
                Trial("\(daemon)/Network", "MemoryBoundTests", "claimsCostNothing"),
            ]
        default:
            [
                Trial(connection, "ConnectionMemoryTests", "servedConnectionHoldsNothing"),
                Trial(tls, "TLSRecordTests", "whatTLSKeepsIsHeld"),
                Trial(connection, "ConnectionMemoryTests", "newSessionsAreBusyFromTheBoundOn"),
                Trial(network, "AdmissionTests", "closedConnectionsLeaveFewTimersBehind"),
                Trial(connection, "ConnectionMemoryTests", "whoHoldsMoreThanAShareIsNotReadUntilThereIsRoom"),
                Trial(connection, "ConnectionMemoryTests", "partOfAFrameIsReadOnWhateverIsHeld"),
                Trial(connection, "ConnectionMemoryTests", "whoTakesLittleIsCutWhereAllMemoryIsHeld"),
                Trial(tls, "TLSRecordTests", "nothingIsHeldOfAConnectionThatIsGone"),
                Trial("\(daemon)/Network", "MemoryBoundTests", "peersThatNeverReadAreBoundedTogether"),
            ]
        }
    }

    private static func deadlines(_ line: Line) -> [Trial] {
        switch line {
        case .writeDeadline:
            [
                Trial(connection, "ConnectionHandlerTests", "peerThatTakesNothingIsCut"),
                Trial(connection, "ConnectionHandlerTests", "peerThatTakesBytesNowAndThenIsNotCut"),
                Trial(network, "DeadlineTests", "peerThatEndedItsSideAndNeverReadsIsCut"),
            ]
        case .frameDeadline:
            [
                Trial(network, "DeadlineTests", "bytesOfAFrameDoNotMoveItsDeadline"),
                Trial(connection, "ConnectionHandlerTests", "frameDeadlineIsNotMovedByBytesThatCompleteNothing"),
                Trial(connection, "ConnectionHandlerTests", "frameDeadlineStandsStillWhileTheServerDoesNotRead"),
                Trial(tls, "TLSRecordTests", "aRecordHasTheDeadlineOfAFrame"),
                Trial(tls, "TLSRecordTests", "moreOfTheSameMovesNoDeadline"),
                Trial(tls, "TLSRecordTests", "peerThatDripsIsCutInTime"),
            ]
        default:
            [Trial(network, "DeadlineTests", "handshakeHasADeadline")]
        }
    }

    private static func frames(_ line: Line) -> [Trial] {
        switch line {
        case .frameLength:
            [
                Trial(network, "BadFrameTests", "lengthOutOfBoundsIsJudgedFromItsFourBytes"),
                Trial(network, "BadFrameTests", "frameLimitIsTheConfiguredOne"),
            ]
        case .splits:
            [
                Trial(network, "SplitTests", "everyByteOnItsOwn"),
                Trial(network, "SplitTests", "everyCut"),
            ]
        case .fuzzing:
            [
                Trial("MintmarkFuzzTests", "RegressionTests", "whatOnceBrokeSomethingIsHarmless"),
                Trial("MintmarkFuzzTests", "RegressionTests", "whatIsKeptFromFuzzingIsHarmless"),
                Trial("MintmarkFuzzTests", "RegressionTests", "everyTargetHasItsFolders"),
            ]
        default:
            [
                Trial(network, "MutationTests", "mutatedBodiesGetOneAnswerEach"),
                Trial(network, "MutationTests", "mutatedStreamsEndTheirOwnConnectionAtMost"),
                Trial(sockets, "SocketTransportTests", "bytesBehindUrgentDataAreRead"),
                Trial(sockets, "SocketTransportTests", "bytesBehindAPassedDescriptorAreRead"),
                Trial(sockets, "SocketTransportTests", "aPeerThatIsGoneBeforeItsAnswerEndsItsConnectionAlone"),
            ]
        }
    }

    private static func fairness(_ line: Line) -> [Trial] {
        switch line {
        case .fairness:
            [
                Trial(network, "FairnessTests", "pingIsAnsweredBeforeTheFloodBesideIt"),
                Trial(network, "FairnessTests", "pingIsAnsweredAmongSignatures"),
                Trial(network, "FairnessTests", "pingIsAnsweredAmongForgedTokens"),
                Trial("\(daemon)/Network", "FairnessTimeTests", "aFloodOnOneConnectionKeepsNobodyWaiting"),
                Trial(connection, "BurstTests", "aBurstIsCutWhenItsTimeIsOver"),
                Trial(connection, "BurstTests", "aBurstEndsBehindAWaitForTheAuditLog"),
                Trial(sockets, "TurnTests", "whatIsCheapComesBeforeWhatIsDear"),
                Trial(sockets, "TurnQueueTests", "everybodyHasAsMuchTime"),
                Trial(sockets, "TurnQueueTests", "newcomersStarveNobody"),
                Trial(sockets, "SocketLoopTests", "whatIsNewComesBeforeEverybodyHadATurn"),
                Trial(connection, "ConnectionHandlerTests", "turnIsGivenUpThoughTheSocketEmptiesInsideTheWrite"),
            ]
        case .overload:
            [
                Trial(connection, "OverloadTests", "signingIsBusyFromTheLimitOn"),
                Trial(connection, "OverloadTests", "onlyWhatCostsMuchIsRefused"),
                Trial(connection, "OverloadTests", "turnsCount"),
                Trial(connection, "OverloadTests", "waitForRoomDoesNotCount"),
                Trial(connection, "LoadSheddingTests", "lateRequestsAreServedUntilPatienceEnds"),
                Trial(connection, "LoadSheddingTests", "overloadIsOverWhenNothingWaitedForAWhile"),
                Trial("\(daemon)/Network", "OverloadTests", "whatCannotBeServedInTimeIsTold"),
                Trial("\(daemon)/Network", "OverloadTests", "aBurstIsNoOverload"),
            ]
        default:
            [
                Trial(connection, "ConnectionMemoryTests", "newSessionsAreBusyFromTheBoundOn"),
                Trial(connection, "OverloadTests", "signingIsBusyFromTheLimitOn"),
            ]
        }
    }

    private static let stops = [
        Trial(network, "StopTests", "hardDeadlineCutsWhatIsNotDone"),
        Trial(network, "StopTests", "peersThatKeepTheirSideOpenDoNotHoldTheStopUp"),
        Trial(connection, "ConnectionHandlerTests", "stopDoesNotWaitForTheSnapshotOfAPeerThatEndedItsSide"),
        Trial("\(daemon)/Lifecycle", "ShutdownTests", "clientsThatDoNotCloseDoNotHoldItUp"),
        Trial(lifecycle, "StopDeadlineTests", "aStopThatDoesNotEndIsEnded"),
        Trial(lifecycle, "StopDeadlineTests", "aStopThatGetsOnIsEndedWhenItDoesNotAnyMore"),
    ]

    private static func secrets(_ line: Line) -> [Trial] {
        switch line {
        case .guardedMemory:
            [Trial("\(daemon)/Secrets", "MemoryTests", "keysStandInGuardedMemoryOnly")]
        case .coreFiles:
            [
                Trial(lifecycle, "ResourceLimitsTests", "noCoreFileIsMadeAndNobodyLooksIn"),
                Trial("\(daemon)/Secrets", "MemoryTests", "coreFileHoldsNoKey"),
                Trial("\(daemon)/Secrets", "MemoryTests", "systemMakesNoCoreFile"),
            ]
        case .selfTest:
            [
                Trial("MintmarkCryptoTests", "SelfTestTests", "spoiltVectorIsNoticed"),
                Trial("\(daemon)/Lifecycle", "SpoiltLibraryTests", "theDaemonDoesNotStart"),
            ]
        default:
            [Trial("\(daemon)/Secrets", "SilenceTests", "nothingIsToldThroughALifeOfTokens")]
        }
    }

    private static func audits(_ line: Line) -> [Trial] {
        switch line {
        case .auditEvents:
            [
                Trial("MintmarkEngineTests", "AuditTests", "whatIsDoneIsTold"),
                Trial("MintmarkEngineTests", "AuditTests", "reuseIsTold"),
                Trial(audit, "AuditWriterTests", "lineIsOneStrictObjectWhateverIsInIt"),
                Trial("\(daemon)/Audit", "AuditLogTests", "logTellsWhoDidWhat"),
                Trial("\(daemon)/Audit", "AuditLogTests", "logTellsWhoWasTurnedAwayAndWhoIsGone"),
            ]
        case .auditFile:
            [
                Trial(audit, "AuditFileTests", "fileIsMadeForItsOwnerAlone"),
                Trial(audit, "AuditFileTests", "othersMayNotWrite"),
                Trial(audit, "AuditFileTests", "linkIsNotFollowed"),
                Trial(audit, "AuditFileTests", "whatIsThereStays"),
            ]
        case .auditRotation:
            [
                Trial(audit, "AuditWriterTests", "lineThatWasCutOffIsCompleted"),
                Trial(audit, "AuditLogTests", "queueIsBoundedAndTellsWhatIsMissing"),
                Trial(audit, "AuditLogTests", "refusalsAreBoundedInTime"),
                Trial(audit, "AuditLogTests", "eachReasonHasItsOwnBound"),
                Trial("\(daemon)/Audit", "AuditLogTests", "renamedLogIsLeftAloneAndAnotherBegins"),
                Trial("\(daemon)/Audit", "AuditLogTests", "deletedLogBeginsAnew"),
            ]
        default:
            [
                Trial("MintmarkEngineTests", "AuditTests", "administrativeOperationFailsClosed"),
                Trial("\(daemon)/Audit", "AuditLogTests", "fullDiskStopsAdministratorsAlone"),
                Trial("\(daemon)/Audit", "AuditLogTests", "logThatCannotBeOpenedKeepsTheServerFromStarting"),
            ]
        }
    }
}
