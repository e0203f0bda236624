import ArgumentParser
import Glibc
import MintmarkClient
import Testing

@testable import MintmarkCommand

@Suite("Usage")
struct UsageTests {
    private static let session = "00112233445566778899aabbccddeeff"

    @Test(
        "a command that is given wrongly is explained, and nothing is sent",
        arguments: [
            Row("no command", [], "SUBCOMMANDS:"),
            Row("an unknown command", ["close"], "mintmark has no command 'close'"),
            Row("a mistyped command", ["opne", "--subject", "a"], "no command 'opne'; did you mean 'open'?"),
            Row("a mistyped subcommand", ["keys", "lst"], "mintmark keys has no command 'lst'; did you mean 'list'?"),
            Row("another help", ["client-key", "nwe"], "See 'mintmark client-key --help'"),
            Row("a command that steers terminals", ["\u{1B}[31m"], #"mintmark has no command '\u{1B}[31m'"#),
            Row(
                "an option before the command",
                ["--server=127.0.0.1:1", "ping"],
                "options come behind the command, as in 'mintmark ping --server …'"
            ),
            Row(
                "an option between two commands",
                ["keys", "--unix", "/s", "list"],
                "options come behind the command, as in 'mintmark keys list --unix …'"
            ),
            Row("an option and no command", ["--loud"], "Unknown option '--loud'"),
            Row("an unknown option", ["ping", "--loud"], "Unknown option '--loud'"),
            Row("too many arguments", ["refresh", "a", "b"], "Unexpected argument 'b'"),
            Row("open without subject", ["open", "--audience", "b"], "'--subject <name>'"),
            Row("open without audience", ["open", "--subject", "a"], "'--audience <name> ...'"),
            Row("sign without subject", ["sign", "--audience", "b"], "'--subject <name>'"),
            Row("sign with a context", sign + ["--context", "c"], "Unknown option '--context'"),
            Row("sign with an attempt", sign + ["--attempt-id", session], "Unknown option '--attempt-id'"),
            Row("an attempt id too short", open + ["--attempt-id", "00"], "an attempt id has 32 hexadecimal digits"),
            Row("an attempt id of other letters", open + ["--attempt-id", "x"], "an attempt id has 32"),
            Row("claims that are no object", open + ["--claims", "[]"], "claims are a JSON object"),
            Row(
                "claims of a file that is not there",
                sign + ["--claims", "@/nonexistent"],
                "/nonexistent cannot be read"
            ),
            Row("a TTL that is no number", open + ["--ttl", "long"], "'--ttl <seconds>'"),
            Row(
                "a TTL with an unknown unit",
                open + ["--ttl", "1w"],
                "whole seconds are meant, from 0 to 4294967295, such as 300 or 5m"
            ),
            Row("a TTL with a fraction", ["refresh", "a", "--ttl", "1.5"], "whole seconds are meant"),
            Row("a TTL below 0", open + ["--ttl=-1"], "'--ttl <seconds>'"),
            Row("a TTL above the greatest", open + ["--ttl", "4294967296"], "'--ttl <seconds>'"),
            Row("verify without audience", ["verify", "a"], "give one --audience, or --any-audience"),
            Row("verify for both", ["verify", "a", "--audience", "b", "--any-audience"], "give one --audience"),
            Row("verify for two", ["verify", "a", "--audience", "b", "--audience", "c"], "give one --audience"),
            Row("verify without token", ["verify", "--any-audience"], "there is no token"),
            Row("verify with an empty token", ["verify", "", "--any-audience"], "there is no token"),
            Row(
                "verify with a leeway in words",
                ["verify", "a", "--any-audience", "--leeway", "b"],
                "'--leeway <seconds>': whole seconds are meant"
            ),
            Row("refresh without token", ["refresh"], "there is no token"),
            Row("introspect without token", ["introspect", "-"], "there is no token"),
            Row("revoke without target", ["revoke"], "there is no token"),
            Row("revoke with an access token", ["revoke", "eyJ"], "to end its session give --session-id with its sid"),
            Row("refresh with an access token", ["refresh", "eyJ"], "give the refresh token that came with it"),
            Row("introspect with an access token", ["introspect", "eyJ"], "mintmark verify judges it"),
            Row("revoke with something else", ["revoke", "alice"], "a refresh token begins with mmrt_"),
            Row("verify with a refresh token", ["verify", "mmrt_a", "--any-audience"], "this is a refresh token"),
            Row("revoke with token and target", ["revoke", "a", "--all"], "give exactly one target"),
            Row("revoke with two targets", ["revoke", "--subject", "a", "--all"], "give exactly one target"),
            Row("revoke with a wrong id", ["revoke", "--session-id", "zz"], "a session id has 32 hexadecimal digits"),
            Row("force-rotation without target", ["force-rotation"], "give exactly one target"),
            Row("force-rotation with two", ["force-rotation", "--all", "--client-id", "a"], "give exactly one target"),
            Row("force-rotation with a token", ["force-rotation", "a"], "Unexpected argument 'a'"),
            Row("snapshot with a place", ["snapshot", "/tmp"], "Unexpected argument '/tmp'"),
            Row("a server without port", ["ping", "--server", "localhost"], "HOST:PORT"),
            Row("two servers", ["ping", "--server", "a:1", "--unix", "b"], "give one of --server, --unix and --tls"),
            Row("a socket without name", ["ping", "--unix", ""], "the path of a Unix socket has 1 to 107 bytes"),
            Row("a user on TCP", ["ping", "--server-user", "root"], "--server-user goes with --unix only"),
            Row("no such user", ["ping", "--unix", "a", "--server-user", "?"], "there is no user named '?'"),
            Row("a timeout in words", ["ping", "--timeout", "soon"], "'--timeout <seconds>'"),
            Row(
                "a timeout with an unknown unit",
                ["ping", "--timeout", "5 s"],
                "seconds are meant, such as 10, 0.5 or 5m"
            ),
            Row(
                "an interval with an unknown unit",
                ["top", "--interval", "1S"],
                "seconds are meant, such as 10, 0.5 or 5m"
            ),
            Row("a timeout of nothing", ["ping", "--timeout", "0"], "a timeout is above 0 and at most 3600 seconds"),
            Row("a timeout below 0", ["ping", "--timeout=-1"], "a timeout is above 0"),
            Row("a timeout without end", ["ping", "--timeout", "inf"], "seconds are meant"),
            Row("a timeout that is no number", ["ping", "--timeout", "nan"], "seconds are meant"),
            Row("a timeout too long", ["ping", "--timeout", "3600.5"], "a timeout is above 0"),
            Row("a timeout of more than an hour", ["ping", "--timeout", "2h"], "a timeout is above 0"),
        ]
    )
    func usageErrors(row: Row<[String], String>) async throws {
        let completion = try await complete(row.given)
        #expect(completion.exitStatus == .usage)
        #expect(completion.output.isEmpty)
        #expect(completion.errorOutput.contains(row.expected))
    }

    @Test(
        "scripts get usage errors as JSON too",
        arguments: [
            Row("what the parser finds", ["ping", "--json", "--loud"], "Unknown option '--loud'"),
            Row("what the command finds", ["verify", "a", "--json"], "give one --audience, or --any-audience"),
        ]
    )
    func usageErrorsAsJSON(row: Row<[String], String>) async throws {
        let completion = try await complete(row.given)
        #expect(completion.exitStatus == .usage)
        #expect(completion.errorOutput.isEmpty)
        #expect(
            completion.output == #"""
                {"error":"invalid_request","error_code":"USAGE","error_description":"\#(row.expected)","retryable":false}

                """#
        )
    }

    @Test("what stands behind -- asks for nothing")
    func terminator() async throws {
        let completion = try await complete(["ping", "--loud", "--", "--json"])
        #expect(completion.output.isEmpty && !completion.errorOutput.isEmpty)
    }

    private static let open = ["open", "--subject", "a", "--audience", "b"]
    private static let sign = ["sign", "--subject", "a", "--audience", "b"]

    @Test("a usage error says how it is right")
    func usageLine() async throws {
        let completion = try await complete(["verify", "a"])
        #expect(
            completion.errorOutput == """
                Error: give one --audience, or --any-audience
                Usage: mintmark verify [TOKEN | -] (--audience NAME | --any-audience) [options]
                  See 'mintmark verify --help' for more information.

                """
        )
    }

    @Test("no token gets into a usage error", arguments: ["mmrt_AbC", "eyJhbGciOiJFZERTQSJ9.e30.c2ln"])
    func redaction(token: String) async throws {
        for arguments in [[token], ["ping", token], ["refresh", "a", token], ["ping", "--timeout", token]] {
            let completion = try await complete(arguments)
            #expect(completion.exitStatus == .usage)
            #expect(!completion.errorOutput.contains(token))
            #expect(completion.errorOutput.contains("…"))
            let script = try await complete(["--json"] + arguments)
            #expect(!script.output.contains(token))
        }
    }

    @Test("timeouts up to the greatest are taken", arguments: ["0.001", "3599.5", "3600"])
    func timeouts(text: String) throws {
        let options = try ConnectionOptions.parse(["--timeout", text])
        #expect(throws: Never.self) { try options.configuration(.none) }
    }

    @Test("a connection is given up before its call is, and nothing is tried twice")
    func configuration() throws {
        let configuration = try ConnectionOptions.parse([]).configuration(.none)
        #expect(configuration.endpoints == [.tcp(host: "127.0.0.1", port: 7420)])
        #expect(configuration.connectTimeout == .seconds(5))
        #expect(configuration.silenceMax == .seconds(5))
        #expect(configuration.requestTimeout > configuration.connectTimeout + configuration.silenceMax)
        #expect(configuration.backoff.initial >= configuration.connectTimeout * 2)
        #expect(configuration.attemptsMax == 1)
    }

    @Test("a socket's server may run as root, as oneself, or as the user who is named")
    func serverUser() throws {
        #expect(try ConnectionOptions.parse(["--unix", "a"]).configuration(.none).serverUserIDs == nil)
        let options = try ConnectionOptions.parse(["--unix", "a", "--server-user", "4711"])
        #expect(try options.configuration(.none).serverUserIDs == [0, geteuid(), 4711])
    }

    @Test(
        "help is an answer",
        arguments: [
            ["--help"], ["help"], ["help", "open"], ["open", "--help"], ["sign", "-h"], ["verify", "-h"],
            ["refresh", "-h"],
            ["revoke", "-h"], ["introspect", "-h"], ["force-rotation", "-h"], ["keys", "-h"], ["keys", "list", "-h"],
            ["keys", "import", "-h"], ["stats", "-h"],
            ["snapshot", "-h"], ["ping", "-h"],
        ]
    )
    func help(arguments: [String]) async throws {
        let completion = try await complete(arguments)
        #expect(completion.exitStatus == .done)
        #expect(completion.errorOutput.isEmpty)
        #expect(completion.output.contains("  mintmark "))
        #expect(completion.output.contains("USAGE: mintmark"))
    }

    @Test("examples keep to the width of a terminal")
    func exampleWidth() {
        for command in RootCommand.configuration.subcommands {
            let examples = command.configuration.discussion.split(separator: "\n").filter { $0.hasPrefix("  ") }
            #expect(!examples.isEmpty)
            #expect(examples.allSatisfy { $0.count <= 80 })
        }
    }

    @Test("the version is an answer")
    func version() async throws {
        let completion = try await complete(["--version"])
        #expect(completion == Completion(.done, output: "mintmark/0.1.0\n"))
    }
}
