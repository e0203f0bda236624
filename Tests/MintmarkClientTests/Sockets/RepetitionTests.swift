import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

/// Calls that are repeated when their connection is lost.
struct RepeatedCall: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let kind: Kind
    let perform: @Sendable (MintmarkClient) async throws -> Void

    init(_ kind: Kind, _ perform: @escaping @Sendable (MintmarkClient) async throws -> Void) {
        testDescription = kind.name
        self.kind = kind
        self.perform = perform
    }

    static let all = [
        RepeatedCall(.ping) { try await $0.ping() },
        RepeatedCall(.sign) { _ = try await $0.sign(subject: "alice", audience: ["orders"]) },
        RepeatedCall(.verify) { _ = try await $0.verify("token", audience: .any) },
        RepeatedCall(.open) { _ = try await $0.open(subject: "alice", audience: ["orders"]) },
        RepeatedCall(.refresh) { _ = try await $0.refresh("mmrt_sample") },
        RepeatedCall(.revoke) { try await $0.revoke(.all) },
        RepeatedCall(.introspect) { _ = try await $0.introspect("mmrt_sample") },
        RepeatedCall(.keys) { _ = try await $0.keys() },
        RepeatedCall(.stats) { _ = try await $0.stats() },
        RepeatedCall(.forceRotation) { try await $0.forceRotation(of: .all) },
        RepeatedCall(.snapshot) { try await $0.snapshot(timeout: .seconds(3_600)) },
    ]
}

/// A retryable error, and whether a request that got it may have been carried out.
private let retryable: [(UInt16, Bool)] = [
    (110, false), (111, false), (112, false), (401, false), (402, false), (403, false), (404, false), (450, false),
    (501, true), (502, true), (503, false), (599, true),
]

@Suite("Repetition")
struct RepetitionTests {
    @Test("a lost connection is made good by the same request on another", arguments: RepeatedCall.all)
    func lost(_ call: RepeatedCall) async throws {
        try await withServedClient(Scripts.first { _ in [.close] }) { client, server in
            try await call.perform(client)
            var events = server.events.makeAsyncIterator()
            let first = try #require(await events.request(call.kind))
            let second = try #require(await events.request(call.kind))
            #expect(first.connection == 0)
            #expect(second.connection == 1)
            #expect(first.body == second.body)
        }
    }

    @Test("OPEN without an attempt id is sent once, and its outcome is unknown")
    func openWithoutAttemptID() async throws {
        try await withServedClient(Scripts.always { _ in [.close] }) { client, server in
            let error = await failure {
                try await client.open(subject: "alice", audience: ["orders"], attemptID: nil)
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.isRetryable == true)
            #expect(error?.isOutcomeUnknown == true)
            #expect(server.connectionCount == 1)
        }
    }

    @Test("REFRESH is not repeated where the policy has no window for it")
    func refreshWithoutWindow() async throws {
        let configuration = MintmarkClient.Configuration.forTests.with(\.refreshRepetitionMax, .zero)
        try await withServedClient(Scripts.always { _ in [.close] }, configuration) { client, server in
            let error = await failure { try await client.refresh("mmrt_sample") }
            #expect(error?.isOutcomeUnknown == true)
            #expect(server.connectionCount == 1)
        }
    }

    @Test("a retryable error is followed by a repetition", arguments: retryable)
    func retryableError(_ number: UInt16, _: Bool) async throws {
        let script = Scripts.first { request in
            let error = request.error(code: StatusCode(rawValue: number))
            return number < 200 ? [.write(error), .close] : [.write(error)]
        }
        try await withServedClient(script) { client, server in
            _ = try await client.refresh("mmrt_sample")
            #expect(server.connectionCount == (number < 200 ? 2 : 1))
        }
    }

    @Test("OPEN without an attempt id is repeated if nothing was begun", arguments: retryable)
    func retryableErrorOfOpen(_ number: UInt16, _ maybeBegun: Bool) async throws {
        let script = Scripts.first { request in
            let error = request.error(code: StatusCode(rawValue: number))
            return number < 200 ? [.write(error), .close] : [.write(error)]
        }
        try await withServedClient(script) { client, _ in
            let error = await failure {
                try await client.open(subject: "alice", audience: ["orders"], attemptID: nil)
            }
            #expect(error?.status?.rawValue == (maybeBegun ? number : nil))
            #expect(error?.isOutcomeUnknown == (maybeBegun ? true : nil))
        }
    }

    @Test("a terminal error is told at once", arguments: [201, 212, 305, 330, 350, 399, 600, 999] as [UInt16])
    func terminalError(_ number: UInt16) async throws {
        let script = Scripts.always { [.write($0.error(code: StatusCode(rawValue: number)))] }
        try await withServedClient(script) { client, server in
            let error = await failure { try await client.refresh("mmrt_sample") }
            #expect(error?.code == .server)
            #expect(error?.status?.rawValue == number)
            #expect(error?.isTerminal == true)
            #expect(error?.isOutcomeUnknown == false)
            #expect(error?.message == "so the script says")
            #expect(server.connectionCount == 1)
        }
    }

    @Test("pauses grow, and the last error is told when no more repetition fits")
    func backoff() async throws {
        let timekeeper = ManualTimekeeper()
        let script = Scripts.always { [.write($0.error(.busy))] }
        let configuration = MintmarkClient.Configuration.forTests
            .with(\.backoff.initial, .milliseconds(100))
            .with(\.requestTimeout, .milliseconds(1_000))
        try await withServedClient(script, configuration, timekeeper: timekeeper) { client, server in
            async let outcome = failure { try await client.ping() }
            var events = server.events.makeAsyncIterator()
            for longest in [100, 200, 400] {
                _ = await events.request(.ping)
                let passed = await timekeeper.advanceToAlarm(within: .milliseconds(longest))
                #expect(passed >= .milliseconds(longest / 2))
            }
            let error = await outcome
            #expect(error?.status?.status == .busy)
            #expect(error?.isRetryable == true)
        }
    }

    /// Time stands still, so no pause ends by itself.
    @Test(
        "as many calls pause as may; one more is told what the server said",
        .timeLimit(.minutes(10)),
        arguments: [1, 2]
    )
    func pauseLimit(_ waitingCallsMax: Int) async throws {
        let script = Scripts.always { [.write($0.error(.busy))] }
        let configuration = MintmarkClient.Configuration.forTests.with(\.waitingCallsMax, waitingCallsMax)
        try await withServedClient(script, configuration, timekeeper: ManualTimekeeper()) { client, server in
            var events = server.events.makeAsyncIterator()
            await withTaskGroup(of: MintmarkError?.self) { group in
                // One after the other, so that none waits for a connection while others do.
                for _ in 0...waitingCallsMax {
                    group.addTask { await failure { try await client.ping() } }
                    _ = await events.request(.ping)
                }
                let first = await group.next()
                #expect(first??.status?.status == .busy)
                group.cancelAll()
                for await error in group { #expect(error?.code == .cancelled) }
            }
        }
    }
}
