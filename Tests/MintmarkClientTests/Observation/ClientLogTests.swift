import InMemoryLogging
import Logging
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

@Suite("The log of a client")
struct ClientLogTests {
    private let handler = {
        var handler = InMemoryLogHandler()
        handler.logLevel = .trace
        return handler
    }()

    private var logger: Logger { Logger(label: "test") { _ in handler } }

    private var lines: [String] { handler.entries.map { "\($0.level) \($0.message)" } }

    @Test("an ordinary day is told at debug, or not at all")
    func ordinaryDay() async throws {
        try await withServedClient(Scripts.answering, logger: logger) { client, _ in
            let opened = try await client.open(subject: "alice", audience: ["orders"])
            _ = try await client.refresh(opened.refreshToken)
        }
        #expect(lines == ["debug connection opened", "debug connection closed"])
    }

    @Test("a lost connection is worth a line, and what is sent again because of it one at debug")
    func lost() async throws {
        try await withServedClient(Scripts.first { _ in [.close] }, logger: logger) { client, _ in
            _ = try await client.ping()
        }
        let expected = [
            "debug connection opened", "info connection lost", "debug a request is sent again",
            "debug connection opened", "debug connection closed",
        ]
        #expect(lines == expected)
        #expect(handler.entries[1].metadata["unanswered"] == "1")
        #expect(handler.entries[2].metadata["operation"] == "ping")
    }

    @Test("calls that fail for want of a server are a warning")
    func unreachable() async throws {
        let configuration = MintmarkClient.Configuration.forTests.with(\.connectTimeout, .zero)
        let endpoint = Endpoint.unixSocket(path: "/nonexistent/mintmark.sock")
        await withRunning(makeClient(configuration.with(\.endpoints, [endpoint]), logger: logger)) { client in
            _ = await failure { try await client.ping() }
        }
        #expect(lines == ["warning no server is reached, and calls fail"])
        #expect(handler.entries.first?.metadata["endpoint"] == "\(endpoint)")
        #expect(handler.entries.first?.metadata["calls"] == "1")
    }

    @Test("an attempt that is not the last is told at debug")
    func retried() async throws {
        try await withFakeServer(Scripts.answering) { server in
            let endpoints: [Endpoint] = [.unixSocket(path: "/nonexistent/mintmark.sock"), server.endpoint]
            let client = makeClient(.forTests.with(\.endpoints, endpoints), logger: logger)
            try await withRunning(client) { client in _ = try await client.ping() }
        }
        #expect(lines.first == "debug a connection could not be opened")
    }

    @Test("a server that is not to be spoken to is an error")
    func untrusted() async throws {
        let script = Scripts.greeting { [.write($0.hello(version: 2))] }
        try await withServedClient(script, logger: logger) { client, _ in _ = await failure { try await client.ping() }
        }
        #expect(lines == ["error this server is not spoken to"])
    }

    @Test("a breach of the protocol on an open connection is an error")
    func violation() async throws {
        let script = Scripts.first { [.write($0.bytes(of: PingResponse(serverTime: 1), requestID: 99))] }
        try await withServedClient(script, logger: logger) { client, _ in _ = try? await client.ping() }
        #expect(lines.contains("error connection ended: the server does not keep to the protocol"))
    }

    @Test("no line has a token in it")
    func noTokens() async throws {
        let script = Scripts.first(3) { [.write($0.error(.storage))] }
        try await withServedClient(script, logger: logger) { client, _ in
            let tokens = try await client.open(subject: "alice", audience: ["orders"])
            _ = try await client.refresh(tokens.refreshToken)
            _ = try await client.verify(tokens.accessToken, audience: .any)
        }
        let text = handler.entries.map { "\($0.message) \($0.metadata)" }.joined()
        #expect(!text.isEmpty)
        #expect(!text.contains(String(decoding: Sample.jwt, as: UTF8.self)))
        #expect(!text.contains(String(decoding: Sample.refreshToken, as: UTF8.self)))
        #expect(!text.contains("alice"))
    }
}
