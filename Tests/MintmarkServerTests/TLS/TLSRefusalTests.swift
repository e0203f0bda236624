import CLibSSL
import MintmarkEngine
import MintmarkWire
import NIOCore
import Testing

@testable import MintmarkServer

/// Each way in which a TLS port refuses a peer: what the peer learns, under which name it is counted and told to the
/// audit log, and that nothing of it stays.
@Suite struct TLSRefusalTests {
    private let audit = AuditRecorder()

    /// Every counter of refused handshakes.
    static let counters = [
        "tls_plaintext", "tls_no_certificate", "tls_unknown_authority", "tls_certificate_expired",
        "tls_certificate_not_yet_valid", "tls_certificate_unfit", "tls_version_refused", "tls_protocol_refused",
        "tls_handshakes_too_long", "tls_handshakes_failed",
    ]

    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var counter: String
        /// What the peer's library says.
        var alert: String
        var daysAhead: Int64 = 0
        var clientCertificates = Configuration.TLS.ClientCertificates.required
        var change: @Sendable (inout OpenSSLClient.Options, TestCertificates, TestCertificates) -> Void = { _, _, _ in }

        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "no certificate", counter: "tls_no_certificate", alert: "tlsv13 alert certificate required") {
            options,
            _,
            _ in options.identity = nil
        },
        Row(name: "wrong authority", counter: "tls_unknown_authority", alert: "sslv3 alert certificate unknown") {
            options,
            _,
            others in options.identity = (others.certificate("gateway"), others.key("gateway"))
        },
        Row(
            name: "wrong authority where a certificate is optional",
            counter: "tls_unknown_authority",
            alert: "sslv3 alert certificate unknown",
            clientCertificates: .optional
        ) { options, _, others in options.identity = (others.certificate("gateway"), others.key("gateway")) },
        Row(
            name: "expired",
            counter: "tls_certificate_expired",
            alert: "sslv3 alert certificate unknown",
            daysAhead: 366
        ),
        Row(
            name: "not yet valid",
            counter: "tls_certificate_not_yet_valid",
            alert: "sslv3 alert certificate unknown",
            daysAhead: -2
        ),
        Row(name: "a server's certificate", counter: "tls_certificate_unfit", alert: "sslv3 alert certificate unknown")
        {
            options,
            own,
            _ in options.identity = (own.certificate("server"), own.key("server"))
        },
        Row(name: "TLS 1.2", counter: "tls_version_refused", alert: "tlsv1 alert protocol version") {
            options,
            _,
            _ in options.versionMax = TLS1_2_VERSION
        },
    ]

    @Test(arguments: rows)
    func refusedHandshake(row: Row) async throws {
        let (own, others) = (try TestCertificates.shared.get(), try TestCertificates.others.get())
        let clock = TestClock()
        clock.move(days: row.daysAhead)
        let source = try own.source(row.clientCertificates, clock: clock)
        try await withServer {
            $0.tls = source
            $0.audit = audit
            $0.timeouts.linger = .milliseconds(500)
        } _: { [audit] server in
            var options = own.client()
            row.change(&options, own, others)
            let client = try OpenSSLClient(port: server.tlsPort, options)
            #expect(throws: OpenSSLClient.Fault.tls(row.alert)) {
                try client.shakeHands()
                try client.send(frame(HelloRequest.test))
                _ = try client.read()
            }
            try Self.expectOnly(row.counter, server, audit)
            try server.awaitConnections(0)
            // The next caller is served as ever.
            guard row.daysAhead == 0 else { return }
            _ = try server.connectTLS(own.client())
        }
    }

    /// The counter is 1, and every other one 0; the audit log tells of it once, by the same name.
    private static func expectOnly(_ counter: String, _ server: TestServer, _ audit: AuditRecorder) throws {
        try server.awaitTrue { server.count(counter) > 0 }
        // What counted it tells the rest of it, too, before it does anything else.
        for loop in server.sockets.loops { try loop.submit {}.wait() }
        for name in Self.counters {
            #expect(server.count(name) == (name == counter ? 1 : 0), "\(name)")
        }
        #expect(server.count("tls_handshakes") == 0)
        expectTold(counter, audit)
    }

    private static func expectTold(_ reason: String, _ audit: AuditRecorder) {
        let events = audit.events
        #expect(events.map(\.name) == [.callerRefused])
        #expect(events.map(\.reason) == [reason])
        #expect(events.allSatisfy { $0.clientID == nil && $0.peer?.hasPrefix("127.0.0.1:") == true })
    }

    @Test(arguments: [
        frame(HelloRequest.test), Array("GET / HTTP/1.1\r\n\r\n".utf8), [0], [21, 3, 3], [23, 3, 3],
    ])
    func plaintextIsToldToUseTLS(bytes: [UInt8]) async throws {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source()
        try await withServer {
            $0.tls = source
            $0.audit = audit
        } _: { [audit] server in
            let client = try server.connect(greets: false, port: server.tlsPort)
            try client.send(bytes)
            let answers = try client.readAll()
            #expect(answers.map(\.status) == [.tlsRequired])
            #expect(answers.map(\.id) == [0])
            client.close()
            try Self.expectOnly("tls_plaintext", server, audit)
            try server.awaitConnections(0)
        }
    }

    @Test func tlsToAPlaintextPortIsToldInPlaintextAndCounted() async throws {
        let certificates = try TestCertificates.shared.get()
        try await withServer {
            $0.audit = audit
        } _: { [audit] server in
            let client = try OpenSSLClient(port: server.port, certificates.client())
            #expect(throws: OpenSSLClient.Fault.tls("wrong version number")) { try client.shakeHands() }
            #expect(server.count("connections_tls_to_plaintext") == 1)
            let other = try server.connect(greets: false)
            try other.send([0, 0, 0, 1, 0])
            #expect(try other.readAll().map(\.status) == [.frameLength])
            #expect(server.count("connections_tls_to_plaintext") == 1)
            Self.expectTold("connections_tls_to_plaintext", audit)
        }
    }

    @Test(arguments: [[], ["mintmark/2"], ["h2", "http/1.1"]])
    func otherProtocolsAreRefused(protocols: [String]) async throws {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source()
        try await withServer {
            $0.tls = source
            $0.audit = audit
        } _: { [audit] server in
            var options = certificates.client()
            options.applicationProtocols = protocols
            let client = try server.connectTLS(options, greets: false)
            let answer = try client.read()
            #expect(answer.status == .versionUnsupported && answer.id == 0)
            #expect(answer.error?.lowestVersion == 1 && answer.error?.highestVersion == 1)
            #expect(try client.readUnlessEnded() == nil)
            try Self.expectOnly("tls_protocol_refused", server, audit)
        }
    }

    @Test func garbageBehindTheFirstByteIsCounted() async throws {
        let source = try TestCertificates.shared.get().source()
        try await withServer {
            $0.tls = source
            $0.audit = audit
        } _: { [audit] server in
            let client = try server.connect(greets: false, port: server.tlsPort)
            try client.send([22, 3, 1, 0, 4, 9, 9, 9, 9])
            try server.awaitTrue { server.count("tls_handshakes_failed") == 1 }
            client.endInput()
            try server.awaitConnections(0)
            Self.expectTold("tls_handshakes_failed", audit)
        }
    }

    /// So many certificates that the handshake is longer than any that is meant.
    @Test func endlessHandshakesAreCut() async throws {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source()
        try await withServer {
            $0.tls = source
            $0.audit = audit
        } _: { [audit] server in
            var options = certificates.client()
            options.extraCertificates = 100
            let client = try OpenSSLClient(port: server.tlsPort, options)
            client.segmentBytesMax = 1_000
            #expect(throws: OpenSSLClient.Fault.self) {
                try client.shakeHands()
                _ = try client.read()
            }
            try Self.expectOnly("tls_handshakes_too_long", server, audit)
            try server.awaitConnections(0)
        }
    }

    /// Reasons have the names of their counters.
    @Test(arguments: TLSRefusal.allCases)
    func reasonsAreNamedAsTheyAreCounted(refusal: TLSRefusal) {
        #expect(ServerCounter.all.first { $0.counter == refusal.counter }?.name == refusal.rawValue)
    }
}
