import Glibc
import Logging
import MintmarkCrypto
import MintmarkEngine
import MintmarkSessions
import MintmarkTestSupport
import MintmarkWire
import NIOConcurrencyHelpers
import Testing

@testable import MintmarkServer

/// What a reload takes over, and that it takes over all or nothing.
@Suite struct ReloadTests {
    /// A part that notes what is asked of it.
    private final class Part: Reloadable {
        let name: String
        static let settings = ["clients", "limits.in_flight"]
        let failure: ReloadFailure?
        let appliedCount = NIOLockedValueBox(0)

        init(_ name: String, failure: ReloadFailure? = nil) {
            self.name = name
            self.failure = failure
        }

        func prepare(_ configuration: Configuration) throws(ReloadFailure) -> ReloadStep {
            if let failure { throw failure }
            return { [appliedCount] in appliedCount.withLockedValue { $0 += 1 } }
        }
    }

    private func reloader(_ yaml: String, _ parts: [any Reloadable]) throws -> Reloader {
        Reloader(
            load: { (running) throws(DaemonFailure) in
                do throws(ConfigurationErrors) {
                    return try MintmarkServerTests.load(yaml, running: running)
                } catch {
                    throw DaemonFailure("\(error)")
                }
            },
            parts: parts,
            started: try load(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test func everyPartIsAppliedWhenAllArePrepared() throws {
        let parts = [Part("first"), Part("second")]
        #expect(try reloader("clients: {local: {rotation: never}}", parts).reload() == .done)
        #expect(parts.map { $0.appliedCount.withLockedValue { $0 } } == [1, 1])
    }

    @Test func nothingIsAppliedWhenOnePartFails() throws {
        let parts = [Part("first"), Part("second", failure: ReloadFailure("no such file")), Part("third")]
        #expect(try reloader("threads: 2", parts).reload() == .refused(reason: "second: no such file"))
        #expect(parts.map { $0.appliedCount.withLockedValue { $0 } } == [0, 0, 0])
    }

    @Test func faultyFileChangesNothing() throws {
        let part = Part("first")
        let outcome = try reloader("clients: {a: {}}", [part]).reload()
        #expect(
            outcome
                == .refused(reason: "m.yaml:1:11: client 'a' can never call: it has no identities " + noIdentities("a"))
        )
        #expect(part.appliedCount.withLockedValue { $0 } == 0)
    }

    @Test func nothingIsTakenOverByAServerThatStops() throws {
        let part = Part("first")
        let reloader = try reloader("threads: 2", [part])
        reloader.close()
        #expect(reloader.reload() == .refused(reason: "the server is stopping"))
        #expect(part.appliedCount.withLockedValue { $0 } == 0)
    }

    /// A reload that hangs, as of a file on a disk that does, keeps nobody from stopping, and what comes late is refused.
    @Test func theStopDoesNotWaitForAReload() throws {
        let part = Part("first")
        let (isReading, mayGoOn) = (NIOLockedValueBox(false), NIOLock())
        let configuration = try load()
        let reloader = Reloader(
            load: { (_) throws(DaemonFailure) in
                isReading.withLockedValue { $0 = true }
                mayGoOn.withLock {}
                return configuration
            },
            parts: [part],
            started: configuration,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let requests = ReloadRequests(reloader)
        mayGoOn.lock()
        requests.submit()
        while !isReading.withLockedValue({ $0 }) { sched_yield() }
        requests.close()
        mayGoOn.unlock()
        #expect(reloader.reload() == .refused(reason: "the server is stopping"))
        #expect(part.appliedCount.withLockedValue { $0 } == 0)
    }

    /// Signals that come while a reload runs are answered by one more.
    @Test func reloadsComeOneAfterTheOther() throws {
        let loadCount = NIOLockedValueBox(0)
        let mayGoOn = NIOLock()
        let configuration = try load()
        let reloader = Reloader(
            load: { (_) throws(DaemonFailure) in
                loadCount.withLockedValue { $0 += 1 }
                mayGoOn.withLock {}
                return configuration
            },
            parts: [],
            started: configuration,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let requests = ReloadRequests(reloader)
        mayGoOn.lock()
        requests.submit()
        while loadCount.withLockedValue({ $0 }) < 1 { sched_yield() }
        for _ in 0..<5 { requests.submit() }
        mayGoOn.unlock()
        while requests.isRunning { sched_yield() }
        #expect(loadCount.withLockedValue { $0 } == 2)
    }

    @Test func changedSettingsAreNamed() throws {
        let old = try load()
        let new = try load("threads: 3\nclients: {local: {rotation: never}}")
        #expect(Reloader.changedSettings(from: old, to: new) == ["threads", "clients.local.rotation"])
        #expect(Reloader.changedSettings(from: old, to: old).isEmpty)
    }

    /// A client has two dozen settings, and all of them come and go with it.
    @Test func clientsThatChangeAreNamedAsAWhole() throws {
        func clients(_ text: String) throws -> Configuration { try load("{threads: 2, clients: {\(text)}}") }
        let identity = "identities: {user_ids: [1]}"
        let old = try clients("a: {\(identity)}, b: {identities: {user_ids: [2]}}, c: {identities: {user_ids: [3]}}")
        let new = try clients(
            "a: {\(identity), rotation: never, idle: 1d}, b: {identities: {user_ids: [2]}}, d: {identities: {user_ids: [3]}}"
        )
        #expect(Reloader.changes(from: old, to: new) == ["clients.a", "clients.d", "clients.c"])
        #expect(Reloader.changes(from: old, to: try load("threads: 3")).first == "threads")
        #expect(Reloader.changes(from: old, to: old).isEmpty)
    }

    // MARK: Clients

    private static func clients(_ text: String) throws -> Configuration { try load("clients:\n\(text)") }

    /// A server with these clients, and what takes others over.
    private func withClients(
        _ text: String,
        unixUser: UInt32,
        audit: AuditRecorder? = nil,
        _ body: @escaping @Sendable (TestServer, CallerReload, String) throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/socket"
        let callers = try CallerDirectory(try Self.clients(text))
        try await withServer {
            $0.unixPath = path
            $0.callers = callers
            $0.unixOrigin = { _ in .unix(userID: unixUser) }
            $0.audit = audit
        } _: { server in
            let reload = CallerReload(
                callers,
                sessions: server.engine.sessions,
                clock: server.clock,
                workers: server.workers
            )
            try body(server, reload, path)
        }
    }

    @Test func clientThatIsGoneIsClosedAndOthersGoOn() async throws {
        let before = "  web: {identities: {user_ids: [7]}}\n  ops: {identities: {user_ids: [8]}}\n"
        let audit = AuditRecorder()
        try await withClients(before, unixUser: 7, audit: audit) { server, reload, path in
            let client = try RawClient(unixPath: path)
            try client.greet()
            try reload.prepare(try Self.clients("  web: {identities: {user_ids: [7, 9]}}\n"))()
            _ = try client.call(ping)
            try reload.prepare(try Self.clients("  ops: {identities: {user_ids: [8]}}\n"))()
            let farewell = try client.read()
            #expect(farewell.status == .clientGone)
            #expect(farewell.id == 0)
            #expect(try client.readUnlessEnded() == nil)
            #expect(server.count("callers_gone") == 1)
            let late = try RawClient(unixPath: path)
            try late.send(frame(HelloRequest.test))
            #expect(try late.read().status == .clientUnknown)
            // The audit log tells whose connection a reload has ended, and who was turned away afterwards.
            #expect(audit.events.map(\.name) == [.callerGone, .callerRefused])
            #expect(audit.events.map(\.reason) == ["client_gone", "user_unknown"])
            #expect(audit.events.map(\.clientID) == [Array("web".utf8), nil])
            #expect(audit.events.map(\.peer) == ["unix:7", "unix:7"])
        }
    }

    @Test func userIDThatIsAnotherClientsNowEndsTheConnection() async throws {
        try await withClients("  web: {identities: {user_ids: [7]}}\n", unixUser: 7) { _, reload, path in
            let client = try RawClient(unixPath: path)
            try client.greet()
            try reload.prepare(try Self.clients("  ops: {identities: {user_ids: [7]}}\n"))()
            #expect(try client.read().status == .clientGone)
            let next = try RawClient(unixPath: path)
            try next.greet()
            _ = try next.call(ping)
        }
    }

    @Test func permissionsChangeOnOpenConnections() async throws {
        let before = "  web: {identities: {user_ids: [7]}}\n"
        try await withClients(before, unixUser: 7) { _, reload, path in
            let client = try RawClient(unixPath: path)
            try client.greet()
            _ = try client.call(SignRequest.test())
            try reload.prepare(
                try Self.clients("  web: {identities: {user_ids: [7]}, permissions: {operations: [verify]}}\n")
            )()
            // Taken over between two bursts: a request behind it sees the new permissions.
            _ = try client.call(ping)
            try client.send(frame(SignRequest.test(), id: 5))
            #expect(try client.read().error?.rule == "operations")
        }
    }

    @Test func keyThatIsGoneEndsTheConnectionsItMade() throws {
        let key = Ed25519SigningKey(random: SystemRandom())
        let other = Ed25519SigningKey(random: SystemRandom())
        let directory = CallerDirectory.web(key, other)
        let fixture = try ConnectionFixture { $0.callers = directory }
        try fixture.receive(frame(HelloRequest.test))
        let hello = try #require(try fixture.answers().first)
        let request = Authenticator(key: key).request(hello: frame(HelloRequest.test), helloAnswer: hello.frame)
        try fixture.receive(frame(request, id: 2))
        #expect(try fixture.answers().map(\.status) == [nil])
        fixture.worker.callersChanged(to: .web(key))
        #expect(try fixture.answers().isEmpty)
        fixture.worker.callersChanged(to: .web(other))
        #expect(try fixture.answers().map(\.status) == [.clientGone])
    }

    /// A longer life of tokens is remembered by revocations at once; a longer grace window needs another start.
    @Test func whatCannotChangeIsRefused() async throws {
        let before = "  web: {identities: {user_ids: [7]}}\n"
        try await withClients(before, unixUser: 7) { _, reload, path in
            let client = try RawClient(unixPath: path)
            try client.greet()
            let longer = "  web: {identities: {user_ids: [7]}, access_token_ttl: 1h, grace: {window: 30s}}\n"
            let configuration = try Self.clients(longer)
            #expect(throws: ReloadFailure.self) { try reload.prepare(configuration) }
            _ = try client.call(ping)
            let good = try Self.clients("  web: {identities: {user_ids: [7]}, access_token_ttl: 1h}\n")
            try reload.prepare(good)()
            _ = try client.call(ping)
            let signed = try client.call(SignRequest.test())
            #expect(signed.expiresInSeconds == 3_600)
        }
    }

    @Test func capThatIsNewCountsTheSessionsThereAre() async throws {
        let before = "  web: {identities: {user_ids: [7]}}\n"
        try await withClients(before, unixUser: 7) { _, reload, path in
            let client = try RawClient(unixPath: path)
            try client.greet()
            for _ in 0..<2 { _ = try client.call(OpenRequest.test()) }
            let capped = "  web: {identities: {user_ids: [7]}, sessions_per_subject: {max: 3}}\n"
            for text in [capped, before, capped] {
                try reload.prepare(try Self.clients(text))()
            }
            _ = try client.call(ping)
            _ = try client.call(OpenRequest.test())
            try client.send(frame(OpenRequest.test(), id: 9))
            #expect(try client.read().status == .sessionCap)
        }
    }
}
