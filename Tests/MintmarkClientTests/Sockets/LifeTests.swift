import MintmarkTestSupport
import MintmarkWire
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import MintmarkClient

@Suite("Life of a client")
struct LifeTests {
    @Test("calls that come before run() wait for it")
    func callsBeforeRun() async throws {
        try await withFakeServer(Scripts.answering) { server in
            let client = makeClient(.forTests.with(\.endpoints, [server.endpoint]))
            async let answer = client.ping()
            async let running: Void = client.run()
            let time = try await answer
            #expect(time > 0)
            client.beginGracefulShutdown()
            await running
        }
    }

    @Test("a graceful shutdown takes no new calls and waits for those that came")
    func graceful() async throws {
        try await withFakeServer(Scripts.silent) { server in
            let client = makeClient(.forTests.with(\.endpoints, [server.endpoint]))
            var events = server.events.makeAsyncIterator()
            async let running: Void = client.run()
            async let answer = client.ping()
            let request = try #require(await events.request(.ping))
            client.beginGracefulShutdown()
            let refused = await failure { try await client.ping() }
            #expect(refused?.code == .shutDown)
            #expect(refused?.isTerminal == true)
            server.write(request.answer, to: 0)
            #expect(try await answer == UInt64(request.id))
            await running
            await events.wait(for: .disconnected(0))
        }
    }

    @Test("a graceful shutdown lets calls that lost their connection finish on another")
    func gracefulRepetition() async throws {
        let script: FakeServer.Script = { request in
            request.kind == .hello || request.connection > 0 ? [.write(request.answer)] : []
        }
        try await withFakeServer(script) { server in
            let client = makeClient(.forTests.with(\.endpoints, [server.endpoint]))
            var events = server.events.makeAsyncIterator()
            async let running: Void = client.run()
            async let answer = client.ping()
            _ = await events.request(.ping)
            client.beginGracefulShutdown()
            server.close(0)
            let time = try await answer
            #expect(time > 0)
            await running
        }
    }

    @Test("cancelling run() ends everything at once")
    func cancellation() async throws {
        try await withFakeServer(Scripts.silent) { server in
            let client = makeClient(.forTests.with(\.endpoints, [server.endpoint]))
            var events = server.events.makeAsyncIterator()
            let running = Task { await client.run() }
            async let outcome = failure { try await client.refresh("mmrt_sample") }
            _ = await events.request(.refresh)
            running.cancel()
            await running.value
            let error = await outcome
            #expect(error?.code == .shutDown)
            #expect(error?.isOutcomeUnknown == true)
            await events.wait(for: .disconnected(0))
            let late = await failure { try await client.ping() }
            #expect(late?.code == .shutDown)
        }
    }

    @Test("run() behind a graceful shutdown finishes the calls that came before, and returns")
    func runBehindShutdown() async throws {
        try await withFakeServer(Scripts.answering) { server in
            let client = makeClient(.forTests.with(\.endpoints, [server.endpoint]))
            let isAnswered = NIOLockedValueBox(false)
            client.send(PingRequest()) { result in
                if case .success = result { isAnswered.withLockedValue { $0 = true } }
            }
            client.beginGracefulShutdown()
            await client.run()
            #expect(isAnswered.withLockedValue { $0 })
        }
    }

    @Test("the client of a scope ends with it, also by an error")
    func scope() async throws {
        struct Stop: Error {}
        try await withFakeServer(Scripts.answering) { server in
            var events = server.events.makeAsyncIterator()
            let configuration = MintmarkClient.Configuration.forTests.with(\.endpoints, [server.endpoint])
            let time = try await withMintmarkClient(configuration) { try await $0.ping() }
            #expect(time > 0)
            await events.wait(for: .disconnected(0))
            await #expect(throws: Stop.self) {
                try await withMintmarkClient(configuration) { client in
                    try await client.ping()
                    throw Stop()
                }
            }
            await events.wait(for: .disconnected(1))
        }
    }

    @Test("a call without a task is told on the client's event loop")
    func callWithoutTask() async throws {
        try await withServedClient(Scripts.answering) { client, _ in
            let isOnEventLoop = await withCheckedContinuation { continuation in
                client.send(PingRequest()) { result in
                    guard case .success = result else { return continuation.resume(returning: false) }
                    continuation.resume(returning: client.eventLoop.inEventLoop)
                }
            }
            #expect(isOnEventLoop)
        }
    }
}
