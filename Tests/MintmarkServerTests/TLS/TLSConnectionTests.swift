import CLibSSL
import Foundation
import MintmarkCrypto
import MintmarkTestSupport
import MintmarkWire
import NIOCore
import NIOEmbedded
import Testing

@testable import MintmarkServer

/// TLS carries the protocol as TCP does, to a client of another make.
@Suite struct TLSConnectionTests {
    private static func source(
        _ clientCertificates: Configuration.TLS.ClientCertificates = .required
    ) throws -> (TestCertificates, TLSSource) {
        let certificates = try TestCertificates.shared.get()
        return (certificates, try certificates.source(clientCertificates))
    }

    @Test(arguments: [
        (Configuration.TLS.ClientCertificates.required, "worker" as String?), (.optional, "worker"), (.optional, nil),
        (.none, nil), (.none, "worker"),
    ])
    func requestsAreAnswered(clientCertificates: Configuration.TLS.ClientCertificates, identity: String?) async throws {
        let (certificates, source) = try Self.source(clientCertificates)
        try await withServer {
            $0.tls = source
        } _: { server in
            let client = try server.connectTLS(certificates.client(identity))
            try client.send((1...200).flatMap { frame(SignRequest.test(), id: $0) })
            let answers = try (1...200).map { _ in try client.read() }
            #expect(answers.map(\.id) == Array(1...200))
            #expect(answers.allSatisfy { $0.error == nil })
            #expect(server.count("tls_handshakes") == 1)
        }
    }

    /// Records and segments have nothing to do with frames.
    @Test(arguments: [(1, Int.max), (Int.max, 1), (1, 1), (7, 3)])
    func framesMayBeCutAnywhere(recordBytes: Int, segmentBytes: Int) async throws {
        let (certificates, source) = try Self.source()
        try await withServer {
            $0.tls = source
        } _: { server in
            let client = try server.connectTLS(certificates.client(), greets: false)
            client.segmentBytesMax = segmentBytes
            try client.send(frame(HelloRequest.test) + frame(ping, id: 2), recordBytesMax: recordBytes)
            _ = try client.read().decoded(as: HelloResponse.self)
            _ = try client.read().decoded(as: PingResponse.self)
            try client.send(frame(SignRequest.test(), id: 3), recordBytesMax: recordBytes)
            _ = try client.read().decoded(as: SignResponse.self)
        }
    }

    @Test func theHandshakeItselfMayComeByteByByte() async throws {
        let (certificates, source) = try Self.source()
        try await withServer {
            $0.tls = source
        } _: { server in
            let client = try OpenSSLClient(port: server.tlsPort, certificates.client())
            client.segmentBytesMax = 1
            try client.shakeHands()
            try client.greet()
        }
    }

    /// The end of a client's side, said in TLS, by the end of the stream, or both: what it asked for is answered.
    @Test(arguments: [(true, true), (true, false), (false, true)])
    func whoEndsItsSideGetsItsAnswers(says: Bool, endsStream: Bool) async throws {
        let (certificates, source) = try Self.source()
        try await withServer {
            $0.tls = source
        } _: { server in
            let client = try server.connectTLS(certificates.client())
            try client.send((1...50).flatMap { frame(SignRequest.test(), id: $0) })
            try client.endOutput(says: says, endsStream: endsStream)
            #expect(try client.readAll().map(\.id) == Array(1...50))
            try server.awaitConnections(0)
        }
    }

