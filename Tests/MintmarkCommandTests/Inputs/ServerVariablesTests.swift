import ArgumentParser
import Glibc
import MintmarkClient
import MintmarkTestSupport
import Testing

@testable import MintmarkCommand

@Suite("The server of the environment")
struct ServerVariablesTests {
    private static let server = ["MINTMARK_SERVER": "[::1]:1"]
    private static let unix = ["MINTMARK_UNIX": "/b"]

    @Test(
        "options come first, then the environment, then the default",
        arguments: [
            Row("nothing", Given(), .tcp(host: "127.0.0.1", port: 7420)),
            Row("the address of the environment", Given([], server), .tcp(host: "::1", port: 1)),
            Row("the socket of the environment", Given([], unix), .unixSocket(path: "/b")),
            Row("an option and its variable", Given(["--server", "a:2"], server), .tcp(host: "a", port: 2)),
            Row("an option and the other variable", Given(["--server", "a:2"], unix), .tcp(host: "a", port: 2)),
            Row("a socket and the address", Given(["--unix", "/a"], server), .unixSocket(path: "/a")),
            Row("an option and both variables", Given(["--unix", "/a"], both), .unixSocket(path: "/a")),
            Row("empty variables", Given([], empty), .tcp(host: "127.0.0.1", port: 7420)),
            Row("an empty one beside another", Given([], oneEmpty), .unixSocket(path: "/b")),
            Row(
                "TLS of the environment",
                Given([], tls),
                .tls(host: "c", port: 3, .init(trustRoots: .file(path: "/ca")))
            ),
            Row("TLS", Given(["--tls", "[::1]:3"]), .tls(host: "::1", port: 3, .init())),
            Row(
                "TLS with everything",
                Given(["--tls", "c:3", "--ca", "x", "--cert", "y", "--key", "z", "--server-name", "n"], tls),
                .tls(
                    host: "c",
                    port: 3,
                    .init(
                        trustRoots: .file(path: "x"),
                        identity: .init(certificatePath: "y", privateKeyPath: "z"),
                        serverName: "n"
                    )
                )
            ),
            Row(
                "a certificate of the environment",
                Given(["--tls", "c:3"], ["MINTMARK_CERT": "y", "MINTMARK_KEY": "z"]),
                .tls(host: "c", port: 3, .init(identity: .init(certificatePath: "y", privateKeyPath: "z")))
            ),
            Row("certificates without TLS", Given([], ["MINTMARK_CA": "/ca"]), .tcp(host: "127.0.0.1", port: 7420)),
            Row("a wrong one behind an option", Given(["--unix", "/a"], wrong), .unixSocket(path: "/a")),
        ] as [Row<Given, Endpoint>]
    )
    func endpoint(row: Row<Given, Endpoint>) throws {
        let options = try ConnectionOptions.parse(row.given.arguments)
        #expect(try options.configuration(row.given.variables).endpoints == [row.expected])
    }

    @Test(
        "a variable that is wrong is a usage error that names it",
        arguments: [
            Row("no address", Given([], wrong), "MINTMARK_SERVER: a server is given as HOST:PORT"),
            Row("too long a path", Given([], ["MINTMARK_UNIX": longPath]), "MINTMARK_UNIX: the path of a Unix socket"),
            Row("both", Given([], both), "both MINTMARK_SERVER and MINTMARK_UNIX are set"),
            Row("TLS and another", Given([], tls.merging(unix) { $1 }), "both MINTMARK_UNIX and MINTMARK_TLS are set"),
            Row("a wrong address for TLS", Given([], ["MINTMARK_TLS": "c"]), "MINTMARK_TLS: a server is given as"),
            Row("half a certificate", Given(["--tls", "c:3", "--cert", "y"]), "give --cert and --key together"),
            Row("another half", Given(["--tls", "c:3"], ["MINTMARK_KEY": "z"]), "give MINTMARK_CERT and MINTMARK_KEY"),
            Row("a certificate for nothing", Given(["--ca", "x"]), "go with --tls only"),
            Row(
                "two servers with TLS",
                Given(["--tls", "c:3", "--server", "a:1"]),
                "give one of --server, --unix and"
            ),
            Row("a user on TCP", Given(["--server-user", "root"], server), "--server-user goes with --unix only"),
        ]
    )
    func usageErrors(row: Row<Given, String>) async throws {
        let completion = try await complete(["ping"] + row.given.arguments, row.given.variables)
        #expect(completion.exitStatus == .usage)
        #expect(completion.errorOutput.contains(row.expected))
    }

    @Test(
        "where nobody is found, the variable is named that says to look there",
        arguments: [
            Row("a variable", Given([], ["MINTMARK_UNIX": "/nowhere/socket"]), "MINTMARK_UNIX says where; --server,"),
            Row("an option", Given(["--unix", "/nowhere/socket"], unix), "may this user connect? --server,"),
        ]
    )
    func unreachable(row: Row<Given, String>) async throws {
        let completion = try await complete(["ping"] + row.given.arguments, row.given.variables)
        #expect(completion.exitStatus == .unreachable)
        #expect(completion.errorOutput.contains(row.expected), "\(completion.errorOutput)")
    }

    @Test("a user may be named for the socket of the environment")
    func serverUser() throws {
        let options = try ConnectionOptions.parse(["--server-user", "4711"])
        let given = Given([], Self.unix)
        #expect(try options.configuration(given.variables).serverUserIDs == [0, geteuid(), 4711])
    }

    @Test("the program asks the server of its environment")
    func program() async throws {
        try await withFakeServer(answering) { server in
            let result = try await Program.run(["ping"], environment: ["MINTMARK_SERVER": server.endpoint.description])
            #expect(result.exitCode == 0, "\(result)")
        }
    }

    private static let tls = ["MINTMARK_TLS": "c:3", "MINTMARK_CA": "/ca"]
    private static let both = ["MINTMARK_SERVER": "[::1]:1", "MINTMARK_UNIX": "/b"]
    private static let empty = ["MINTMARK_SERVER": "", "MINTMARK_UNIX": ""]
    private static let oneEmpty = ["MINTMARK_SERVER": "", "MINTMARK_UNIX": "/b"]
    private static let wrong = ["MINTMARK_SERVER": "localhost"]
    private static let longPath = String(repeating: "a", count: 108)

    struct Given: Sendable {
        var arguments: [String] = []
        var environment: [String: String] = [:]

        init(_ arguments: [String] = [], _ environment: [String: String] = [:]) {
            self.arguments = arguments
            self.environment = environment
        }

        var variables: ServerVariables { ServerVariables { environment[$0] } }
    }
}
