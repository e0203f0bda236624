import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

/// What a server does about HELLO, and what the client says then.
struct Greeting: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let code: MintmarkError.Code
    let reactions: @Sendable (FakeServer.Request) -> [FakeServer.Reaction]

    init(
        _ name: String,
        _ code: MintmarkError.Code,
        _ reactions: @escaping @Sendable (FakeServer.Request) -> [FakeServer.Reaction]
    ) {
        testDescription = name
        self.code = code
        self.reactions = reactions
    }

    static let terminal = [
        Greeting("authentication owed", .authenticationRequired) {
            [.write($0.hello(authenticationRequired: true))]
        },
        Greeting("another version", .protocolViolation) { [.write($0.hello(version: 2))] },
        Greeting("a frame limit too low", .protocolViolation) { [.write($0.hello(frameLengthLimit: 16_383))] },
        Greeting("no room for requests", .protocolViolation) { [.write($0.hello(inFlightLimit: 0))] },
        Greeting("no common version", .server) { [.write($0.error(.versionUnsupported)), .close] },
        Greeting("an unknown closing error", .server) { [.write($0.error(code: StatusCode(rawValue: 199))), .close] },
        Greeting("another protocol", .protocolViolation) { _ in [.write(Array("HTTP/1.1 400 Bad Request\r\n".utf8))] },
        Greeting("an answer to nothing", .protocolViolation) {
            [.write($0.bytes(of: PingResponse(serverTime: 1), requestID: 5))]
        },
    ]
}

@Suite("Handshake")
struct HandshakeTests {
    @Test("HELLO names one version, and nothing is sent before its answer")
    func hello() async throws {
        try await withServedClient(Scripts.mute, .forTests.with(\.clientName, "orders")) { client, server in
            var events = server.events.makeAsyncIterator()
            async let answer = client.ping()
            let hello = try #require(await events.request(.hello))
            let request = try HelloRequest(decoding: hello.body.span.bytes)
            #expect(request.lowestVersion == 1)
            #expect(request.highestVersion == 1)
            #expect(request.clientName == "orders")
            #expect(request.clientNonce.count == 32)
            server.write(hello.hello(), to: 0)
            let ping = try #require(await events.request(.ping))
            #expect(ping.id != hello.id)
            server.write(ping.answer, to: 0)
            #expect(try await answer == UInt64(ping.id))
        }
    }

    @Test("a refusal that will not change is told at once", arguments: Greeting.terminal)
    func terminal(_ greeting: Greeting) async throws {
        let timekeeper = ManualTimekeeper()
        try await withServedClient(Scripts.greeting(greeting.reactions), timekeeper: timekeeper) { client, server in
            let error = await failure { try await client.ping() }
            #expect(error?.code == greeting.code)
            #expect(error?.isTerminal == true)
            #expect(error?.isOutcomeUnknown == false)
            let next = await failure { try await client.ping() }
            #expect(next == error)
            #expect(server.connectionCount == 1)
        }
    }

    @Test("a server that is stopping or ends the connection is tried again until the time is over")
    func retryable() async throws {
        for status in [nil, .shuttingDown, .handshakeTimeout] as [Status?] {
            let script = Scripts.greeting { request in
                (status.map { [.write(request.error($0, requestID: 0))] } ?? []) + [.close]
            }
            let timekeeper = ManualTimekeeper()
            let configuration = MintmarkClient.Configuration.forTests.with(\.connectTimeout, .microseconds(7_200))
            try await withServedClient(script, configuration, timekeeper: timekeeper) { client, server in
                async let outcome = failure { try await client.ping() }
                // Three pauses, of 1, 2 and 4 ms at most, fit into the time; four, of 0.5 to 4 ms at least, do not.
                var events = server.events.makeAsyncIterator()
                await events.wait(for: .disconnected(0))
                var passed = Duration.zero
                for number in 1...3 {
                    passed += await timekeeper.advanceToAlarm(within: .milliseconds(4))
                    await events.wait(for: .disconnected(number))
                }
                let error = try #require(await outcome)
                #expect(error.isRetryable)
                #expect(error.code == (status == nil ? .cannotConnect : .server))
                #expect(passed <= .milliseconds(7))
            }
        }
    }

    @Test("a server that never answers HELLO is given up when the time is over")
    func silence() async throws {
        let timekeeper = ManualTimekeeper()
        try await withServedClient(Scripts.mute, timekeeper: timekeeper) { client, server in
            var events = server.events.makeAsyncIterator()
            async let outcome = failure { try await client.ping() }
            _ = await events.request(.hello)
            timekeeper.advance(by: MintmarkClient.Configuration.forTests.connectTimeout)
            let error = await outcome
            #expect(error?.code == .cannotConnect)
            #expect(error?.isRetryable == true)
            let reason = "it took the connection, but HELLO was not answered in time"
            #expect(error?.message == "cannot connect to \(server.endpoint): \(reason)")
            await events.wait(for: .disconnected(0))
        }
    }
}
