import MintmarkCrypto
import MintmarkWire
import NIOCore
import Testing

@testable import MintmarkServer

/// AUTH over TLS: what is signed is bound to the certificate that the client was shown on this connection.
@Suite struct TLSAuthenticationTests {
    private let key = Ed25519SigningKey(random: SystemRandom())

    /// A connection that has said HELLO, and owes AUTH.
    private struct Greeted {
        let client: OpenSSLClient
        let helloAnswer: [UInt8]

        init(_ server: TestServer, _ options: OpenSSLClient.Options) throws {
            client = try server.connectTLS(options, greets: false)
            try client.send(frame(HelloRequest.test))
            let answer = try client.read()
            #expect(try answer.decoded(as: HelloResponse.self).authenticationRequired)
            helloAnswer = answer.frame
        }

        func authenticate(_ key: Ed25519SigningKey, _ binding: AuthTranscript.Binding) throws -> Answer {
            let authenticator = Authenticator(key: key, binding: binding)
            let request = authenticator.request(hello: frame(HelloRequest.test), helloAnswer: helloAnswer)
            try client.send(frame(request, id: 2))
            return try client.read()
        }
    }

    @Test(arguments: [Configuration.TLS.ClientCertificates.none, .optional])
    func whoShowsNoCertificateProvesWhoItIsByItsKey(clientCertificates: Configuration.TLS.ClientCertificates)
        async throws
    {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source(clientCertificates)
        let callers = CallerDirectory.web(key)
        try await withServer {
            $0.tls = source
            $0.callers = callers
        } _: { [key] server in
            let greeted = try Greeted(server, certificates.client(nil))
            let shown = try greeted.client.shownCertificateSHA256
            _ = try greeted.authenticate(key, .tls(certificateSHA256: shown)).decoded(as: AuthResponse.self)
            try greeted.client.send(frame(SignRequest.test(), id: 3))
            _ = try greeted.client.read().decoded(as: SignResponse.self)
            #expect(server.count("handshakes_authenticated") == 1)
        }
    }

    /// Whoever relays a connection shows a certificate of its own, and what the client signs there is of no use here.
    @Test func whatIsSignedForAnotherCertificateIsRefused() async throws {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source(.none)
        let callers = CallerDirectory.web(key)
        let relay = try TestCertificates.others.get().source(.none).current.serverCertificateSHA256
        try await withServer {
            $0.tls = source
            $0.callers = callers
        } _: { [key] server in
            let address = "127.0.0.1:\(server.tlsPort)"
            for binding in [AuthTranscript.Binding.tls(certificateSHA256: relay), .loopback(address: address)] {
                let greeted = try Greeted(server, certificates.client(nil))
                #expect(try greeted.authenticate(key, binding).status == .authFailed)
                #expect(try greeted.client.readUnlessEnded() == nil)
            }
            #expect(server.count("handshakes_signature_invalid") == 2)
            #expect(server.count("handshakes_authenticated") == 0)
        }
    }

    /// A reload between the handshake and AUTH changes nothing: the certificate that counts is the one that was shown.
    @Test func theCertificateThatWasShownCountsAfterAReload() async throws {
        let (old, new) = (try TestCertificates.shared.get(), try TestCertificates.others.get())
        let source = try old.source(.none)
        let next = try new.source(.none).current
        let callers = CallerDirectory.web(key)
        try await withServer {
            $0.tls = source
            $0.callers = callers
        } _: { [key] server in
            let greeted = try Greeted(server, old.client(nil))
            let shown = try greeted.client.shownCertificateSHA256
            source.replace(by: next)
            _ = try greeted.authenticate(key, .tls(certificateSHA256: shown)).decoded(as: AuthResponse.self)
            let late = try Greeted(server, new.client(nil))
            #expect(try late.client.shownCertificateSHA256 != shown)
            #expect(try late.authenticate(key, .tls(certificateSHA256: shown)).status == .authFailed)
        }
    }

    /// A certificate that belongs to no client is not made up for by a key.
    @Test func whoShowsACertificateIsNotAskedForAKey() async throws {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source(.optional)
        let callers = CallerDirectory.web(key)
        try await withServer {
            $0.tls = source
            $0.callers = callers
        } _: { server in
            let client = try server.connectTLS(certificates.client(), greets: false)
            try client.send(frame(HelloRequest.test))
            #expect(try client.readAll().map(\.status) == [.clientUnknown])
            #expect(server.count("handshakes_certificate_unknown") == 1)
        }
    }
}
