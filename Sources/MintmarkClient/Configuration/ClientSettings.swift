/// The configuration as the driver uses it: checked, in nanoseconds, endpoints in the order of preference.
struct ClientSettings: Sendable {
    let endpoints: [Endpoint]
    let clientName: String
    let identity: ClientIdentity?
    let requestTimeoutNanoseconds: UInt64
    let connectTimeoutNanoseconds: UInt64
    let silenceMaxNanoseconds: UInt64
    let refreshRepetition: Repetition
    let repetitionRules: RepetitionRules
    let trust: ServerTrust
    /// Why no call may be made: an endpoint to which the client does not speak, known without asking anybody.
    let objection: MintmarkError?
    let pool: PoolSettings

    /// The configuration must have an endpoint and limits of at least 1.
    init(_ configuration: MintmarkClient.Configuration) {
        precondition(!configuration.endpoints.isEmpty, "a client needs an endpoint")
        precondition((1...64).contains(configuration.clientName.utf8.count), "a client's name has 1 to 64 bytes")
        precondition(configuration.connectionsMax >= 1, "a client needs a connection")
        precondition(configuration.requestsPerConnectionTarget >= 1, "a connection takes at least one request")
        precondition(configuration.waitingCallsMax >= 1, "calls wait for the first connection")
        precondition(configuration.attemptsMax >= 1, "a request is sent at least once")
        let backoff = Backoff(
            initialNanoseconds: configuration.backoff.initial.nanoseconds,
            maxNanoseconds: configuration.backoff.max.nanoseconds
        )
        let refreshRepetition = configuration.refreshRepetitionMax.nanoseconds
        endpoints =
            configuration.endpoints.filter { $0.isUnixSocket } + configuration.endpoints.filter { !$0.isUnixSocket }
        clientName = configuration.clientName
        identity = configuration.identity
        requestTimeoutNanoseconds = configuration.requestTimeout.nanoseconds
        connectTimeoutNanoseconds = configuration.connectTimeout.nanoseconds
        silenceMaxNanoseconds = configuration.silenceMax.nanoseconds
        self.refreshRepetition = refreshRepetition == 0 ? .never : .within(nanoseconds: refreshRepetition)
        repetitionRules = RepetitionRules(attemptsMax: configuration.attemptsMax, backoff: backoff)
        trust = ServerTrust(
            userIDs: configuration.serverUserIDs,
            allowsPlaintextBeyondLoopback: configuration.allowsPlaintextBeyondLoopback
        )
        objection = endpoints.lazy.compactMap(trust.objection(to:)).first
        pool = PoolSettings(
            connectionsMax: configuration.connectionsMax,
            requestsPerConnectionTarget: configuration.requestsPerConnectionTarget,
            waitingMax: configuration.waitingCallsMax,
            endpointCount: configuration.endpoints.count,
            connectTimeoutNanoseconds: configuration.connectTimeout.nanoseconds,
            backoff: backoff
        )
    }
}
