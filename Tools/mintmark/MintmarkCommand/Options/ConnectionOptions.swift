import ArgumentParser
import Glibc
import MintmarkClient
import MintmarkProgram
import MintmarkWire

/// Which server to ask, and how long to wait for it. What no option says is taken from the environment.
struct ConnectionOptions: ParsableArguments {
    /// Where a daemon listens that was started without options.
    static let serverDefault = "127.0.0.1:7420"
    static let timeoutSecondsDefault = 5.0
    static let timeoutSecondsMax = 3_600.0

    @Option(
        help: ArgumentHelp(
            "The server's address. (default: $MINTMARK_SERVER, or \(serverDefault))",
            valueName: "host:port"
        )
    )
    var server: String?

    @Option(help: ArgumentHelp("The server's Unix socket, instead. (default: $MINTMARK_UNIX)", valueName: "path"))
    var unix: String?

    @Option(
        help: ArgumentHelp("The server's address for TLS, instead. (default: $MINTMARK_TLS)", valueName: "host:port")
    )
    var tls: String?

    @OptionGroup var certificates: CertificateOptions

    @Option(
        help: ArgumentHelp("Also trust a Unix socket whose server runs as this user.", valueName: "name|number")
    )
    var serverUser: String?

    @Option(
        help: ArgumentHelp("Who calls, to a server that wants to know. (default: $MINTMARK_CLIENT)", valueName: "id")
    )
    var client: String?

    @Option(
        help: ArgumentHelp(
            "The key that proves it: a file made by mintmark client-key. (default: $MINTMARK_CLIENT_KEY)",
            valueName: "file"
        )
    )
    var clientKey: String?

    @Option(
        help: ArgumentHelp(
            "How long to wait for the connection, and for the answer. (default: \(Int(timeoutSecondsDefault)), unless the command says another)",
            valueName: "seconds"
        ),
        transform: SecondsText.number
    )
    var timeout: Double?

    /// The settings of a client that asks once.
    ///
    /// A command is repeated by whoever gave it. So no pause between attempts to connect, of which at least one half is
    /// waited, ends before the time for them is over.
    func configuration(_ variables: ServerVariables) throws(UsageError) -> MintmarkClient.Configuration {
        let timeout = timeout ?? Self.timeoutSecondsDefault
        guard timeout > 0, timeout <= Self.timeoutSecondsMax else {
            throw UsageError("a timeout is above 0 and at most \(Int(Self.timeoutSecondsMax)) seconds")
        }
        let endpoint = try endpoint(variables)
        if case .tls = endpoint {} else { try certificates.checkUnused() }
        var configuration = MintmarkClient.Configuration(endpoint)
        configuration.clientName = "mintmark"
        configuration.identity = try identity(variables)
        configuration.connectTimeout = .seconds(timeout)
        configuration.silenceMax = .seconds(timeout)
        // Longer than both by far, also on a machine under load: the end of a call's own time would not tell a server
        // that cannot be reached from one that does not answer.
        configuration.requestTimeout = .seconds(timeout * 2 + 10)
        configuration.backoff = .init(initial: .seconds(timeout * 2), max: .seconds(timeout * 2))
        configuration.attemptsMax = 1
        configuration.serverUserIDs = try serverUserIDs(configuration.endpoints)
        return configuration
    }

    /// The key is read only where there is an id to use it for.
    private func identity(_ variables: ServerVariables) throws(UsageError) -> ClientIdentity? {
        switch (client ?? variables.client, clientKey ?? variables.clientKey) {
        case (nil, nil): return nil
        case (let id?, let file?):
            do throws(ClientIdentity.Failure) {
                return try ClientIdentity(clientID: id, keyFile: file)
            } catch {
                throw UsageError("the client's key cannot be used: \(error)")
            }
        default: throw UsageError("--client and --client-key go together")
        }
    }

    /// Root and the user of this process are trusted always: nil means nobody else.
    private func serverUserIDs(_ endpoints: [Endpoint]) throws(UsageError) -> Set<UInt32>? {
        guard let serverUser else { return nil }
        guard case .unixSocket = endpoints.first else { throw UsageError("--server-user goes with --unix only") }
        guard let userID = MachineUsers.userID(serverUser) else {
            throw UsageError("there is no user named '\(serverUser.printable)' on this machine")
        }
        return TrustedUsers.usual(own: geteuid()).union([userID])
    }

    /// The environment variable that says which server to ask; nil where an option does, or nothing.
    func placeVariable(_ variables: ServerVariables) -> String? {
        [server, unix, tls].allSatisfy { $0 == nil } ? variables.placeName : nil
    }

    private func endpoint(_ variables: ServerVariables) throws(UsageError) -> Endpoint {
        let settings = try certificates.settings(variables)
        switch (server, unix, tls) {
        case (let server?, nil, nil): return try Endpoint(server: server)
        case (nil, let path?, nil): return try Endpoint(unixPath: path)
        case (nil, nil, let tls?): return try Endpoint(tls: tls, settings)
        case (nil, nil, nil): break
        default: throw UsageError("give one of --server, --unix and --tls")
        }
        if let endpoint = try variables.endpoint(settings) { return endpoint }
        return try Endpoint(server: Self.serverDefault)
    }
}