    /// Like every other key here; who has a certificate of a kind that is not asked for sends none.
    @Test(arguments: [["ED25519"], ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]])
    func aCallersKeyMayBeOfAnyUsualKind(algorithm: [String]) async throws {
        let (certificates, source) = try Self.source()
        let name = "caller-\(algorithm[0])"
        let extensions = ["subjectAltName=URI:spiffe://mintmark.test/\(name)", "extendedKeyUsage=clientAuth"]
        try certificates.issue(name, extensions: extensions, algorithm: algorithm)
        try await withServer {
            $0.tls = source
        } _: { server in
            let client = try server.connectTLS(certificates.client(name))
            try client.send(frame(ping, id: 1))
            #expect(try client.read().id == 1)
        }
    }

    /// What comes behind the farewell is ignored (RFC 8446 section 6.1).
    @Test func bytesBehindTheFarewellLoseNoAnswer() throws {
        let (certificates, source) = try Self.source()
        let fixture = try ConnectionFixture {
            $0.tls = source
            $0.isJournalHeld = true
        }
        fixture.channel.allowRemoteHalfClosure = true
        let client = try EmbeddedTLSClient(fixture, certificates)
        try client.greet()
        try client.deliver(client.encrypt(frame(MintmarkWire.OpenRequest.test(), id: 1)))
        try client.deliver(client.farewell())
        try client.deliver([23, 3, 3, 0, 1, 0])
        #expect(fixture.subject.isOpen)
        #expect(try fixture.takeWritten().isEmpty)
        fixture.makeDurable()
        // This client cannot read any more: an answer with two tokens is longer than any farewell.
        #expect(try fixture.takeWritten().count > 400)
    }

    /// Nothing is waited for that cannot come any more.
    @Test func whoEndsItsSideWithoutTheFarewellOfTLSIsClosedAtOnce() throws {
        let (certificates, source) = try Self.source()
        let fixture = try ConnectionFixture { $0.tls = source }
        let client = try EmbeddedTLSClient(fixture, certificates)
        try client.greet()
        try client.deliver(client.encrypt(frame(ping, id: 1)))
        fixture.endInput()
        fixture.takeTurns()
        #expect(!fixture.subject.isOpen)
        #expect(try client.answers().map(\.status) == [nil])
    }

    /// Answers that nobody takes keep no connection open, whether or not its end was told in TLS.
    @Test(arguments: [true, false])
    func whoReadsNothingAndEndsItsSideIsCut(says: Bool) async throws {
        let (certificates, source) = try Self.source()
        try await withServer {
            $0.tls = source
            $0.timeouts.write = .milliseconds(300)
        } _: { server in
            let client = try server.connectTLS(certificates.client())
            // Each request of 10 bytes is answered with some 6 000.
            try client.send((1...4_000).flatMap { frame(StatsRequest(), id: $0) })
            try client.endOutput(says: says, endsStream: true)
            try server.awaitConnections(0)
            #expect(server.count("connections_stalled") == 1)
            withExtendedLifetime(client) {}
        }
    }

    /// However a connection ends, nothing of it is kept: the channel, its handlers and TLS know each other.
    @Test(arguments: [true, false])
    func nothingIsKeptOfAConnectionThatIsGone(isServersDoing: Bool) async throws {
        let (certificates, source) = try Self.source()
        try await withServer {
            $0.tls = source
            $0.threads = 1
        } _: { server in
            let client = try server.connectTLS(certificates.client())
            let loop = server.sockets.loops[0]
            let kept = NIOLoopBoundBox.makeBoxSendingValue(Kept(), eventLoop: loop)
            try loop.submit {
                let connection = server.workers.worker(of: loop).connections.values.first
                kept.value = Kept(connection: connection, handler: connection?.transport as? ConnectionHandler)
                #expect(kept.value.handler != nil)
                if isServersDoing { connection?.cut() }
            }.wait()
            if !isServersDoing { try client.endOutput(says: false, endsStream: true) }
            try server.awaitConnections(0)
            try server.awaitTrue { (try? loop.submit { kept.value.isNothing }.wait()) == true }
        }
    }

    /// What a test looks at without keeping it.
    private struct Kept {
        weak var connection: Connection?
        weak var handler: ConnectionHandler?

        var isNothing: Bool { connection == nil && handler == nil }
    }

    /// Hands are shaken, and the first requests come, with the same bytes.
    @Test func requestsMayComeWithTheEndOfTheHandshake() async throws {
        let (certificates, source) = try Self.source()
        try await withServer {
            $0.tls = source
        } _: { server in
            let client = try OpenSSLClient(port: server.tlsPort, certificates.client())
            try client.shakeHands(sending: frame(HelloRequest.test) + frame(ping, id: 2))
            try client.send(frame(ping, id: 3))
            _ = try client.read().decoded(as: HelloResponse.self)
            _ = try client.read().decoded(as: PingResponse.self)
            _ = try client.read().decoded(as: PingResponse.self)
        }
    }

    /// A byte that TCP calls urgent is none of the stream's, and does not hide those that are.
    @Test func urgentBytesAreNoneOfTLS() async throws {
        let (certificates, source) = try Self.source()
        try await withServer {
            $0.tls = source
        } _: { server in
            let client = try server.connectTLS(certificates.client())
            for number in 1...20 {
                try client.sendUrgent()
                try client.send(frame(ping, id: UInt32(number)))
                _ = try client.read().decoded(as: PingResponse.self)
            }
        }
    }

    /// Whoever resumes a session shows no certificate again, and is the same caller all the same, for as long as the
    /// certificate is valid.
    @Test func resumedSessionsAreJudgedAgain() async throws {
        let certificates = try TestCertificates.shared.get()
        let clock = TestClock()
        let source = try certificates.source(clock: clock)
        try await withServer {
            $0.tls = source
        } _: { server in
            let first = try server.connectTLS(certificates.client())
            let session = try #require(first.takeSession())
            defer { SSL_SESSION_free(session) }
            var options = certificates.client()
            options.session = session
            let second = try server.connectTLS(options)
            #expect(second.isResumed)
            #expect(server.count("tls_handshakes") == 2)
            clock.move(days: 366)
            #expect(throws: (any Error).self) { try server.connectTLS(options) }
            #expect(server.count("tls_certificate_expired") == 1)
        }
    }

    /// A caller whose certificate was signed by one that the authority signed.
    @Test func intermediatesAreTakenFromTheCallerAndKnownWhenItResumes() async throws {
        let certificates = try TestCertificates()
        try certificates.issue(
            "middle",
            extensions: ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"]
        )
        try certificates.issue("below", extensions: ["extendedKeyUsage=clientAuth"], signer: "middle")
        let chain = try ["below", "middle"].map {
            try String(contentsOfFile: certificates.certificate($0), encoding: .utf8)
        }
        try certificates.directory.write(Array(chain.joined().utf8), to: "chain.pem", mode: 0o600)
        let source = try certificates.source()
        try await withServer {
            $0.tls = source
        } _: { server in
            var options = certificates.client("below")
            #expect(throws: (any Error).self) { try server.connectTLS(options) }
            try server.awaitTrue { server.count("tls_unknown_authority") == 1 }
            options.identity?.certificate = certificates.directory.file("chain.pem")
            let first = try server.connectTLS(options)
            let session = try #require(first.takeSession())
            defer { SSL_SESSION_free(session) }
            options.session = session
            #expect(try server.connectTLS(options).isResumed)
        }
    }

    /// Anybody can present another's certificate. Who cannot end the handshake with its key puts nothing into the memory
    /// that resumed sessions are judged with.
    @Test func whatWasOnlyPresentedIsNotRemembered() throws {
        let certificates = try TestCertificates()
        try certificates.issue(
            "middle",
            extensions: ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"]
        )
        try certificates.issue("below", extensions: ["extendedKeyUsage=clientAuth"], signer: "middle")
        let chain = try ["below", "middle"].map { name in
            let text = try String(contentsOfFile: certificates.certificate(name), encoding: .utf8)
            return try #require(Certificate.readPEM(Array(text.utf8))?.first).bytes
        }
        let seconds = TestClock.systemSeconds
        let context = try TLSFiles.load(certificates.settings(), atSeconds: seconds)
        _ = try context.judge(chain, atSeconds: seconds)
        #expect(throws: CertificateFault.unknownAuthority) { try context.judgeResumed(chain[0], atSeconds: seconds) }
        context.completed(chain)
        _ = try context.judgeResumed(chain[0], atSeconds: seconds)
    }
}
