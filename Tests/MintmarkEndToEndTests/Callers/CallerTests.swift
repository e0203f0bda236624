import Foundation
import MintmarkWire
import Testing

/// Clients that the daemon tells apart, with the programs that people use.
@Suite struct CallerTests {
    private func configuration(_ key: ClientKey, permissions: String = "{}") -> String {
        """
        clients:
          web:
            identities: {public_keys: [\(key.publicKey)]}
            permissions: \(permissions)
          ops:
            identities: {user_ids: [\(geteuid())]}
            permissions: {admin: true}

        """
    }

    private func mintmark(_ daemon: DaemonProcess, _ arguments: String...) throws -> ProcessResult {
        try run(BuiltProducts.mintmark, arguments + ["--server", daemon.tcpAddress, "--json"])
    }

    @Test func keyIsMadeOnceForItsOwnerAlone() throws {
        let key = try ClientKey()
        #expect(key.publicKey.utf8.count == 43)
        let attributes = try FileManager.default.attributesOfItem(atPath: key.file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let text = try String(contentsOfFile: key.file, encoding: .utf8)
        #expect(text.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        let shown = try run(BuiltProducts.mintmark, ["client-key", "show", key.file, "--json"])
        #expect(shown.output == "{\"public_key\":\"\(key.publicKey)\"}\n")
        let again = try run(BuiltProducts.mintmark, ["client-key", "new", key.file])
        #expect(again.exitCode == 1)
        #expect(again.errors == "mintmark: \(key.file) exists already and is not overwritten; name another file\n")
        #expect(try String(contentsOfFile: key.file, encoding: .utf8) == text)
        chmod(key.file, 0o640)
        let readable = try run(BuiltProducts.mintmark, ["client-key", "show", key.file])
        #expect(readable.exitCode == 1)
        #expect(readable.errors.contains("can be read by others"))
    }

    @Test func commandLineProvesWhoCalls() throws {
        let key = try ClientKey()
        let daemon = try DaemonProcess(configuration: configuration(key, permissions: "{audiences: [api]}"))
        let arguments = ["--client", "web", "--client-key", key.file]
        func ask(_ command: String...) throws -> ProcessResult {
            try run(BuiltProducts.mintmark, command + arguments + ["--server", daemon.tcpAddress, "--json"])
        }
        let signed = try ask("sign", "--subject", "alice", "--audience", "api")
        #expect(signed.exitCode == 0, "\(signed.output)\(signed.errors)")
        let refused = try ask("sign", "--subject", "alice", "--audience", "other")
        #expect(refused.exitCode == 1)
        #expect(refused.output.contains("\"error_code\":\"NOT_PERMITTED\""))
        #expect(refused.output.contains("\"rule\":\"audiences\""))
        #expect(try ask("revoke", "--all").output.contains("\"rule\":\"admin\""))
        // On the Unix socket the user is somebody else, who may.
        #expect(try daemon.mintmark("revoke", "--all").exitCode == 0)
    }

    @Test func whoProvesNothingIsTurnedAway() throws {
        let key = try ClientKey()
        let stranger = try ClientKey()
        let daemon = try DaemonProcess(configuration: configuration(key))
        let silent = try mintmark(daemon, "ping")
        #expect(silent.exitCode == 3)
        #expect(silent.output.contains("\"error_code\":\"AUTHENTICATION_REQUIRED\""), "\(silent.output)")
        for (client, file) in [("web", stranger.file), ("nobody", key.file)] {
            let result = try mintmark(daemon, "ping", "--client", client, "--client-key", file)
            #expect(result.exitCode == 3)
            #expect(result.output.contains("\"error_code\":\"AUTH_FAILED\""), "\(result.output)")
        }
        let stats = try daemon.mintmark("stats").output
        #expect(stats.contains("\"handshakes_signature_invalid\":1"), "\(stats)")
        #expect(stats.contains("\"handshakes_client_unknown\":1"), "\(stats)")
    }

    @Test func loadToolAndPythonClientProveWhoCalls() throws {
        let key = try ClientKey()
        let daemon = try DaemonProcess(configuration: configuration(key))
        let arguments = ["--server", daemon.tcpAddress, "--client", "web", "--client-key", key.file]
        let load = try run(
            BuiltProducts.mintmarkBench,
            ["peak", "--requests", "500", "--connections", "2", "--depth", "2", "--mix", "verify=9,sign=1"] + arguments
        )
        // 12: the tool was the bottleneck, which says nothing about who it is.
        #expect([0, 12].contains(load.exitCode), "\(load.output)\(load.errors)")
        let life = try run(
            URL(fileURLWithPath: "/usr/bin/env"),
            [
                "python3", "-B",
                BuiltProducts.repository.appendingPathComponent("Protocol/examples/life_of_a_token.py").path,
            ] + arguments
        )
        #expect(life.exitCode == 0, "\(life.output)\(life.errors)")
        #expect(life.output.hasSuffix("\nok\n"))
    }

    /// Another user than the daemon's: needs root, who may become anybody.
    @Test(.enabled(if: geteuid() == 0)) func anotherUserIsAnotherClient() throws {
        let daemon = try DaemonProcess(
            configuration: "clients: {root: {identities: {user_ids: [0]}}, other: {identities: {user_ids: [12345]}}}\n"
        )
        chmod(daemon.unixPath, 0o666)
        func ask(asUser userID: Int, _ command: String...) throws -> ProcessResult {
            let program = ["--reuid=\(userID)", "--clear-groups", BuiltProducts.mintmark.path]
            return try run(
                URL(fileURLWithPath: "/usr/bin/setpriv"),
                program + command + ["--unix", daemon.unixPath, "--json"]
            )
        }
        let opened = try ask(asUser: 12_345, "open", "--subject", "alice", "--audience", "api")
        #expect(opened.exitCode == 0, "\(opened)")
        let token = try #require(try opened.text("refresh_token"))
        let foreign = try daemon.mintmark("refresh", "-", input: token)
        #expect(try foreign.text("error_code") == "CLIENT_MISMATCH", "\(foreign)")
        let stranger = try ask(asUser: 54_321, "ping")
        #expect(stranger.exitCode == 3)
        #expect(try stranger.text("error_code") == "CLIENT_UNKNOWN", "\(stranger)")
    }

    /// Over TCP the client that everybody is does not administer.
    @Test func localAdministersOnTheUnixSocketAlone() throws {
        let daemon = try DaemonProcess()
        for command in [["revoke", "--all"], ["force-rotation", "--all"], ["snapshot"]] {
            let result = try run(BuiltProducts.mintmark, command + ["--server", daemon.tcpAddress, "--json"])
            #expect(result.output.contains("\"rule\":\"admin\""), "\(result.output)")
            #expect(try run(BuiltProducts.mintmark, command + ["--unix", daemon.unixPath]).exitCode == 0)
        }
        #expect(daemon.logText.contains("no client has identities"))
    }

    // MARK: Reload

    private func write(_ text: String, _ daemon: DaemonProcess) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(daemon.directory)/mintmark.yaml"))
    }

