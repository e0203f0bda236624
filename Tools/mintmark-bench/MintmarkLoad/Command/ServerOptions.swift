import ArgumentParser
import Glibc
import MintmarkProgram
import MintmarkWire

/// Which server to load.
struct ServerOptions: ParsableArguments {
    /// Where a daemon listens that was started without options.
    static let serverDefault = "127.0.0.1:7420"

    @Option(
        help: ArgumentHelp(
            "The server's address. (default: $MINTMARK_SERVER, or \(serverDefault))",
            valueName: "host:port"
        )
    )
    var server: String?

    @Option(
        help: ArgumentHelp(
            "The server's Unix socket, instead of an address. (default: $MINTMARK_UNIX)",
            valueName: "path"
        )
    )
    var unix: String?

    @Option(
        help: ArgumentHelp(
            "The server's address for TLS, instead. Needs --ca. (default: $MINTMARK_TLS)",
            valueName: "host:port"
        )
    )
    var tls: String?

    @Option(
        help: ArgumentHelp(
            "PEM file of the authorities that vouch for the server. (default: $MINTMARK_CA)",
            valueName: "file"
        )
    )
    var ca: String?

    @Option(
        help: ArgumentHelp(
            "PEM file of the certificate to show to the server. Needs --key. (default: $MINTMARK_CERT)",
            valueName: "file"
        )
    )
    var cert: String?

    @Option(
        help: ArgumentHelp("PEM file of that certificate's private key. (default: $MINTMARK_KEY)", valueName: "file")
    )
    var key: String?

    @Option(
        help: ArgumentHelp("The name in the server's certificate, if it is not the host of --tls.", valueName: "name")
    )
    var serverName: String?

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
            "The key that proves it: a file made by mintmark client-key. Needs --client. (default: $MINTMARK_CLIENT_KEY)",
            valueName: "file"
        )
    )
    var clientKey: String?

    @Option(
        help: ArgumentHelp(
            "The server's process on this machine, whose use of processors and memory is reported. Known by itself "
                + "with --unix.",
            valueName: "pid"
        )
    )
    var serverPid: Int32?

    /// Where to connect, and as whom.
    func address() throws(LoadFailure) -> ServerAddress {
        try address { name in getenv(name).map { String(cString: $0) } }
    }

    /// The same, with the variables of an environment.
    ///
    /// - Parameter variable: The value of a variable; nil if it is absent.
    func address(_ variable: (String) -> String?) throws(LoadFailure) -> ServerAddress {
        // What no option says is taken from the environment, as the other command does.
        func given(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
        let address = try place(given)
        if serverUser != nil, address.transport != "unix" { throw .usage("--server-user goes with --unix only") }
        switch (client ?? given("MINTMARK_CLIENT"), clientKey ?? given("MINTMARK_CLIENT_KEY")) {
        case (nil, nil): return address
        case (let id?, let file?):
            return .identified(LoadCaller(address, try LoadIdentity(clientID: id, keyFile: file)))
        default: throw .usage("give --client and --client-key together")
        }
    }

    private func place(_ given: (String) -> String?) throws(LoadFailure) -> ServerAddress {
        guard [server, unix, tls].compactMap(\.self).count <= 1 else {
            throw .usage("give one of --server, --unix and --tls")
        }
        if let tls { return try tlsAddress(tls, given) }
        guard server != nil || unix != nil || given("MINTMARK_TLS") == nil else { return try placeOfVariables(given) }
        guard [ca, cert, key, serverName].allSatisfy({ $0 == nil }) else {
            throw .usage("--ca, --cert, --key and --server-name go with --tls")
        }
        if let unix { return try unixAddress(unix) }
        if let server { return try tcpAddress(server) }
        return try placeOfVariables(given)
    }

    private func placeOfVariables(_ given: (String) -> String?) throws(LoadFailure) -> ServerAddress {
        let names = ["MINTMARK_SERVER", "MINTMARK_UNIX", "MINTMARK_TLS"].filter { given($0) != nil }
        guard names.count <= 1 else {
            throw .usage("\(names.prefix(2).joined(separator: " and ")) are both set: say which with an option")
        }
        if let tls = given("MINTMARK_TLS") { return try tlsAddress(tls, given) }
        if let unix = given("MINTMARK_UNIX") { return try unixAddress(unix) }
        return try tcpAddress(given("MINTMARK_SERVER") ?? Self.serverDefault)
    }

    private func unixAddress(_ path: String) throws(LoadFailure) -> ServerAddress {
        let trustedUserIDs = try trustedUserIDs()
        guard let address = ServerAddress(unixPath: path, trustedUserIDs: trustedUserIDs) else {
            throw .usage("the path of a Unix socket has 1 to \(ServerAddress.unixPathLengthMax) bytes")
        }
        return address
    }

    /// Root and the user of this process are trusted always.
    private func trustedUserIDs() throws(LoadFailure) -> Set<UInt32> {
        let usual = TrustedUsers.usual(own: geteuid())
        guard let serverUser else { return usual }
        guard let userID = MachineUsers.userID(serverUser) else {
            throw .usage("there is no user named '\(serverUser.printable)' on this machine")
        }
        return usual.union([userID])
    }

    private func tcpAddress(_ text: String) throws(LoadFailure) -> ServerAddress {
        guard let address = ServerAddress(server: text) else {
            throw .usage("a server is given as HOST:PORT, such as 127.0.0.1:7420 or [::1]:7420")
        }
        return address
    }

    private func tlsAddress(_ text: String, _ given: (String) -> String?) throws(LoadFailure) -> ServerAddress {
        guard case .tcp(let host, let port) = try tcpAddress(text) else {
            preconditionFailure("HOST:PORT is the address of a TCP port")
        }
        guard let ca = ca ?? given("MINTMARK_CA") else { throw .usage("--tls needs --ca") }
        let (cert, key) = (cert ?? given("MINTMARK_CERT"), key ?? given("MINTMARK_KEY"))
        guard (cert == nil) == (key == nil) else { throw .usage("give --cert and --key together") }
        let files = TLSClient.Files(authorities: ca, certificate: cert, privateKey: key, serverName: serverName)
        do throws(SystemFault) {
            return .tls(host: host, port: port, try TLSClient(files))
        } catch {
            throw .usage("\(error)")
        }
    }
}

/// Where the report goes.
struct ReportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write the report as JSON to a file; - is standard output, in place of the text.",
            valueName: "file"
        )
    )
    var json: String?

    /// Finds out whether the report can be written, before there is one: it may have taken hours.
    func check() throws(LoadFailure) {
        guard let json, json != "-" else { return }
        do throws(SystemFault) {
            try FileBytes.checkWritable(json)
        } catch {
            throw .usage("--json \(json) cannot be written: \(error)")
        }
    }
}
