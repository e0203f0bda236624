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
            Row("a user on TCP", Given(["--server-user", "root"], server), "--server-user goes with --unix only"),
        ]
    )
    func usageErrors(row: Row<Given, String>) async throws {
        let completion = try await complete(["ping"] + row.given.arguments, row.given.variables)
        #expect(completion.exitStatus == .usage)
        #expect(completion.errorOutput.contains(row.expected))
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
