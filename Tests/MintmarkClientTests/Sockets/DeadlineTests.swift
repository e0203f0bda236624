import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

@Suite("Deadlines")
struct DeadlineTests {
    @Test("a call ends when its time is over; what it may have changed is unknown")
    func deadline() async throws {
        let timekeeper = ManualTimekeeper()
        let configuration = MintmarkClient.Configuration.forTests.with(\.requestTimeout, .seconds(5))
        try await withServedClient(Scripts.silent, configuration, timekeeper: timekeeper) { client, server in
            var events = server.events.makeAsyncIterator()
            async let verify = failure {
                try await client.verify("token", audience: .any)
            }
            _ = await events.request(.verify)
            async let refresh = failure { try await client.refresh("mmrt_sample") }
            _ = await events.request(.refresh)
            timekeeper.advance(by: .seconds(5))
            let verifyError = await verify
            #expect(verifyError?.code == .deadlineExceeded)
            #expect(verifyError?.isRetryable == true)
            #expect(verifyError?.isOutcomeUnknown == false)
            let refreshError = await refresh
            #expect(refreshError?.code == .deadlineExceeded)
            #expect(refreshError?.isOutcomeUnknown == true)
        }
    }

    @Test("a call that was not sent when its time is over, because the server does not greet, could not connect")
    func noGreeting() async throws {
        let timekeeper = ManualTimekeeper()
        let configuration = MintmarkClient.Configuration.forTests.with(\.requestTimeout, .seconds(5))
        try await withServedClient(Scripts.mute, configuration, timekeeper: timekeeper) { client, server in
            var events = server.events.makeAsyncIterator()
            async let outcome = failure { try await client.revoke(.all) }
            _ = await events.request(.hello)
            timekeeper.advance(by: .seconds(5))
            let error = await outcome
            #expect(error?.code == .cannotConnect)
            #expect(error?.isRetryable == true)
            #expect(error?.isOutcomeUnknown == false)
        }
    }

    @Test("a call whose time is over before run() could not connect")
    func notRun() async {
        let timekeeper = ManualTimekeeper()
        let client = makeClient(.forTests.with(\.requestTimeout, .seconds(5)), timekeeper: timekeeper)
        async let outcome = failure { try await client.ping() }
        await timekeeper.advanceToAlarm(within: .seconds(5))
        #expect(await outcome?.code == .cannotConnect)
    }

    @Test("a call for which there is a connection without room has no more time, and was not sent")
    func noRoom() async throws {
        let timekeeper = ManualTimekeeper()
        let script: FakeServer.Script = { $0.kind == .hello ? [.write($0.hello(inFlightLimit: 1))] : [] }
        let configuration = MintmarkClient.Configuration.forTests.with(\.connectionsMax, 1)
        try await withServedClient(script, configuration, timekeeper: timekeeper) { client, server in
            var events = server.events.makeAsyncIterator()
            async let first = client.ping()
            let request = try #require(await events.request(.ping))
            async let outcome = failure { try await client.revoke(.all, timeout: .seconds(1)) }
            await timekeeper.advanceToAlarm(within: .seconds(1))
            let error = await outcome
            #expect(error?.code == .deadlineExceeded)
            #expect(error?.isOutcomeUnknown == false)
            server.write(request.answer, to: 0)
            _ = try await first
        }
    }

    @Test("a call may have a time of its own, and the others go on")
    func ownTimeout() async throws {
        let timekeeper = ManualTimekeeper()
        try await withServedClient(Scripts.silent, timekeeper: timekeeper) { client, server in
            var events = server.events.makeAsyncIterator()
            async let patient = client.ping()
            let first = try #require(await events.request(.ping))
            async let hasty = failure { try await client.ping(timeout: .seconds(1)) }
            let second = try #require(await events.request(.ping))
            timekeeper.advance(by: .seconds(1))
            #expect(await hasty?.code == .deadlineExceeded)
            // The late answer is thrown away; the id in use until then is not the next call's.
            async let third = client.ping()
            let next = try #require(await events.request(.ping))
            #expect(next.id != second.id)
            server.write(second.answer + next.answer + first.answer, to: 0)
            #expect(try await third == UInt64(next.id))
            #expect(try await patient == UInt64(first.id))
            #expect(server.connectionCount == 1)
        }
    }

