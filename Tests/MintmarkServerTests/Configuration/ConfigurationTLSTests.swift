import Testing

@testable import MintmarkServer

@Suite("TLS settings")
struct ConfigurationTLSTests {
    private static let files = "certificate: s.pem, private_key: s.key, client_ca: ca.pem"

    @Test func withoutAListenerThereIsNoTLS() throws {
        #expect(try load("tls: {\(Self.files)}").tls == nil)
    }

    @Test func allOfItIsRead() throws {
        let clients = "clients: {a: {identities: {certificates: ['DNS:a']}}}"
        let tls = try load("{tls: {listen: ['0.0.0.0:7423', '[::]:0'], \(Self.files)}, \(clients)}").tls
        #expect(tls?.listen.map(\.description) == ["0.0.0.0:7423", "[::]:0"])
        #expect(tls?.certificate == "s.pem")
        #expect(tls?.privateKey == "s.key")
        #expect(tls?.clientCA == "ca.pem")
        #expect(tls?.clientCertificates == .required)
    }

    @Test func theFlagAddsTheListener() throws {
        let configuration = try load("tls: {\(Self.files)}", arguments: .init(tlsListen: ["127.0.0.1:7423"]))
        #expect(configuration.tls?.listen.map(\.description) == ["127.0.0.1:7423"])
    }

    @Test func aTLSListenerAloneIsEnough() throws {
        #expect(try load("{listen: [], tls: {listen: [localhost:0], \(Self.files)}}").listen.isEmpty)
    }

    @Test func filesAreNeeded() {
        #expect(
            faults("tls: {listen: [localhost:0]}") == [
                "m.yaml:1:15: tls.certificate: must be set where tls.listen is",
                "m.yaml:1:15: tls.private_key: must be set where tls.listen is",
                "m.yaml:1:15: tls.client_ca: must be set where tls.listen is, or tls.client_certificates be none",
            ]
        )
    }

    @Test func anAuthorityWithoutUseIsAFault() {
        let reason = "tls.client_ca: is of no use where tls.client_certificates is none"
        let settings = "certificate: s.pem, private_key: s.key, client_ca: c, client_certificates: none"
        #expect(faults("tls: {listen: [localhost:0], \(settings)}") == ["m.yaml:1:81: \(reason)"])
    }

    @Test(arguments: ["none", "optional", "required"])
    func strangersAreKeptOutAndTheOperatorToldWhy(word: String) {
        let authority = word == "none" ? "" : "client_ca: c, "
        let files = "certificate: s.pem, private_key: s.key, \(authority)client_certificates: \(word)"
        let reason =
            "tls.listen: 192.0.2.1:7422 is no loopback address, and no clients are configured: whoever connects could "
            + "make tokens; configure clients; to allow it all the same, set insecure_listeners to allow"
        let beyond = "tls: {listen: ['192.0.2.1:7422'], \(files)}"
        #expect(faults(beyond) == ["m.yaml:1:15: \(reason)"])
        #expect(faults("tls: {listen: [localhost:7422], \(files)}").isEmpty)
        #expect(faults("{insecure_listeners: allow, \(beyond)}").isEmpty)
        #expect(faults("{clients: {a: {identities: {certificates: ['DNS:a']}}}, \(beyond)}").isEmpty)
    }

    @Test(arguments: [(63, true), (64, true), (65, false)])
    func theListIsBounded(count: Int, isAccepted: Bool) {
        let list = (1...count).map { "127.0.0.1:\($0)" }.joined(separator: ", ")
        let report = isAccepted ? [] : ["m.yaml:1:15: tls.listen: expected at most 64 items, found 65"]
        #expect(faults("tls: {listen: [\(list)], \(Self.files)}") == report)
    }
}
