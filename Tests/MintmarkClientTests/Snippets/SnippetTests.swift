import Logging
import MetricsTestKit
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

@Suite("The code of the documentation")
struct SnippetTests {
    @Test("a client runs for as long as it is used, and keeps a session")
    func runAndSession() async throws {
        try await withFakeServer(answering) { server in
            let vault = Vault()
            try await Snippets.run(.forTests.with(\.endpoints, [server.endpoint])) { client in
                try await Snippets.session(client, vault)
            }
            #expect(vault.refreshToken.utf8.elementsEqual(Sample.refreshToken))
            #expect(server.connectionCount == 1)
        }
    }

    @Test("tokens that come late are kept")
    func lateAnswers() async throws {
        try await withFakeServer(Scripts.silent) { server in
            let vault = Vault()
            let client = Snippets.lateAnswers(.forTests.with(\.endpoints, [server.endpoint]), to: vault)
            try await withRunning(client) { client in
                var events = server.events.makeAsyncIterator()
                let task = Task { try await client.refresh("mmrt_old") }
                let refresh = try #require(await events.request(.refresh))
                task.cancel()
                _ = await task.result
                async let answer = client.ping()
                let ping = try #require(await events.request(.ping))
                server.write(refresh.answer + ping.answer, to: 0)
                _ = try await answer
                #expect(vault.refreshToken.utf8.elementsEqual(Sample.refreshToken))
            }
        }
    }

    @Test("what the first article shows works against a server, from logging in to logging out")
    func gettingStarted() async throws {
        try await withServedClient(Scripts.answering) { client, server in
            var answers: [String] = []
            try await Snippets.logIn(client) { answers += [$0, $1] }
            let admission = try await Snippets.check(client, answers[0])
            #expect(admission == .allowed(Array(#"{"sub":"alice"}"#.utf8)))
            try await Snippets.tradeIn(client, answers[1]) { answers += [$0, $1] }
            try await Snippets.logOut(client, answers[3])
            let pair = [Sample.jwt, Sample.refreshToken].map { String(decoding: $0, as: UTF8.self) }
            #expect(answers == pair + pair)
            var events = server.events.makeAsyncIterator()
            let revoked = await events.request(.revoke)
            #expect(revoked != nil)
        }
    }

    @Test("a client that is watched counts in the backend that it was handed")
    func watched() async throws {
        let backend = TestMetrics()
        try await withFakeServer(answering) { server in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let configuration = MintmarkClient.Configuration.forTests.with(\.endpoints, [server.endpoint])
            try await withRunning(Snippets.watch(configuration, logger, backend)) { _ = try await $0.ping() }
        }
        #expect(backend.counterTotal(label: "mintmark_client_requests_total") == 1)
    }

    @Test("an identity whose file is not there is refused with the file's name")
    func identity() {
        #expect {
            try Snippets.identity()
        } throws: { error in
            "\(error)".contains("/etc/orders/mintmark.key")
        }
    }

    @Test("errors are told apart by their class", arguments: [(Status.storage, true), (Status.fieldValue, false)])
    func errors(_ status: Status, _ isRetryable: Bool) async throws {
        let script = Scripts.always { [.write($0.error(status))] }
        try await withFakeServer(script) { server in
            let configuration = MintmarkClient.Configuration.forTests.with(\.endpoints, [server.endpoint])
            var reports: [MintmarkError] = []
            let revocations = await Snippets.errors(configuration.with(\.attemptsMax, 1)) { reports.append($0) }
            #expect(revocations == (isRetryable ? ["alice"] : []))
            #expect(reports.map(\.status) == (isRetryable ? [] : [StatusCode(status)]))
        }
    }

    @Test(
        "reasons are told apart by their names",
        arguments: [(nil, "served"), (.tokenExpired, "refresh, and come again"), (.keyUnknown, "KEY_UNKNOWN")]
            as [(StatusCode?, String)]
    )
    func reasons(_ reason: StatusCode?, _ expected: String) async throws {
        let script = Scripts.always { request in
            [.write(request.bytes(of: VerifyResponse(isActive: reason == nil, reason: reason)))]
        }
        try await withServedClient(script) { client, _ in
            var said: [String] = []
            try await Snippets.reasons(client, "a.b.c", serve: { said.append("served") }, refuse: { said.append($0) })
            #expect(said == [expected])
        }
    }
}
