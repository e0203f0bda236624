import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

@Suite("Late answers")
struct LateAnswerTests {
    /// Runs `body` with a client of a server that answers nothing by itself, and the late answers.
    private func withLateAnswers(
        _ timekeeper: any Timekeeper = SystemTimekeeper(),
        _ body: (MintmarkClient, FakeServer, AsyncStream<LateAnswer>) async throws -> Void
    ) async throws {
        try await withFakeServer(Scripts.silent) { server in
            let (answers, continuation) = AsyncStream.makeStream(of: LateAnswer.self)
            let configuration = MintmarkClient.Configuration.forTests.with(\.endpoints, [server.endpoint])
            let client = makeClient(configuration, timekeeper: timekeeper) { continuation.yield($0) }
            try await withRunning(client) { try await body($0, server, answers) }
        }
    }

    @Test("tokens of a refresh whose time is over are handed on, with the token they replace")
    func refresh() async throws {
        let timekeeper = ManualTimekeeper()
        try await withLateAnswers(timekeeper) { client, server, answers in
            var events = server.events.makeAsyncIterator()
            async let outcome = failure { try await client.refresh("mmrt_old", timeout: .seconds(1)) }
            let request = try #require(await events.request(.refresh))
            await timekeeper.advanceToAlarm(within: .seconds(1))
            #expect(await outcome?.code == .deadlineExceeded)
            server.write(request.answer, to: 0)
            var late = answers.makeAsyncIterator()
            guard case .refreshed(let session, let replaced) = await late.next(isolation: #isolation) else {
                Issue.record("something else came late")
                return
            }
            #expect(session.tokens.refreshToken.utf8.elementsEqual(Sample.refreshToken))
            #expect(session.generation == 1)
            #expect(replaced == "mmrt_old")
        }
    }

    @Test("tokens of a session whose opening was cancelled are handed on, with the attempt id")
    func open() async throws {
        try await withLateAnswers { client, server, answers in
            let attemptID = AttemptID()
            var events = server.events.makeAsyncIterator()
            let task = Task {
                try await client.open(subject: "alice", audience: ["orders"], attemptID: attemptID)
            }
            let request = try #require(await events.request(.open))
            task.cancel()
            let error = await failure { try await task.value }
            #expect(error?.isOutcomeUnknown == true)
            server.write(request.answer, to: 0)
            var late = answers.makeAsyncIterator()
            guard case .opened(let tokens, let id) = await late.next(isolation: #isolation) else {
                Issue.record("something else came late")
                return
            }
            #expect(tokens.sessionID.bytes == Sample.sessionID)
            #expect(id == attemptID)
        }
    }

    @Test("answers without tokens are thrown away, and so are errors")
    func others() async throws {
        try await withLateAnswers { client, server, answers in
            var events = server.events.makeAsyncIterator()
            let verify = Task { try await client.verify("token", audience: .any) }
            let verifyRequest = try #require(await events.request(.verify))
            let refused = Task { try await client.refresh("mmrt_refused") }
            let refusedRequest = try #require(await events.request(.refresh))
            let refresh = Task { try await client.refresh("mmrt_old") }
            let refreshRequest = try #require(await events.request(.refresh))
            verify.cancel()
            refused.cancel()
            refresh.cancel()
            _ = await (verify.result, refused.result, refresh.result)
            server.write(verifyRequest.answer + refusedRequest.error(.unknown) + refreshRequest.answer, to: 0)
            // The first that is handed on is the last that was sent.
            var late = answers.makeAsyncIterator()
            guard case .refreshed(_, "mmrt_old") = await late.next(isolation: #isolation) else {
                Issue.record("something else came late")
                return
            }
        }
    }
}