    @Test func hangupReloadsClientsAndAFaultyFileChangesNothing() throws {
        let key = try ClientKey()
        let good = configuration(key)
        let daemon = try DaemonProcess(configuration: good)
        let arguments = ["--client", "web", "--client-key", key.file]
        func ask() throws -> ProcessResult {
            try run(BuiltProducts.mintmark, ["ping"] + arguments + ["--server", daemon.tcpAddress, "--json"])
        }
        #expect(try ask().exitCode == 0)

        try write("clients: {web: {rotation: sometimes}}\n", daemon)
        daemon.signal(SIGHUP)
        #expect(daemon.waitForLog("not reloaded: everything stays as it was"))
        #expect(daemon.waitForLog("mintmark.yaml:1:27: clients.web.rotation: expected"))
        #expect(try ask().exitCode == 0)

        let ops = "clients: {ops: {identities: {user_ids: [\(geteuid())]}}}\nthreads: 7\n"
        try write(ops, daemon)
        daemon.signal(SIGHUP)
        #expect(daemon.waitForLog("] reloaded"))
        #expect(daemon.waitForLog("take effect at the next start only"))
        #expect(daemon.logText.contains("threads"))
        #expect(try ask().output.contains("AUTH_FAILED"))
        #expect(try daemon.mintmark("ping").exitCode == 0)
        #expect(try daemon.mintmark("revoke", "--all").output.contains("\"rule\":\"admin\""))
        #expect(daemon.stop() == 0)
    }

    @Test func connectionOfAClientThatIsGoneIsTold() throws {
        let daemon = try DaemonProcess(configuration: "clients: {me: {identities: {user_ids: [\(geteuid())]}}}\n")
        let connection = try RawConnection(unixPath: daemon.unixPath)
        try write("clients: {other: {identities: {user_ids: [\(geteuid() + 1)]}}}\n", daemon)
        daemon.signal(SIGHUP)
        let farewell = try #require(try connection.receive())
        #expect(farewell.status == .clientGone)
        #expect(try connection.receive() == nil)
    }
}
