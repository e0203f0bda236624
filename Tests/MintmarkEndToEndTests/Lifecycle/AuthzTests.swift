import Foundation
import Testing

/// `/authz` of a real daemon, asked without a proxy.
@Suite struct AuthzTests {
    /// The status and the header of the answer.
    private func ask(_ address: String?, _ path: String, token: String? = nil) throws -> (status: Int, head: String) {
        let result = try run(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["curl", "--silent", "--include", "--max-time", "20", "--write-out", "\n%{http_code}"]
                + (token.map { ["--header", "Authorization: Bearer \($0)"] } ?? [])
                + ["http://\(try #require(address))\(path)"]
        )
        let lines = result.output.split(separator: "\n")
        return (Int(lines.last ?? "") ?? 0, result.output)
    }

    private func token(_ daemon: DaemonProcess, scope: String = "read") throws -> String {
        let signed = try daemon.mintmark("sign", "--subject", "alice", "--audience", "orders", "--scope", scope)
        return try #require(try signed.text("access_token"))
    }

    private func write(_ configuration: String, _ daemon: DaemonProcess) throws {
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: "\(daemon.directory)/mintmark.yaml"))
    }

    @Test func adminListenerServesItWithoutAnotherOne() throws {
        let daemon = try DaemonProcess(arguments: ["--admin", "127.0.0.1:0"])
        #expect(daemon.ready.authz == nil)
        let answer = try ask(daemon.ready.admin, "/authz?audience=orders&scope=read", token: token(daemon))
        #expect(answer.status == 200 && answer.head.contains("X-Auth-Subject: alice\r\n"), "\(answer.head)")
        #expect(try ask(daemon.ready.admin, "/authz?scope=write", token: token(daemon)).status == 403)
        #expect(try ask(daemon.ready.admin, "/authz").status == 401)
        let metrics = try ask(daemon.ready.admin, "/metrics").head
        for (outcome, count) in [("allowed", 1), ("insufficient_scope", 1), ("no_token", 1), ("invalid_token", 0)] {
            let line = "mintmark_authz_decisions_total{outcome=\"\(outcome)\"} \(count)"
            #expect(metrics.contains(line), "\(line)")
        }
        #expect(daemon.stop() == 0)
    }

    @Test func listenerOfItsOwnTellsNothingElse() throws {
        let daemon = try DaemonProcess(
            arguments: ["--admin", "127.0.0.1:0"],
            configuration: "admin: {authz: {listen: '127.0.0.1:0'}}"
        )
        let address = try #require(daemon.ready.authz)
        #expect(daemon.logText.contains("authz=\(address)"))
        #expect(try ask(daemon.ready.authz, "/authz", token: token(daemon)).status == 200)
        #expect(try ask(daemon.ready.authz, "/metrics").status == 404)
        #expect(try ask(daemon.ready.authz, "/livez").status == 404)
        #expect(try ask(daemon.ready.admin, "/authz", token: token(daemon)).status == 404)
        #expect(try ask(daemon.ready.admin, "/livez").status == 200)
        #expect(daemon.stop() == 0)
    }

    /// Traefik's question: GET for any method, the header fields that it is told to hand on, and its own of the request.
    @Test func whatTraefikSendsBesideTheTokenIsOfNoMatter() throws {
        let daemon = try DaemonProcess(configuration: "admin: {authz: {listen: '127.0.0.1:0'}}")
        let address = try #require(daemon.ready.authz)
        let fields = [
            "Authorization: Bearer \(try token(daemon))", "X-Forwarded-Method: POST", "X-Forwarded-Proto: https",
            "X-Forwarded-Host: shop.example", "X-Forwarded-Uri: /orders?scope=evil", "X-Forwarded-For: 203.0.113.9",
            "User-Agent: Go-http-client/1.1", "Accept-Encoding: gzip",
        ]
        let result = try run(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["curl", "--silent", "--include", "--max-time", "20", "http://\(address)/authz?audience=orders"]
                + fields.flatMap { ["--header", $0] }
        )
        #expect(result.output.hasPrefix("HTTP/1.1 200 "), "\(result)")
        // All six are there, so that Traefik replaces all six.
        for name in ["Issuer", "Subject", "Client-Id", "Scope", "Audience", "Expires"] {
            #expect(result.output.contains("\r\nX-Auth-\(name):"), "\(name)")
        }
        #expect(daemon.stop() == 0)
    }

    @Test func addressThatIsTakenIsAFailureOfItsOwn() throws {
        let daemon = try DaemonProcess(configuration: "admin: {authz: {listen: '127.0.0.1:0'}}")
        let address = try #require(daemon.ready.authz)
        let home = try TemporaryHome()
        let arguments = try DaemonProcess.arguments(in: home.path, "admin: {authz: {listen: '\(address)'}}", [])
        let result = try run(BuiltProducts.mintmarkd, arguments)
        #expect(result.exitCode == 3)
        let line = "cannot listen on \(address): Address already in use; admin.authz.listen names another address"
        #expect(result.errors.contains(line), "\(result.errors)")
    }

    @Test func reloadTakesOverWhoAsksAndForWhat() async throws {
        let clients = """
            clients:
              test: {identities: {user_ids: [\(getuid())]}, permissions: {admin: true}}
              proxy: {identities: {user_ids: [4000001]}, permissions: {operations: [verify]}, rates: {verify: 1/h}}

            """
        let daemon = try DaemonProcess(
            configuration: "admin: {authz: {listen: '127.0.0.1:0', client: test}}\n\(clients)"
        )
        let token = try token(daemon)
        let authz = daemon.ready.authz
        #expect(try ask(authz, "/authz", token: token).status == 200)

        func reload(_ terms: String, count: Int) async throws {
            try write("admin: {authz: {listen: '127.0.0.1:0', \(terms)}}\n\(clients)", daemon)
            daemon.signal(SIGHUP)
            try await poll("it is reloaded") {
                daemon.logText.components(separatedBy: "] reloaded").count > count ? () : nil
            }
        }
        try await reload("client: test, audiences: [billing]", count: 1)
        #expect(try ask(authz, "/authz", token: token).head.contains("audience_refused"))
        #expect(try ask(authz, "/authz?audience=orders", token: token).status == 401, "a query widens nothing")
        try await reload("client: test, audiences: [orders], scopes: [admin]", count: 2)
        #expect(try ask(authz, "/authz", token: token).status == 403)
        try await reload("client: test, issuers: ['https://id.example']", count: 3)
        #expect(try ask(authz, "/authz", token: token).head.contains("issuer_refused"))
        try await reload("client: proxy", count: 4)
        #expect(try ask(authz, "/authz", token: token).status == 200)
        let limited = try ask(authz, "/authz", token: token)
        #expect(limited.status == 429 && limited.head.lowercased().contains("retry-after: "))
        #expect(daemon.stop() == 0)
    }
}
