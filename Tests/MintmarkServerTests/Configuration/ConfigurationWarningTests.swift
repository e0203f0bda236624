import Testing

@testable import MintmarkServer

@Suite("What a configuration warns of")
struct ConfigurationWarningTests {
    private static let uid = "identities: {user_ids: [33]}"
    private static let certificate = "identities: {certificates: ['DNS:web.example']}"
    private static let key = "identities: {public_keys: [11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo]}"
    private static let unasked = "tls: {certificate: c.pem, private_key: k.pem, listen: [localhost:0]"
    private static let tls = "\(unasked), client_ca: a.pem"
    private static let everywhere = "insecure_listeners: allow, listen: ['0.0.0.0:0', '[fd00::1]:0']"
    private static let elsewhere = "insecure_listeners: allow, listen: ['10.0.0.1:0', '[fd00::1]:0']"

    struct Row: Sendable, CustomTestStringConvertible {
        let listeners: String
        let identities: String
        /// Whether someone can be that client.
        let isTold: Bool

        var testDescription: String { "\(identities) with \(listeners)" }
    }

    @Test(arguments: [
        Row(listeners: "unix: /run/s", identities: uid, isTold: true),
        Row(listeners: "listen: [localhost:0]", identities: uid, isTold: false),
        Row(listeners: "\(tls)}", identities: uid, isTold: false),
        Row(listeners: "\(tls)}", identities: certificate, isTold: true),
        Row(listeners: "\(tls), client_certificates: optional}", identities: certificate, isTold: true),
        Row(listeners: "\(unasked), client_certificates: none}", identities: certificate, isTold: false),
        Row(listeners: "unix: /run/s", identities: certificate, isTold: false),
        Row(listeners: "listen: ['[::1]:0']", identities: key, isTold: true),
        Row(listeners: "listen: [], \(unasked), client_certificates: none}", identities: key, isTold: true),
        Row(listeners: "listen: [], \(tls), client_certificates: optional}", identities: key, isTold: true),
        Row(listeners: "listen: [], \(tls)}", identities: key, isTold: false),
        Row(listeners: "listen: [], unix: /run/s", identities: key, isTold: false),
        // Who connects by loopback proves who it is.
        Row(listeners: everywhere, identities: key, isTold: true),
        Row(listeners: "insecure_listeners: allow, listen: ['[::]:0']", identities: key, isTold: true),
        Row(listeners: elsewhere, identities: key, isTold: false),
    ])
    func ofClientsThatNobodyCanBe(_ row: Row) throws {
        let client = "\(row.identities), permissions: {admin: true}"
        let warnings = try load("{\(row.listeners), clients: {web: {\(client)}}}").warnings
        #expect(warnings.contains { $0.hasPrefix("nobody can call as the client 'web'") } != row.isTold, "\(warnings)")
        #expect(warnings.contains { $0.hasPrefix("no client that can call may administer") } != row.isTold)
    }

    @Test(arguments: [
        ("tls: {certificate: c.pem, private_key: k.pem}", true), ("tls: {client_certificates: none}", true),
        ("\(tls)}", false), ("threads: 1", false),
    ])
    func ofTLSThatNobodySpeaks(yaml: String, isTold: Bool) throws {
        let warnings = try load(yaml).warnings
        #expect(warnings.contains { $0.hasSuffix("is set and tls.listen is not: nothing speaks TLS") } == isTold)
    }

    /// So many connections times the greatest frame.
    @Test(arguments: [(15, false), (16, false), (17, true)])
    func ofMemoryThatPartsOfFramesCanFill(connections: Int, isTold: Bool) throws {
        let warnings = try load(
            "{limits: {memory: 1MiB, frame_length: 64KiB, connections: \(connections)}}"
        ).warnings
        #expect(warnings.contains { $0.hasPrefix("limits.memory is less than the ") } == isTold)
    }

    @Test func ofAClientOfTwo() throws {
        let administrator = "permissions: {admin: true}"
        let warnings = try load(
            "{unix: /run/s, clients: {web: {\(Self.certificate), \(administrator)}, job: {\(Self.uid)}}}"
        ).warnings
        #expect(warnings.count { $0.hasPrefix("nobody can call as the client") } == 1)
        #expect(warnings.contains { $0.hasPrefix("no client that can call may administer") })
    }

    @Test(arguments: [
        ("{}", true), ("{admin: true}", false), ("{operations: [sign, verify]}", true), ("{operations: [open]}", true),
        ("{operations: [verify, revoke]}", false), ("{operations: []}", false), ("{audiences: [orders]}", false),
        ("{subjects: ['user:*']}", false), ("{subjects: ['*']}", true), ("{subjects: ['a', '**']}", true),
        ("{subjects: ['*', 'a'], audiences: [orders]}", false), ("{scopes: [read]}", true), ("{claims: [role]}", true),
    ])
    func ofAClientThatMayMakeAnyToken(permissions: String, isTold: Bool) throws {
        let warnings = try load("{unix: /run/s, clients: {web: {\(Self.uid), permissions: \(permissions)}}}").warnings
        #expect(warnings.contains { $0.hasPrefix("the client 'web' may make tokens for any subject") } == isTold)
    }

    /// Proxies ask over HTTP, as a client that need not call.
    @Test func notOfTheClientOfProxies() throws {
        let proxy = "proxy: {\(Self.uid)}"
        let authz = "admin: {authz: {client: proxy, audiences: [shop]}}"
        for (settings, isTold) in [("clients: {\(proxy)}", false), ("\(authz), clients: {\(proxy)}", true)] {
            let warnings = try load("{\(settings)}").warnings
            #expect(warnings.contains { $0.hasPrefix("nobody can call as the client 'proxy'") } != isTold)
        }
    }

    @Test(arguments: ["unix: /run/s", "listen: [localhost:0]"])
    func nothingOfCallersWhereEverybodyIsOne(listeners: String) throws {
        let warnings = try load("{\(listeners), audit_file: a.log}").warnings
        #expect(warnings.count == 1)
        #expect(warnings.allSatisfy { $0.hasPrefix("no client has identities") })
    }
}
