import MintmarkTestSupport
import MintmarkWire
import NIOConcurrencyHelpers
import Testing

@testable import MintmarkClient

@Suite("Flow")
struct FlowTests {
    @Test("10 000 calls of as many tasks are all answered, over a few connections")
    func manyTasks() async throws {
        try await withServedClient(Scripts.answering) { client, server in
            try await withThrowingTaskGroup { group in
                for _ in 0..<10_000 {
                    group.addTask { _ = try await client.ping() }
                }
                try await group.waitForAll()
            }
            #expect(server.connectionCount <= 2)
        }
    }

    @Test("never more requests are unanswered than the server allows", arguments: [1, 2, 7])
    func inFlightLimit(_ limit: Int) async throws {
        let calls = 100
        let books = NIOLockedValueBox((received: 0, answered: 0, most: 0))
        let script: FakeServer.Script = { request in
            if request.kind == .hello { return [.write(request.hello(inFlightLimit: UInt32(limit)))] }
            books.withLockedValue { books in
                books.received += 1
                books.most = max(books.most, books.received - books.answered)
            }
            return []
        }
        try await withServedClient(script, .forTests.with(\.connectionsMax, 1)) { client, server in
            var events = server.events.makeAsyncIterator()
            try await withThrowingTaskGroup { group in
                for _ in 0..<calls {
                    group.addTask { _ = try await client.ping() }
                }
                for _ in 0..<calls {
                    let request = try #require(await events.request(.ping))
                    books.withLockedValue { $0.answered += 1 }
                    server.write(request.answer, to: 0)
                }
                try await group.waitForAll()
            }
            #expect(books.withLockedValue { $0.most } <= limit)
        }
    }

    @Test("waiting calls are sent in the order in which they came")
    func order() async throws {
        let script: FakeServer.Script = { request in
            request.kind == .hello ? [.write(request.hello(inFlightLimit: 1))] : [.write(request.answer)]
        }
        try await withFakeServer(script) { server in
            let configuration = MintmarkClient.Configuration.forTests
                .with(\.endpoints, [server.endpoint])
                .with(\.connectionsMax, 1)
            let client = makeClient(configuration)
            for number in 0..<50 {
                client.send(VerifyRequest(accessToken: [UInt8(number)], expectedAudience: .any)) { _ in }
            }
            try await withRunning(client) { client in _ = try await client.ping() }
            var events = server.events.makeAsyncIterator()
            for number in 0..<50 {
                let request = try #require(await events.request(.verify))
                #expect(try VerifyRequest(decoding: request.body.span.bytes).accessToken == [UInt8(number)])
            }
        }
    }

    @Test("as many calls wait as may; the next one is refused, and may come again")
    func queueLimit() async throws {
        try await withFakeServer(Scripts.answering) { server in
            let configuration = MintmarkClient.Configuration.forTests
                .with(\.endpoints, [server.endpoint])
                .with(\.waitingCallsMax, 2)
            let client = makeClient(configuration)
            let answered = NIOLockedValueBox(0)
            for _ in 0..<2 {
                client.send(PingRequest()) { result in
                    if case .success = result { answered.withLockedValue { $0 += 1 } }
                }
            }
            let error = await failure { try await client.ping() }
            #expect(error?.code == .queueFull)
            #expect(error?.isRetryable == true)
            await withRunning(client) { _ in }
            #expect(answered.withLockedValue { $0 } == 2)
        }
    }

    @Test("a pool opens as many connections as it may, and no more", arguments: [1, 3])
    func poolSize(_ connectionsMax: Int) async throws {
        let configuration = MintmarkClient.Configuration.forTests
            .with(\.connectionsMax, connectionsMax)
            .with(\.requestsPerConnectionTarget, 1)
        try await withServedClient(Scripts.silent, configuration) { client, server in
            var events = server.events.makeAsyncIterator()
            try await withThrowingTaskGroup { group in
                var requests: [FakeServer.Request] = []
                while server.connectionCount < connectionsMax || requests.count < 2 * connectionsMax {
                    group.addTask { _ = try await client.ping() }
                    requests.append(try #require(await events.request(.ping)))
                }
                for request in requests {
                    server.write(request.answer, to: request.connection)
                }
                try await group.waitForAll()
            }
            #expect(server.connectionCount == connectionsMax)
        }
    }

    @Test("a request longer than the server takes is refused here, and the connection lives")
    func longRequest() async throws {
        let script = Scripts.greeting { [.write($0.hello(frameLengthLimit: 16_384))] }
        try await withServedClient(script) { client, server in
            // 6 bytes of header behind the length, 3 before the token, 3 for any_audience.
            for (length, fits) in [(16_371, true), (16_372, true), (16_373, false), (2_000_000, false)] {
                let error = await failure {
                    try await client.verify(String(repeating: "x", count: length), audience: .any)
                }
                #expect(error?.code == (fits ? nil : .invalidRequest))
            }
            try await client.ping()
            #expect(server.connectionCount == 1)
        }
    }
}
