import Foundation
import MintmarkClient
import MintmarkTestSupport
import Testing

/// How the command line ends when it was given wrongly (2) or when there is nobody to ask (3).
@Suite struct CommandFailureTests {
    /// Nobody can be asked there; a command that is given wrongly must not try.
    private static let nowhere = ["--unix", "/nonexistent/socket"]

    @Test(arguments: [
        [],
        ["nonsense"],
        ["verify", "eyJ"],
        ["verify", "eyJ", "--audience", "a", "--any-audience"],
        ["verify", "eyJ", "--audience", "a", "--audience", "b"],
        ["verify", "", "--any-audience"],
        ["verify", "--any-audience"],
        ["open", "--subject", "alice"],
        ["open", "--audience", "orders"],
        ["open", "--subject", "alice", "--audience", "orders", "--claims", "plan"],
        ["open", "--subject", "alice", "--audience", "orders", "--claims", "@/nonexistent"],
        ["open", "--subject", "alice", "--audience", "orders", "--attempt-id", "00"],
        ["open", "--subject", "alice", "--audience", "orders", "--ttl", "-1"],
        ["sign", "--subject", "alice", "--audience", "orders", "--nonsense"],
        ["revoke"],
        ["revoke", "eyJ"],
        ["revoke", "mmrt_x", "--all"],
        ["revoke", "--all", "--subject", "alice"],
        ["revoke", "--session-id", "no"],
        ["force-rotation"],
        ["ping", "--server", "127.0.0.1:1"],
        ["ping", "--timeout", "0"],
        ["refresh", "a", "b"],
    ])
    func wrongUsage(arguments: [String]) throws {
        let result = try run(BuiltProducts.mintmark, arguments + (arguments.isEmpty ? [] : Self.nowhere))
        #expect(result.exitCode == 2, "\(result)")
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(arguments.isEmpty ? "USAGE" : "sage: mintmark"), "\(result.errors)")
    }

    @Test func wrongUsageRepeatsNoToken() throws {
        let token = "mmrt_" + String(repeating: "A", count: 62)
        let result = try run(BuiltProducts.mintmark, ["refresh", "first", token] + Self.nowhere)
        #expect(result.exitCode == 2)
        #expect(!result.errors.contains("AAAA"))
    }

    @Test func helpIsNoError() throws {
        for arguments in [["--help"], ["open", "--help"], ["--version"]] {
            let result = try run(BuiltProducts.mintmark, arguments)
            #expect(result.exitCode == 0)
            #expect(result.errors.isEmpty)
            #expect(!result.output.isEmpty)
        }
    }

    @Test func missingSocketCannotBeConnectedTo() throws {
        let result = try run(BuiltProducts.mintmark, ["ping", "--json", "--timeout", "0.2"] + Self.nowhere)
        #expect(result.exitCode == 3)
        #expect(try result.text("error_code") == "CANNOT_CONNECT")
        #expect(try result.bool("retryable") == true)
        let text = try run(BuiltProducts.mintmark, ["ping", "--timeout", "0.2"] + Self.nowhere)
        #expect(text.exitCode == 3)
        #expect(text.output.isEmpty)
        #expect(text.errors.hasPrefix("mintmark: "))
        #expect(text.errors.contains("/nonexistent/socket"))
    }

    @Test func refusedConnectionCannotBeConnectedTo() throws {
        let port = try ClosedPort()
        let result = try run(BuiltProducts.mintmark, ["ping", "--server", port.address, "--timeout", "0.2"])
        #expect(result.exitCode == 3)
        #expect(result.errors.contains(port.address), "\(result.errors)")
        withExtendedLifetime(port) {}
    }

    @Test func adminListenerIsToldOfAsWhatItIs() throws {
        let daemon = try DaemonProcess(arguments: ["--admin", "127.0.0.1:0"])
        let address = try #require(daemon.ready.admin)
        let result = try run(BuiltProducts.mintmark, ["ping", "--server", address])
        #expect(result.exitCode == 3)
        #expect(result.errors.contains("the server speaks HTTP"), "\(result.errors)")
    }

    @Test func whoDoesNotAnswerIsGivenUp() throws {
        let home = try TemporaryHome()
        let listener = try UnixSocket.listen(home.file("mute"))
        defer { close(listener) }
        let result = try run(
            BuiltProducts.mintmark,
            ["ping", "--unix", home.file("mute"), "--timeout", "0.3", "--json"]
        )
        #expect(result.exitCode == 3, "\(result)")
    }
}
