extension HardeningList {
    private static let server = "MintmarkServerTests"
    private static let whole = "MintmarkEndToEndTests"

    static func sidecar(_ line: Line) -> [Trial] {
        switch line {
        case .gracefulStop:
            [
                Trial("\(whole)/Lifecycle", "ShutdownTests", "whatWasAcceptedIsAnswered"),
                Trial("\(whole)/Lifecycle", "ShutdownTests", "nobodyConnectsAnyMore"),
                Trial("\(whole)/Lifecycle", "ShutdownTests", "stopWithoutClientsDoesNotTakeTheTimeout"),
                Trial("MintmarkStorageTests", "StorageLifeTests", "aCleanStopLeavesASnapshotAndNothingToRead"),
                Trial("\(whole)/TLS", "TLSDaemonTests", "aSilentTLSClientDoesNotHoldAStopUp"),
            ]
        case .reload:
            [
                Trial("\(whole)/Keys", "ReloadTests", "everythingIsTakenOverTogether"),
                Trial("\(whole)/Keys", "ReloadTests", "oneFaultKeepsEverythingAsItWas"),
                Trial("\(whole)/TLS", "TLSDaemonTests", "reloadUnderLoadFailsNoRequest"),
                Trial("\(whole)/TLS", "TLSDaemonTests", "aBadFileKeepsTheOldCertificateAndSaysSo"),
            ]
        case .serviceManager:
            [
                Trial("\(whole)/Lifecycle", "ServiceManagerTests", "aLifeIsTold"),
                Trial("\(whole)/Lifecycle", "ServiceManagerTests", "nothingIsReadyThatDoesNotServe"),
                Trial("\(whole)/Lifecycle", "ServiceManagerTests", "theWatchdogIsFed"),
                Trial("\(server)/Supervision", "ServiceManagerTests", "readyIsNeitherEarlyNorLate"),
                Trial("\(server)/Supervision", "ServiceManagerTests", "aLoopThatHangsStopsTheFeeding"),
            ]
        case .health:
            [
                Trial("MintmarkAdminTests", "EndpointTests", "livenessTellsWhetherTheLoopsAnswer"),
                Trial("MintmarkAdminTests", "EndpointTests", "readinessTellsItsReasons"),
                Trial("\(whole)/Lifecycle", "AdminTests", "daemonTellsHowItIs"),
                Trial("\(whole)/Durability", "FullDiskTests", "aFullDiskIsNotReadyAndAlive"),
            ]
        default:
            [
                Trial("\(whole)/Deploy", "UnitTests", "exposureIsLow"),
                Trial("\(whole)/Deploy", "UnitTests", "usersAreSeenAsTheyAre"),
                Trial("\(whole)/Deploy", "UnitTests", "theProgramLivesUnderItsFilter"),
                Trial("\(whole)/Deploy", "UnitTests", "theProgramSpeaksTLSUnderItsFilter"),
            ]
        }
    }
}
