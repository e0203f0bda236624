import ArgumentParser

/// Which server to load.
struct ServerOptions: ParsableArguments {
    /// Where a daemon listens that was started without options.
    static let serverDefault = "127.0.0.1:7420"

    @Option(help: ArgumentHelp("The server's address. (default: \(serverDefault))", valueName: "host:port"))
    var server: String?

    @Option(help: ArgumentHelp("The server's Unix socket, instead of an address.", valueName: "path"))
    var unix: String?

    @Option(
        help: ArgumentHelp(
            "The server's process on this machine, whose use of processors and memory is reported. Known by itself "
                + "with --unix.",
            valueName: "pid"
        )
    )
    var serverPid: Int32?

    func address() throws(LoadFailure) -> ServerAddress {
        if let unix {
            guard server == nil else { throw .usage("give --server or --unix, not both") }
            guard let address = ServerAddress(unixPath: unix) else {
                throw .usage("the path of a Unix socket has 1 to \(ServerAddress.unixPathLengthMax) bytes")
            }
            return address
        }
        guard let address = ServerAddress(server: server ?? Self.serverDefault) else {
            throw .usage("a server is given as HOST:PORT, such as 127.0.0.1:7420 or [::1]:7420")
        }
        return address
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
