import MintmarkCrypto
import MintmarkEngine
import MintmarkSessions
import MintmarkWire
import Testing

@testable import MintmarkServer

/// Who calls, by what the channel tells.
@Suite struct CallerDirectoryTests {
    private let web = Caller.ordinary("web")
    private let job = Caller.ordinary("job")

    private func outcome(_ directory: CallerDirectory, _ origin: ConnectionOrigin) -> String {
        switch directory.find(origin) {
        case .match(let match): match.caller.id
        case .authenticationOwed: "owed"
        case .refused(let refusal): refusal.rawValue
        }
    }

    private func certificate(uris: [String] = [], dnsNames: [String] = []) -> ConnectionOrigin {
        .tls(
            TLSOrigin(
                serverCertificateSHA256: [UInt8](repeating: 0, count: 32),
                clientNames: CertificateNames(uris: uris, dnsNames: dnsNames)
            )
        )
    }

    @Test func userIDsAreMapped() {
        let directory = CallerDirectory([.userID(0): web, .userID(1_000): job, .userID(65_534): job])
        #expect(outcome(directory, .unix(userID: 0)) == "web")
        #expect(outcome(directory, .unix(userID: 1_000)) == "job")
        #expect(outcome(directory, .unix(userID: 999)) == "user_unknown")
        // The overflow user id is nobody, whatever a directory says.
        #expect(outcome(directory, .unix(userID: 65_534)) == "user_unknown")
    }

    @Test func certificatesAreMappedByURIsBeforeDNSNames() {
        let directory = CallerDirectory([
            .certificate(CertificateName(uri: "spiffe://mesh/web")): web,
            .certificate(CertificateName(dns: "job.example")): job,
        ])
        #expect(outcome(directory, certificate(uris: ["spiffe://mesh/web"], dnsNames: ["job.example"])) == "web")
        #expect(
            outcome(directory, certificate(uris: ["spiffe://other"], dnsNames: ["a.example", "JOB.example"])) == "job"
        )
        #expect(outcome(directory, certificate(uris: ["spiffe://mesh/Web"])) == "certificate_unknown")
        #expect(
            outcome(directory, certificate(uris: ["job.example"], dnsNames: ["spiffe://mesh/web"]))
                == "certificate_unknown"
        )
        #expect(outcome(directory, certificate()) == "certificate_unknown")
        let none = ConnectionOrigin.tls(TLSOrigin(serverCertificateSHA256: [], clientNames: nil))
        #expect(outcome(directory, none) == "owed")
    }

    @Test func authIsOwedOverTCPOnLoopbackAlone() {
        let directory = CallerDirectory([.userID(0): web])
        #expect(outcome(directory, .tcp(serverAddress: "127.0.0.1:7420")) == "owed")
        #expect(outcome(directory, .tcp(serverAddress: "[::1]:7420")) == "owed")
        #expect(outcome(directory, .tcp(serverAddress: "192.0.2.1:7420")) == "in_clear")
        #expect(outcome(directory, .tcp(serverAddress: "[2001:db8::1]:7420")) == "in_clear")
    }

    @Test func withoutClientsEverybodyIsLocalAndAdministersOnTheUnixSocketAlone() throws {
        let directory = try CallerDirectory(try load())
        for (origin, isAdministrator) in [
            (ConnectionOrigin.unix(userID: 12_345), true), (.unix(userID: 65_534), true),
            (.tcp(serverAddress: "127.0.0.1:1"), false), (certificate(uris: ["spiffe://x"]), false),
        ] {
            guard case .match(let match) = directory.find(origin) else {
                Issue.record("nobody calls from \(origin)")
                continue
            }
            #expect(match.caller.id == "local")
            #expect(match.caller.permissions.isAdministrator == isAdministrator)
        }
    }

    @Test func whoIsKnownByTheSameIsFoundAgain() throws {
        let key = Ed25519SigningKey(random: SystemRandom())
        let before = CallerDirectory([.userID(1): web])
        guard case .match(let match) = before.find(.unix(userID: 1)) else {
            Issue.record("nobody calls")
            return
        }
        let changed = Caller.administrator("web")
        #expect(CallerDirectory([.userID(1): changed]).match(again: match)?.caller === changed)
        #expect(CallerDirectory([.userID(2): changed]).match(again: match) == nil, "its user id is gone")
        #expect(CallerDirectory([.userID(1): job]).match(again: match) == nil, "its user id is another's")
        #expect(CallerDirectory.web(key).match(again: match) == nil, "it is known by something else now")
    }

    /// A directory is made of configuration; what a client may do comes with it.
    @Test func directoryHoldsWhatIsConfigured() throws {
        let configuration = try load(
            """
            clients:
              web: {identities: {user_ids: [33, 34]}, permissions: {operations: [verify]}, access_token_ttl: 2m}
              ops: {identities: {user_ids: [0]}, permissions: {admin: true}}
            """
        )
        let directory = try CallerDirectory(configuration)
        #expect(directory.clients.map(\.id) == ["ops", "web"])
        #expect(outcome(directory, .unix(userID: 34)) == "web")
        #expect(directory.clients.map(\.permissions.isAdministrator) == [true, false])
        #expect(directory.clients.last?.policy.accessTokenTTLSeconds == 120)
        #expect(directory.clients.last?.permissions.refusal(of: .sign) == .operations)
    }
}
