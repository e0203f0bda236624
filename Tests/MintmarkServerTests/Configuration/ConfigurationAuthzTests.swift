import Testing

@testable import MintmarkServer

/// As whom, where and on what terms `/authz` is served.
@Suite struct ConfigurationAuthzTests {
    private static let clients = "clients: {web: {identities: {user_ids: [7]}}}"
    private static let proxy =
        "clients: {proxy: {identities: {user_ids: [7]}, permissions: {operations: [verify], audiences: [a]}}}"

    private func authz(_ text: String, running: Configuration? = nil) throws -> Configuration.Authz? {
        try load(text, running: running).admin.authz
    }

    @Test func everybodyIsServedWhereEverybodyMayDoEverything() throws {
        let admin = try load("{}").admin
        #expect(admin.authz == Configuration.Authz(client: "local", audiences: [], issuers: [], scopes: []))
        #expect(admin.authzListen == nil)
    }

    @Test func itIsOffWhereNobodyIsNamed() throws {
        #expect(try authz(Self.clients) == nil)
        #expect(try authz("admin: {listen: off}") == nil)
    }

    @Test func everythingCanBeSaid() throws {
        let text =
            "admin: {listen: off, authz: {listen: '127.0.0.1:7423', client: proxy, audiences: [a, b], issuers: [i], "
            + "scopes: [r, w]}}\n\(Self.proxy)"
        let admin = try load(text).admin
        #expect(admin.listen == nil)
        #expect(admin.authzListen?.description == "127.0.0.1:7423")
        #expect(admin.listenerCount == 1)
        let expected = Configuration.Authz(client: "proxy", audiences: ["a", "b"], issuers: ["i"], scopes: ["r", "w"])
        #expect(admin.authz == expected)
    }

    @Test func otherMachinesAreADecision() throws {
        let lines = faults("admin: {authz: {listen: '10.0.0.1:1'}}")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("admin.authz.listen: 10.0.0.1:1 is no loopback address") == true)
        #expect(faults("admin: {remote: allow, authz: {listen: '10.0.0.1:1'}}").isEmpty)
    }

    @Test(arguments: [
        ("admin: {authz: {client: nobody}}", "admin.authz.client: there is no client 'nobody'"),
        (
            "admin: {authz: {client: web}}\nclients: {web: {identities: {user_ids: [7]}, permissions: {operations: [sign]}}}",
            "admin.authz.client: client 'web' has no permission for the operation verify"
        ),
        (
            "admin: {listen: off, authz: {client: local}}",
            "admin.authz.client: admin.listen is off and admin.authz.listen is not set: nobody could ask"
        ),
        ("admin: {authz: {listen: '127.0.0.1:1'}}\n\(clients)", "admin.authz.listen: /authz is off"),
        ("admin: {authz: {audiences: [a]}}\n\(clients)", "admin.authz.audiences: /authz is off"),
        ("admin: {authz: {issuers: [a]}}\n\(clients)", "admin.authz.issuers: /authz is off"),
        ("admin: {authz: {scopes: [a]}}\n\(clients)", "admin.authz.scopes: /authz is off"),
        ("admin: {listen: off, authz: {scopes: [a]}}", "admin.authz.scopes: /authz is off"),
        ("admin: {authz: {scopes: ['a b']}}", "admin.authz.scopes: "),
    ])
    func whatNobodyCouldAskIsAFault(text: String, fault: String) {
        let lines = faults(text)
        #expect(lines.count == 1 && lines[0].contains(": \(fault)"), "\(lines)")
    }

    @Test(arguments: [-1, 0, 1])
    func listsAreBounded(beyond: Int) {
        for (name, most) in [("audiences", 64), ("issuers", 17), ("scopes", 64)] {
            let list = (0..<(most + beyond)).map { "t\($0)" }.joined(separator: ", ")
            #expect(faults("admin: {authz: {\(name): [\(list)]}}").isEmpty == (beyond <= 0), "\(name)")
        }
    }

    @Test(arguments: [-1, 0, 1])
    func textsAreBounded(beyond: Int) {
        let text = String(repeating: "t", count: 256 + beyond)
        for name in ["audiences", "issuers", "scopes"] {
            #expect(faults("admin: {authz: {\(name): [\(text)]}}").isEmpty == (beyond <= 0), "\(name)")
        }
        let id = String(repeating: "c", count: 64 + beyond)
        let clients = "clients: {\(id): {identities: {user_ids: [7]}}}"
        #expect(faults("admin: {authz: {client: \(id)}}\n\(clients)").isEmpty == (beyond <= 0))
    }

    @Test func aReloadTakesTheTermsOver() throws {
        let running = try load("admin: {authz: {listen: '127.0.0.1:1', client: proxy}}\n\(Self.proxy)")
        let reloaded = try load(
            "admin: {listen: off, authz: {client: proxy, audiences: [b]}}\n\(Self.proxy)",
            running: running
        )
        #expect(reloaded.admin.authz?.audiences == ["b"])
        #expect(reloaded.admin.authzListen == running.admin.authzListen)
        #expect(reloaded.admin.listen == running.admin.listen)
        for name in ["client", "audiences", "issuers", "scopes"] {
            #expect(CallerReload.takesOver("admin.authz.\(name)"), "\(name)")
        }
        #expect(!CallerReload.takesOver("admin.authz.listen"))
    }

    @Test func aReloadTurnsItOnAndOff() throws {
        let off = try load(Self.proxy)
        let on = "admin: {authz: {client: proxy}}\n\(Self.proxy)"
        #expect(try authz(on, running: off)?.client == "proxy")
        #expect(try authz(Self.proxy, running: try load(on)) == nil)
        #expect(try authz(Self.proxy, running: try load("threads: 2")) == nil, "everybody is nobody any more")
        // The listener goes at the next start only, so until then there is somebody to ask.
        #expect(try authz("admin: {listen: off}", running: try load("threads: 2"))?.client == "local")
    }
}
