import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

@Suite("The server ends a connection")
struct ClosingTests {
    @Test(
        "what is unanswered when a closing error comes was not begun: even OPEN without an attempt id goes elsewhere",
        arguments: [101, 107, 111, 112, 199] as [UInt16]
    )
    func closingError(_ number: UInt16) async throws {
        // The server leaves the connection open: nothing more is waited for.
        let script = Scripts.first { [.write($0.error(code: StatusCode(rawValue: number), requestID: 0))] }
        try await withServedClient(script) { client, server in
            let tokens = try await client.open(subject: "alice", audience: ["orders"], attemptID: nil)
            #expect(tokens.sessionID.bytes == Sample.sessionID)
            #expect(server.connectionCount == 2)
            var events = server.events.makeAsyncIterator()
            await events.wait(for: .disconnected(0))
        }
    }

    @Test("a closing error that is no request's is told to calls that are not repeated; none of them was begun")
    func closingErrorIsTold() async throws {
        let script = Scripts.always { [.write($0.error(.frameTimeout, requestID: 0))] }
        try await withServedClient(script, .forTests.with(\.attemptsMax, 1)) { client, _ in
            let error = await failure { try await client.revoke(.all) }
            #expect(error?.code == .connectionLost)
            #expect(error?.message.contains("FRAME_TIMEOUT") == true)
            #expect(error?.isRetryable == true)
            #expect(error?.isOutcomeUnknown == false)
        }
    }

    @Test("answers before the closing error are read, and an answer behind it is not waited for")
    func answersBeforeClosingError() async throws {
        let script: FakeServer.Script = { request in
            request.kind == .hello || request.connection > 0 ? [.write(request.answer)] : []
        }
        try await withServedClient(script, .forTests.with(\.connectionsMax, 1)) { client, server in
            var events = server.events.makeAsyncIterator()
            async let first = client.ping()
            let answered = try #require(await events.request(.ping))
            async let second = client.open(subject: "alice", audience: ["orders"], attemptID: nil)
            let unanswered = try #require(await events.request(.open))
            server.write(answered.answer + unanswered.error(.shuttingDown, requestID: 0) + unanswered.answer, to: 0)
            #expect(try await first == UInt64(answered.id))
            #expect(try await second.sessionID.bytes == Sample.sessionID)
            #expect(await events.request(.open)?.connection == 1)
        }
    }

    @Test("a connection that ends while nothing is asked is opened again for the next call")
    func idleEnd() async throws {
        try await withServedClient(Scripts.answering) { client, server in
            var events = server.events.makeAsyncIterator()
            try await client.ping()
            server.close(0)
            await events.wait(for: .disconnected(0))
            try await client.ping()
            #expect(server.connectionCount == 2)
        }
    }

    @Test("an error that belongs to no request and closes nothing is passed over")
    func errorWithoutRequest() async throws {
        let script = Scripts.first { [.write($0.error(.internal, requestID: 0)), .write($0.answer)] }
        try await withServedClient(script) { client, server in
            try await client.ping()
            try await client.ping()
            #expect(server.connectionCount == 1)
        }
    }
}
