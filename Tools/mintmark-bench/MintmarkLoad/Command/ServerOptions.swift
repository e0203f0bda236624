import ArgumentParser
import Glibc

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

    @Option(help: ArgumentHelp("The server's address for TLS, instead. Needs --ca.", valueName: "host:port"))
    var tls: String?

    @Option(help: ArgumentHelp("PEM file of the authorities that vouch for the server.", valueName: "file"))
    var ca: String?

    @Option(help: ArgumentHelp("PEM file of the certificate to show to the server. Needs --key.", valueName: "file"))
    var cert: String?

    @Option(help: ArgumentHelp("PEM file of that certificate's private key.", valueName: "file"))
    var key: String?

    @Option(
        help: ArgumentHelp("The name in the server's certificate, if it is not the host of --tls.", valueName: "name")
    )
    var serverName: String?

    @Option(help: ArgumentHelp("Who calls, to a server that wants to know.", valueName: "id"))
    var client: String?

    @Option(
        help: ArgumentHelp(
            "The key that proves it: a file made by mintmark client-key. Needs --client.",
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
        let address = try place(variable)
        switch (client, clientKey) {
        case (nil, nil): return address
        case (let id?, let file?):
            return .identified(LoadCaller(address, try LoadIdentity(clientID: id, keyFile: file)))
        default: throw .usage("give --client and --client-key together")
        }
    }

    private func place(_ variable: (String) -> String?) throws(LoadFailure) -> ServerAddress {
        guard [server, unix, tls].compactMap(\.self).count <= 1 else {
            throw .usage("give one of --server, --unix and --tls")
        }
        if let tls { return try tlsAddress(tls) }
        guard [ca, cert, key, serverName].allSatisfy({ $0 == nil }) else {
            throw .usage("--ca, --cert, --key and --server-name go with --tls")
        }
        if let unix { return try unixAddress(unix) }
        if let server { return try tcpAddress(server) }
        // What no option says is taken from the environment, as the other command does.
        func given(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
        switch (given("MINTMARK_SERVER"), given("MINTMARK_UNIX")) {
        case (nil, nil): return try tcpAddress(Self.serverDefault)
        case (let server?, nil): return try tcpAddress(server)
        case (nil, let unix?): return try unixAddress(unix)
        case (.some, .some): throw .usage("MINTMARK_SERVER and MINTMARK_UNIX are both set: say which with an option")
        }
    }

    private func unixAddress(_ path: String) throws(LoadFailure) -> ServerAddress {
        guard let address = ServerAddress(unixPath: path) else {
            throw .usage("the path of a Unix socket has 1 to \(ServerAddress.unixPathLengthMax) bytes")
        }
        return address
    }

    private func tcpAddress(_ text: String) throws(LoadFailure) -> ServerAddress {
        guard let address = ServerAddress(server: text) else {
            throw .usage("a server is given as HOST:PORT, such as 127.0.0.1:7420 or [::1]:7420")
        }
        return address
    }

    private func tlsAddress(_ text: String) throws(LoadFailure) -> ServerAddress {
        guard case .tcp(let host, let port) = try tcpAddress(text) else {
            preconditionFailure("HOST:PORT is the address of a TCP port")
        }
        guard let ca else { throw .usage("--tls needs --ca") }
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
