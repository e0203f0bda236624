import Foundation
import MintmarkClient
import MintmarkTestSupport
import MintmarkWire
import Testing

@Suite("The program")
struct ProgramTests {
    @Test("exit code 0: done")
    func done() async throws {
        try await withFakeServer(answering) { server in
            let result = try await Program.run(
                ["refresh", "--server", server.endpoint.description, "--json"],
                input: "mmrt_a\n"
            )
            #expect(result.exitCode == 0)
            #expect(try parsed(result.output)["refresh_token"] as? String == "mmrt_sample")
            #expect(result.errorOutput.isEmpty)
            var events = server.events.makeAsyncIterator()
            let request = try #require(await events.request(.refresh))
            let sent = try RefreshRequest(decoding: request.body.span.bytes)
            #expect(sent.refreshToken == Array("mmrt_a".utf8))
        }
    }

    @Test("exit code 0 over a Unix socket")
    func unixSocket() async throws {
        let path = NSTemporaryDirectory() + "mm-\(UUID().uuidString.prefix(8)).sock"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await withFakeServer(answering, unixSocket: path) { _ in
            let result = try await Program.run(["ping", "--unix", path])
            #expect(result.exitCode == 0)
            #expect(result.output.hasPrefix("server time  "))
        }
    }

    @Test("exit code 1: refused")
    func refused() async throws {
        let script: FakeServer.Script = { request in
            request.kind == .hello ? [.write(request.answer)] : [.write(request.error(.revoked))]
        }
        try await withFakeServer(script) { server in
            let result = try await Program.run(["refresh", "mmrt_a", "--server", server.endpoint.description])
            #expect(result.exitCode == 1)
            #expect(result.output.isEmpty)
            #expect(result.errorOutput == "mintmark: REVOKED: the session was revoked (so the script says)\n")
        }
    }

    @Test("exit code 2: usage", arguments: [["verify", "a"], ["ping", "--server", "x"], ["nothing"], []])
    func usage(arguments: [String]) async throws {
        let result = try await Program.run(arguments)
        #expect(result.exitCode == 2)
        #expect(result.output.isEmpty)
        #expect(!result.errorOutput.isEmpty)
    }

    @Test("exit code 3: cannot connect")
    func unreachable() async throws {
        let port = try ClosedPort()
        let result = try await Program.run(["ping", "--server", port.address, "--timeout", "3600"])
        #expect(result.exitCode == 3)
        #expect(result.output.isEmpty)
        #expect(result.errorOutput.hasPrefix("mintmark: cannot connect to \(port.address)"))
        withExtendedLifetime(port) {}
    }
}
