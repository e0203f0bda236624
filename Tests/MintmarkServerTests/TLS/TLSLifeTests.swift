import Foundation
import MintmarkEngine
import MintmarkTestSupport
import MintmarkWire
import NIOCore
import Synchronization
import Testing

@testable import MintmarkServer

/// Deadlines, stops and new certificates among TLS connections.
@Suite(.serialized) struct TLSLifeTests {
    enum Silence: CaseIterable, Sendable {
        /// Connected, and not a byte.
        case mute
        /// Half of the first message of the handshake.
        case halfMessage
        /// The whole of it, and nothing behind it.
        case halfHandshake
        /// TLS, and no HELLO.
        case noHello
    }

    private static func begin(_ silence: Silence, _ server: TestServer, _ certificates: TestCertificates) throws
        -> OpenSSLClient
    {
        let client = try OpenSSLClient(port: server.tlsPort, certificates.client())
        switch silence {
        case .mute: break
        case .halfMessage: try client.beginHandshake(bytesMax: 100)
        case .halfHandshake: try client.beginHandshake()
        case .noHello: try client.shakeHands()
        }
        return client
    }

    @Test(arguments: Silence.allCases.filter { $0 != .noHello })
    func theDeadlineCoversTLS(silence: Silence) async throws {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source()
        try await withServer {
            $0.tls = source
            $0.timeouts.handshake = .milliseconds(300)
        } _: { server in
            let client = try Self.begin(silence, server, certificates)
            try server.awaitConnections(0)
            withExtendedLifetime(client) {}
        }
    }

    /// To whom TLS can carry words, words are said.
    @Test func whoSaysNoHelloIsTold() throws {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source()
        let fixture = try ConnectionFixture {
            $0.tls = source
            $0.timeouts.handshake = .milliseconds(300)
        }
        let client = try EmbeddedTLSClient(fixture, certificates)
        fixture.advance(.milliseconds(300) - .nanoseconds(1))
        #expect(try client.answers().isEmpty)
        fixture.advance(.nanoseconds(1))
        #expect(try client.answers().map(\.status) == [.handshakeTimeout])
    }

    /// However long a stop may take: who has not shaken hands is waited for not at all.
    @Test(arguments: Silence.allCases)
    func silentPeersDoNotHoldAStopUp(silence: Silence) async throws {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source()
        try await withServer {
            $0.tls = source
            $0.timeouts.linger = .milliseconds(50)
        } _: { server in
            let client = try Self.begin(silence, server, certificates)
            try server.awaitConnections(1)
            try server.startDraining(timeout: .seconds(3_600)).wait()
            withExtendedLifetime(client) {}
        }
    }

    @Test func aPeerThatReadsNothingIsCutAtTheHardDeadline() async throws {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source()
        try await withServer {
            $0.tls = source
            $0.isJournalHeld = true
        } _: { server in
            let client = try server.connectTLS(certificates.client())
            try client.send(frame(OpenRequest.test(), id: 1))
            #expect(server.journal.awaitAppends(1))
            try server.startDraining(timeout: .milliseconds(50)).wait()
            #expect(throws: (any Error).self) { try client.readAll() }
        }
    }

    @Test func aStopSaysFarewellOverTLS() async throws {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source()
        try await withServer {
            $0.tls = source
        } _: { server in
            let client = try server.connectTLS(certificates.client())
            let drained = server.startDraining(timeout: .seconds(3_600))
            #expect(try client.readAll().map(\.status) == [.shuttingDown])
            try client.endOutput()
            try drained.wait()
        }
    }

    /// Of the callers that are connected, those go whose authority is none any more.
    @Test func callersWhoseAuthorityIsGoneAreClosed() async throws {
        let old = try TestCertificates.shared.get()
        let new = try TestCertificates.others.get()
        let source = try old.source()
        let (same, other) = (try old.source().current, try old.source(authority: new.authority).current)
        let audit = AuditRecorder()
        try await withServer {
            $0.tls = source
            $0.audit = audit
        } _: { server in
            let client = try server.connectTLS(old.client())
            let directory = TestServer.Options().directory
            source.replace(by: same)
            server.workers.callersChanged(to: directory)
            try client.send(frame(ping, id: 7))
            _ = try client.read().decoded(as: PingResponse.self)
            source.replace(by: other)
            server.workers.callersChanged(to: directory)
            #expect(try client.readAll().map(\.status) == [.clientGone])
            #expect(server.count("callers_gone") == 1)
            #expect(audit.events.map(\.name) == [.callerGone])
            #expect(audit.events.map(\.reason) == ["authority_gone"])
        }
    }

    /// So do those that have shaken hands, and not said yet what they speak.
    @Test func whoseAuthorityIsGoneBeforeHELLOIsNobody() async throws {
        let old = try TestCertificates.shared.get()
        let new = try TestCertificates.others.get()
        let source = try old.source()
        let other = try old.source(authority: new.authority).current
        try await withServer {
            $0.tls = source
        } _: { server in
            let client = try server.connectTLS(old.client(), greets: false)
            try server.awaitConnections(1)
            source.replace(by: other)
            server.workers.callersChanged(to: TestServer.Options().directory)
            try client.send(frame(HelloRequest.test, id: 1))
            #expect(try client.readAll().map(\.status) == [.clientUnknown])
        }
    }

    /// New certificates for new connections, while old ones go on and none fails.
    @Test func certificatesAreReplacedUnderLoad() async throws {
        let old = try TestCertificates.shared.get()
        let new = try TestCertificates.others.get()
        // Whoever calls trusts both, and is vouched for by both.
        let both = try [old, new].map { try String(contentsOfFile: $0.authority, encoding: .utf8) }
        let bundle = try TestCertificates(["gateway"])
        try bundle.directory.write(Array(both.joined().utf8), to: "both.pem", mode: 0o600)
        let authority = bundle.directory.file("both.pem")
        let contexts = try [old, new].map { certificates in
            try certificates.source(authority: authority).current
        }
        let source = try old.source(authority: authority)
        let isDone = Atomic(false)
        let connections = Atomic(0)
        try await withServer {
            $0.tls = source
        } _: { server in
            var options = old.client()
            options.authority = authority
            let lasting = try server.connectTLS(options)
            let callers = (0..<2).map { _ in
                BusyClient(
                    server,
                    options,
                    isDone: { isDone.load(ordering: .relaxed) },
                    connected: {
                        connections.add(1, ordering: .relaxed)
                    }
                )
            }
            while connections.load(ordering: .relaxed) < 60 {
                for context in contexts { source.replace(by: context) }
                try lasting.send(frame(ping, id: 7))
                _ = try lasting.read().decoded(as: PingResponse.self)
            }
            isDone.store(true, ordering: .relaxed)
            for caller in callers { try caller.join() }
        }
    }
}