    @Test("a call without time is not sent")
    func noTime() async throws {
        try await withServedClient(Scripts.answering) { client, server in
            let error = await failure {
                try await client.revoke(.all, timeout: .zero)
            }
            #expect(error?.code == .deadlineExceeded)
            #expect(error?.isOutcomeUnknown == false)
            try await client.ping()
            var events = server.events.makeAsyncIterator()
            await events.wait(for: .connected(0))
            guard case .request(let hello) = await events.next(isolation: #isolation) else { return }
            #expect(hello.kind == .hello)
            guard case .request(let ping) = await events.next(isolation: #isolation) else { return }
            #expect(ping.kind == .ping)
        }
    }

    @Test("a connection that is silent for too long is given up, and its requests go elsewhere")
    func silence() async throws {
        let timekeeper = ManualTimekeeper()
        let script: FakeServer.Script = { request in
            request.kind == .hello || request.connection > 0 ? [.write(request.answer)] : []
        }
        let configuration = MintmarkClient.Configuration.forTests.with(\.silenceMax, .seconds(10))
        try await withServedClient(script, configuration, timekeeper: timekeeper) { client, server in
            var events = server.events.makeAsyncIterator()
            async let answer = client.ping()
            _ = await events.request(.ping)
            await timekeeper.advanceToAlarm(within: .seconds(10))
            await events.wait(for: .disconnected(0))
            // It answered nothing: the next attempt waits a little.
            await timekeeper.advanceToAlarm(within: .milliseconds(1))
            let time = try await answer
            #expect(time > 0)
        }
    }

    /// A refresh whose answer was lost on a connection that is dead must be repeated while its grace window is open.
    @Test("by default a repetition on another connection falls into the grace window")
    func silenceAndTheGraceWindow() {
        let configuration = MintmarkClient.Configuration(.tcp(host: "127.0.0.1", port: 1))
        let graceWindow = Duration.seconds(10)
        #expect(configuration.silenceMax + configuration.connectTimeout <= configuration.refreshRepetitionMax)
        #expect(configuration.refreshRepetitionMax + configuration.silenceMax <= graceWindow * 4 / 5)
    }

    @Test("silence says nothing while the answer to a snapshot alone is owed")
    func silenceBeforeASnapshot() async throws {
        let timekeeper = ManualTimekeeper()
        let script: FakeServer.Script = { request in
            request.kind == .hello || request.connection > 0 ? [.write(request.answer)] : []
        }
        // Without a pause: if the connection is given up, another one answers, and the test ends.
        let configuration = MintmarkClient.Configuration.forTests
            .with(\.silenceMax, .seconds(10))
            .with(\.backoff.initial, .zero)
        try await withServedClient(script, configuration, timekeeper: timekeeper) { client, server in
            var events = server.events.makeAsyncIterator()
            async let outcome: Void = client.snapshot(timeout: .seconds(3_600))
            let request = try #require(await events.request(.snapshot))
            timekeeper.advance(by: .seconds(1_000))
            server.write(request.answer, to: 0)
            try await outcome
            #expect(server.connectionCount == 1)
        }
    }

    @Test("silence counts again when another answer is owed beside that to a snapshot")
    func silenceBesideASnapshot() async throws {
        let timekeeper = ManualTimekeeper()
        let script: FakeServer.Script = { request in
            request.kind == .hello || request.connection > 0 ? [.write(request.answer)] : []
        }
        let configuration = MintmarkClient.Configuration.forTests
            .with(\.silenceMax, .seconds(10))
            .with(\.connectionsMax, 1)
        try await withServedClient(script, configuration, timekeeper: timekeeper) { client, server in
            var events = server.events.makeAsyncIterator()
            async let snapshot: Void = client.snapshot(timeout: .seconds(3_600))
            _ = await events.request(.snapshot)
            async let ping = client.ping()
            _ = await events.request(.ping)
            await timekeeper.advanceToAlarm(within: .seconds(10))
            await events.wait(for: .disconnected(0))
            // It answered nothing: the next attempt waits a little.
            await timekeeper.advanceToAlarm(within: .milliseconds(1))
            _ = try await (snapshot, ping)
        }
    }

    @Test("a snapshot has time of its own, and what became of it is unknown when that is over")
    func snapshotDeadline() async throws {
        let timekeeper = ManualTimekeeper()
        let configuration = MintmarkClient.Configuration.forTests.with(\.requestTimeout, .seconds(5))
        try await withServedClient(Scripts.silent, configuration, timekeeper: timekeeper) { client, server in
            var events = server.events.makeAsyncIterator()
            async let outcome = failure { try await client.snapshot() }
            _ = await events.request(.snapshot)
            #expect(await timekeeper.advanceToAlarm(within: .seconds(60)) == .seconds(60))
            let error = await outcome
            #expect(error?.code == .deadlineExceeded)
            #expect(error?.isRetryable == true)
            #expect(error?.isOutcomeUnknown == true)
        }
    }
}

@Suite("Cancellation")
struct CancellationTests {
    @Test("the id of a cancelled request is in use until its answer was read")
    func idStaysInUse() async throws {
        let script: FakeServer.Script = { request in
            request.kind == .hello ? [.write(request.hello(inFlightLimit: 1))] : []
        }
        try await withServedClient(script, .forTests.with(\.connectionsMax, 1)) { client, server in
            var events = server.events.makeAsyncIterator()
            let cancelled = Task { try await client.refresh("mmrt_sample") }
            let first = try #require(await events.request(.refresh))
            cancelled.cancel()
            let error = await failure { try await cancelled.value }
            #expect(error?.code == .cancelled)
            #expect(error?.isTerminal == true)
            #expect(error?.isOutcomeUnknown == true)

            // The only place is still taken: the next request is sent behind the late answer.
            async let answer = client.ping()
            server.write(first.answer, to: 0)
            let second = try #require(await events.request(.ping))
            #expect(second.id != first.id)
            server.write(second.answer, to: 0)
            #expect(try await answer == UInt64(second.id))
        }
    }

    @Test("a task that was cancelled before sends nothing")
    func cancelledBefore() async throws {
        try await withServedClient(Scripts.answering) { client, server in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await client.revoke(.all)
            }
            let error = await failure { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(error?.isOutcomeUnknown == false)
            #expect(server.connectionCount == 0)
        }
    }

    @Test("a cancelled call leaves the queue")
    func waiting() async throws {
        try await withServedClient(Scripts.mute) { client, server in
            var events = server.events.makeAsyncIterator()
            let task = Task { try await client.revoke(.all) }
            let hello = try #require(await events.request(.hello))
            task.cancel()
            let error = await failure { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(error?.isOutcomeUnknown == false)
            async let answer = client.ping()
            server.write(hello.hello(), to: 0)
            guard case .request(let next) = await events.next(isolation: #isolation) else { return }
            #expect(next.kind == .ping)
            server.write(next.answer, to: 0)
            _ = try await answer
        }
    }

    @Test("cancellations at any moment harm no other call")
    func anyMoment() async throws {
        try await withServedClient(Scripts.answering) { client, server in
            await withTaskGroup { group in
                for number in 0..<2_000 {
                    group.addTask {
                        let task = Task { try await client.ping() }
                        if number.isMultiple(of: 2) { task.cancel() }
                        do {
                            _ = try await task.value
                        } catch {
                            #expect((error as? MintmarkError)?.code == .cancelled)
                            #expect(number.isMultiple(of: 2))
                        }
                    }
                }
            }
            #expect(server.connectionCount <= 2)
        }
    }
}
