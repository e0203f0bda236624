import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

@Suite("The server ends a connection")
struct ClosingTests {
    @Test("what a stopping server has not answered was not begun: even OPEN without an attempt id goes elsewhere")
    func shuttingDown() async throws {
        let script = Scripts.first { [.write($0.error(.shuttingDown, requestID: 0)), .close] }
        try await withServedClient(script) { client, server in
            let tokens = try await client.open(subject: "alice", audience: ["orders"], attemptID: nil)
            #expect(tokens.sessionID.bytes == Sample.sessionID)
            #expect(server.connectionCount == 2)
        }
    }

    @Test("answers that come behind the closing error are read, and new requests take another connection")
    func answersBehindClosingError() async throws {
        let script: FakeServer.Script = { $0.kind == .open ? [] : [.write($0.answer)] }
        try await withServedClient(script) { client, server in
            var events = server.events.makeAsyncIterator()
            async let early = client.open(subject: "alice", audience: ["orders"], attemptID: nil)
            let open = try #require(await events.request(.open))
            server.write(open.error(.shuttingDown, requestID: 0), to: 0)
            while server.connectionCount < 2 {
                try await client.ping()
            }
            server.write(open.answer, to: 0)
            #expect(try await early.sessionID.bytes == Sample.sessionID)
            await events.wait(for: .disconnected(0))
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
