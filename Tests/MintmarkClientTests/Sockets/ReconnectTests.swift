import Foundation
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

/// A path for a Unix socket, and nothing there.
private func withSocketPath<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.path + "/mintmark-\(UUID().uuidString.prefix(13))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

@Suite("Connecting")
struct ReconnectTests {
    private func configuration(_ endpoints: Endpoint...) -> MintmarkClient.Configuration {
        .forTests.with(\.endpoints, endpoints).with(\.backoff.initial, .milliseconds(100))
    }

    @Test("calls wait through failed attempts with growing pauses until the server is there")
    func serverComesLater() async throws {
        try await withSocketPath { path in
            let timekeeper = ManualTimekeeper()
            let client = makeClient(configuration(.unixSocket(path: path)), timekeeper: timekeeper)
            try await withRunning(client) { client in
                async let answer = client.ping()
                for longest in [100, 200, 400] {
                    let passed = await timekeeper.advanceToAlarm(within: .milliseconds(longest))
                    #expect((.milliseconds(longest / 2) ... .milliseconds(longest)).contains(passed))
                }
                // The fourth attempt has failed when its pause begins; the fifth meets the server.
                await timekeeper.alarm(within: .milliseconds(800))
                let server = try await FakeServer.start(unixSocket: path, script: Scripts.answering)
                timekeeper.advance(by: .milliseconds(800))
                let time = try await answer
                #expect(time > 0)
                await server.stop()
            }
        }
    }

    @Test("calls fail when the connect time-out is over, at once during the last pause, and wait again behind it")
    func failsFast() async throws {
        try await withSocketPath { path in
            let timekeeper = ManualTimekeeper()
            // One pause of 50 to 100 ms fits into the time, a second of 100 to 200 ms does not.
            let configuration = configuration(.unixSocket(path: path)).with(\.connectTimeout, .milliseconds(150))
            try await withRunning(makeClient(configuration, timekeeper: timekeeper)) { client in
                async let outcome = failure { try await client.revoke(.all) }
                await timekeeper.advanceToAlarm(within: .milliseconds(100))
                let error = try #require(await outcome)
                #expect(error.code == .cannotConnect)
                #expect(error.isRetryable)
                #expect(!error.isOutcomeUnknown)
                #expect(error.message.contains(path))
                let next = await failure { try await client.ping() }
                #expect(next == error)
                timekeeper.advance(by: .milliseconds(200))
                try await withFakeServer(Scripts.answering, unixSocket: path) { _ in _ = try await client.ping() }
            }
        }
    }

    @Test("the Unix socket is preferred, wherever it stands")
    func preference() async throws {
        try await withSocketPath { path in
            try await withFakeServer(Scripts.answering) { tcp in
                try await withFakeServer(Scripts.answering, unixSocket: path) { unix in
                    let configuration = configuration(tcp.endpoint, unix.endpoint)
                    try await withRunning(makeClient(configuration)) { client in _ = try await client.ping() }
                    #expect(unix.connectionCount == 1)
                    #expect(tcp.connectionCount == 0)
                }
            }
        }
    }

    @Test("where the Unix socket is not there, the next endpoint is tried without a pause")
    func nextEndpoint() async throws {
        try await withSocketPath { path in
            try await withFakeServer(Scripts.answering) { tcp in
                let client = makeClient(
                    configuration(.unixSocket(path: path), tcp.endpoint),
                    timekeeper: ManualTimekeeper()
                )
                try await withRunning(client) { client in _ = try await client.ping() }
                #expect(tcp.connectionCount == 1)
            }
        }
    }

    @Test("a name with several addresses is tried at each of them")
    func name() async throws {
        try await withFakeServer(Scripts.answering) { server in
            guard case .tcp(_, let port) = server.endpoint else { return }
            let client = makeClient(configuration(.tcp(host: "localhost", port: port)))
            try await withRunning(client) { client in _ = try await client.ping() }
            #expect(server.connectionCount == 1)
        }
    }

    @Test("a server of the wrong user gets nothing, and no other endpoint is tried")
    func wrongUser() async throws {
        try await withSocketPath { path in
            try await withFakeServer(Scripts.answering) { tcp in
                try await withFakeServer(Scripts.answering, unixSocket: path) { unix in
                    let configuration = configuration(unix.endpoint, tcp.endpoint).with(\.serverUserIDs, [4_000_000])
                    await withRunning(makeClient(configuration, timekeeper: ManualTimekeeper())) { client in
                        let error = await failure { try await client.ping() }
                        #expect(error?.code == .serverUntrusted)
                        #expect(error?.isTerminal == true)
                    }
                    var events = unix.events.makeAsyncIterator()
                    let first = await events.next(isolation: #isolation)
                    let second = await events.next(isolation: #isolation)
                    #expect(first == .connected(0))
                    #expect(second == .disconnected(0))
                    #expect(tcp.connectionCount == 0)
                }
            }
        }
    }

    @Test(
        "plaintext beyond loopback is refused without a packet, and before anything else is tried",
        arguments: ["192.0.2.1", "2001:db8::1"]
    )
    func plaintext(_ host: String) async throws {
        let endpoints: [Endpoint] = [.unixSocket(path: "/nonexistent"), .tcp(host: host, port: 7_420)]
        // Not even run() is waited for.
        let client = makeClient(.forTests.with(\.endpoints, endpoints), timekeeper: ManualTimekeeper())
        let error = await failure { try await client.ping() }
        #expect(error?.code == .plaintextRefused)
        #expect(error?.isTerminal == true)
    }
}
