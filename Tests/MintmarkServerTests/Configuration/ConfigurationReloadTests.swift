import Testing

@testable import MintmarkServer

/// A reload judges what is written beside what stays as it is until the next start.
@Suite("configuration at a reload") struct ConfigurationReloadTests {
    private static let files = "certificate: s.pem, private_key: s.key, client_ca: ca.pem"
    private static let tls = "tls: {listen: ['0.0.0.0:7423'], \(files)}"
    private static let clients = "clients: {web: {identities: {certificates: ['DNS:web']}}}"
    private static let noClients =
        "clients: none is configured, and the server runs with some: whoever connects could do everything; "
        + "stop and start the server to do that"

    private func isRefused(_ lines: [String], _ text: String) -> Bool {
        lines.contains { $0.hasSuffix(text) }
    }

    @Test(arguments: ["threads: 2", "clients: {}", "clients: {local: {}}", "\(tls)\ninsecure_listeners: allow"])
    func clientsAreNotTakenAwayAltogether(written: String) throws {
        let running = try load("\(Self.tls)\n\(Self.clients)")
        #expect(faults(written).isEmpty, "a start would take it")
        let lines = faults(written, running: running)
        #expect(isRefused(lines, Self.noClients), "\(lines)")
    }

    /// Not even after a reload has brought the clients: what counts is what the server runs with.
    @Test func clientsOfAReloadStayToo() throws {
        let started = try load("threads: 2")
        let running = try load(Self.clients, running: started)
        #expect(isRefused(faults("threads: 2", running: running), Self.noClients))
        #expect(faults("threads: 2", running: started).isEmpty)
    }

    /// A listener that is not written any more stays, and is what a caller without a name would reach.
    @Test func listenersThatRunAreJudged() throws {
        let running = try load("{\(Self.tls), insecure_listeners: allow}")
        #expect(running.everybody != nil)
        #expect(faults("threads: 2", running: running).isEmpty, "the server runs with insecure_listeners: allow")
        let reloaded = try load("{listen: ['127.0.0.1:1'], threads: 2, unix: /s, audit_file: /a}", running: running)
        #expect(reloaded.tls?.listen == running.tls?.listen)
        #expect(reloaded.listen == running.listen)
        #expect(reloaded.threads == running.threads)
        #expect(reloaded.unix == nil)
        #expect(reloaded.auditFile == nil)
    }

    @Test func filesOfTLSAreTakenOver() throws {
        let running = try load("\(Self.tls)\n\(Self.clients)")
        let written = Self.tls.replacing("s.pem", with: "t.pem").replacing("7423", with: "7422")
        let tls = try #require(try load("\(written)\n\(Self.clients)", running: running).tls)
        #expect(tls.certificate == "t.pem")
        #expect(tls.listen.map(\.description) == ["0.0.0.0:7423"])
    }

    /// Who could replace the issuer and trust the old one in the same file would let a foreign key sign as this server.
    @Test func theIssuerThatRunsIsNotTrustedFromAFile() throws {
        let running = try load("issuer: https://own.example")
        let trusted = "trusted_issuers: [{issuer: https://own.example, jwks_file: /j}]"
        let written = "issuer: https://new.example\n\(trusted)"
        #expect(faults(written).isEmpty, "a start would take it")
        let lines = faults(written, running: running)
        let reason =
            "'https://own.example' is the issuer that this server runs with, and it stays so until the next start"
        #expect(isRefused(lines, reason), "\(lines)")
        #expect(try load("issuer: https://new.example", running: running).issuer == "https://own.example")
    }

    @Test func aFileWithoutSettingsIsRefused() throws {
        let lines = faults("{}", running: try load("threads: 2"))
        #expect(isRefused(lines, "the configuration file is empty, and the one that the server runs with was not"))
        #expect(faults("{}", running: try load("{}")).isEmpty)
    }

    /// What a full disk or a failed copy leaves, at a start and at a reload.
    @Test(arguments: [
        "", "\n", " \r\n", "# nothing", "# nothing\n", "---\n", "---\n...\n", "~", "null\n", "# a\n--- ~\n",
    ])
    func aFileWithNothingIsRefused(text: String) throws {
        let line = "m.yaml:1:1: the file sets nothing; at a start, {} in it means all the defaults"
        #expect(faults(text) == [line])
        #expect(faults(text, running: try load("threads: 2")) == [line])
        #expect(faults(text, running: try load(Self.clients)) == [line], "and nothing of clients")
    }

    @Test func warningsAreThoseOfTheStart() throws {
        let running = try load("threads: 2")
        #expect(try load("threads: 3", running: running).warnings == running.warnings)
        #expect(running.warnings.contains { $0.hasPrefix("no client has identities") })
        let withClients = try load(Self.clients, running: running)
        #expect(withClients.warnings.contains { $0.hasPrefix("no client has a public key") })
    }
}
