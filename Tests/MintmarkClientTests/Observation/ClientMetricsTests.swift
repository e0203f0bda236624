import CoreMetrics
import MetricsTestKit
import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

@Suite("Metrics of a client")
struct ClientMetricsTests {
    private static let requests = "mintmark_client_requests_total"
    private static let errors = "mintmark_client_errors_total"

    private let factory = TestMetrics()

    @Test("a call is counted once, by its operation and outcome, with the time that its caller waited")
    func duration() async throws {
        let timekeeper = ManualTimekeeper()
        try await withServedClient(Scripts.silent, timekeeper: timekeeper, metricsFactory: factory) { client, server in
            var events = server.events.makeAsyncIterator()
            async let answer = client.ping()
            let ping = try #require(await events.request(.ping))
            timekeeper.advance(by: .milliseconds(250))
            server.write(ping.answer, to: 0)
            _ = try await answer
        }
        #expect(requests("ping", "ok") == 1)
        #expect(factory.counterTotal(label: Self.requests) == 1)
        let timer = try factory.expectTimer("mintmark_client_request_duration_seconds", [("operation", "ping")])
        #expect(timer.values == [250_000_000])
    }

    @Test("an operation has metrics from its first call on, each of its outcomes from 0")
    func firstCall() async throws {
        try await withServedClient(Scripts.answering, metricsFactory: factory) { client, _ in
            #expect(factory.counters(label: Self.requests).isEmpty)
            _ = try await client.verify("a.b.c", audience: .any)
        }
        let series = factory.counters(label: Self.requests).map { Dictionary(uniqueKeysWithValues: $0.dimensions) }
        #expect(Set(series.map { $0["operation"] }) == ["verify"])
        #expect(Set(series.map { $0["outcome"] }) == ["ok", "inactive", "cancelled", "error"])
    }

    @Test("a token that is not good is an outcome of its own, and no error")
    func inactive() async throws {
        let verdict = VerifyResponse(isActive: false, reason: .tokenExpired)
        let script = Scripts.always { [.write($0.bytes(of: verdict))] }
        try await withServedClient(script, metricsFactory: factory) { client, _ in
            _ = try await client.verify("a.b.c", audience: .any)
        }
        #expect(requests("verify", "inactive") == 1)
        #expect(requests("verify", "ok") == 0)
        #expect(factory.counterTotal(label: Self.errors) == 0)
    }

    @Test(
        "an error of the server is counted by its name, one that has no name under one for all of them",
        arguments: [(StatusCode(.notPermitted), "not_permitted"), (StatusCode(rawValue: 399), "other_status")]
    )
    func serverError(_ status: StatusCode, _ reason: String) async throws {
        let script = Scripts.always { [.write($0.error(code: status))] }
        try await withServedClient(script, metricsFactory: factory) { client, _ in
            _ = await failure { try await client.revoke(.all) }
        }
        #expect(requests("revoke", "error") == 1)
        #expect(errors(reason) == 1)
        #expect(factory.counterTotal(label: Self.errors) == 1)
    }

    @Test("a call that is never sent is counted too")
    func neverSent() async throws {
        let configuration = MintmarkClient.Configuration.forTests.with(\.connectTimeout, .zero)
        let client = makeClient(
            configuration.with(\.endpoints, [.unixSocket(path: "/nonexistent/mintmark.sock")]),
            metricsFactory: factory
        )
        await withRunning(client) { client in
            _ = await failure { try await client.ping() }
            let claims = [UInt8](repeating: 0x20, count: Limits.frameLengthMaxCeiling)
            _ = await failure { try await client.sign(subject: "alice", audience: ["orders"], claims: claims) }
        }
        #expect(errors("cannot_connect") == 1)
        #expect(errors("invalid_request") == 1)
        #expect(requests("ping", "error") == 1)
        #expect(requests("sign", "error") == 1)
        #expect(attempts("failed") == 1)
        #expect(attempts("opened") == 0)
    }

    @Test("a call whose task is cancelled is no error")
    func cancelled() async throws {
        try await withServedClient(Scripts.silent, metricsFactory: factory) { client, server in
            var events = server.events.makeAsyncIterator()
            let task = Task { try await client.ping() }
            _ = await events.request(.ping)
            task.cancel()
            _ = await task.result
        }
        #expect(requests("ping", "cancelled") == 1)
        #expect(factory.counterTotal(label: Self.errors) == 0)
    }

    @Test("a request that is sent again is one call, and one repetition")
    func repetition() async throws {
        let script = Scripts.first(2) { [.write($0.error(.busy))] }
        try await withServedClient(script, metricsFactory: factory) { client, _ in _ = try await client.ping() }
        let dimensions = [("operation", "ping")]
        #expect(factory.counterTotal(label: "mintmark_client_repetitions_total", dimensions: dimensions) == 2)
        #expect(requests("ping", "ok") == 1)
        #expect(factory.counterTotal(label: Self.errors) == 0)
    }

    @Test("a connection that the server ends is lost, one that the client ends is not; none is open at the end")
    func connections() async throws {
        try await withServedClient(Scripts.first { _ in [.close] }, metricsFactory: factory) { client, _ in
            _ = try await client.ping()
        }
        #expect(attempts("opened") == 2)
        #expect(attempts("failed") == 0)
        #expect(factory.counterTotal(label: "mintmark_client_connections_lost_total") == 1)
        #expect(try factory.expectMeter("mintmark_client_connections").values == [1, 0, 1, 0])
    }

    @Test("requests are in flight until they are answered")
    func inFlight() async throws {
        try await withServedClient(Scripts.silent, metricsFactory: factory) { client, server in
            var events = server.events.makeAsyncIterator()
            async let first = client.ping()
            let ping = try #require(await events.request(.ping))
            async let second = client.ping()
            let other = try #require(await events.request(.ping))
            server.write(ping.answer + other.answer, to: 0)
            _ = try await (first, second)
        }
        #expect(try factory.expectMeter("mintmark_client_requests_in_flight").values == [1, 2, 0])
    }

    @Test("a call without a task is counted as well")
    func completion() async throws {
        try await withServedClient(Scripts.answering, metricsFactory: factory) { client, _ in
            _ = await withCheckedContinuation { continuation in
                client.send(PingRequest()) { continuation.resume(returning: $0) }
            }
        }
        #expect(requests("ping", "ok") == 1)
    }

    @Test("the backend of the process is taken where none is named, and nothing is counted where there is none")
    func backend() {
        let configuration = MintmarkClient.Configuration.forTests
        #expect(MintmarkClient(configuration).metrics == nil)
        #expect(MintmarkClient(configuration, metricsFactory: factory).metrics != nil)
        let client = withMetricsFactory(factory) { MintmarkClient(configuration) }
        #expect(client.metrics != nil)
    }

    @Test("kinds have numbers without a gap, by which metrics are found")
    func kinds() {
        #expect(Kind.allCases.map(\.rawValue) == (1...UInt8(Kind.allCases.count)).map { $0 })
    }

    private func requests(_ operation: String, _ outcome: String) -> Int64 {
        factory.counterTotal(label: Self.requests, dimensions: [("operation", operation), ("outcome", outcome)])
    }

    private func errors(_ reason: String) -> Int64 {
        factory.counterTotal(label: Self.errors, dimensions: [("reason", reason)])
    }

    private func attempts(_ outcome: String) -> Int64 {
        factory.counterTotal(label: "mintmark_client_connection_attempts_total", dimensions: [("outcome", outcome)])
    }
}
