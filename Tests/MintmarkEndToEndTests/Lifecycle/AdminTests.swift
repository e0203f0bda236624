import Foundation
import Testing

/// The admin listener of a real daemon.
@Suite struct AdminTests {
    private func ask(_ daemon: DaemonProcess, _ path: String) throws -> ProcessResult {
        let address = try #require(daemon.ready.admin)
        return try run(
            URL(fileURLWithPath: "/usr/bin/env"),
            [
                "curl", "--silent", "--show-error", "--max-time", "20", "--write-out", "%{http_code}",
                "http://\(address)\(path)",
            ]
        )
    }

    @Test func daemonTellsHowItIs() throws {
        let daemon = try DaemonProcess(arguments: ["--admin", "127.0.0.1:0"])
        #expect(try ask(daemon, "/livez").output == "{\"live\": true}\n200")
        #expect(try ask(daemon, "/readyz").output == "{\"ready\": true, \"reasons\": []}\n200")
        let keys = try ask(daemon, "/.well-known/jwks.json").output
        #expect(keys.hasPrefix(#"{"keys":[{"#) && keys.hasSuffix("]}200"))
        let address = try #require(daemon.ready.admin)
        #expect(daemon.logText.contains("admin=\(address)"))
        #expect(daemon.stop() == 0)
    }

    @Test func metricsCountWhatWasDone() throws {
        let daemon = try DaemonProcess(arguments: ["--admin", "127.0.0.1:0"])
        let opened = try daemon.mintmark("open", "--subject", "s", "--audience", "a")
        #expect(opened.exitCode == 0, "\(opened.errors)")
        let metrics = try ask(daemon, "/metrics").output
        for line in ["mintmark_ready 1", "mintmark_sessions 1", #"mintmark_signing_keys{state="active"} 1"#] {
            #expect(metrics.contains("\n\(line)\n"), "\(line)")
        }
        #expect(daemon.stop() == 0)
    }

    @Test func addressThatIsTakenIsAFailureOfItsOwn() throws {
        let daemon = try DaemonProcess(arguments: ["--admin", "127.0.0.1:0"])
        let address = try #require(daemon.ready.admin)
        let home = try TemporaryHome()
        let arguments = try DaemonProcess.arguments(in: home.path, nil, ["--admin", address])
        let result = try run(BuiltProducts.mintmarkd, arguments, environment: ["MINTMARK_LOG_FORMAT": "text"])
        #expect(result.exitCode == 3)
        let line = "mintmarkd: cannot listen on \(address): Address already in use; --admin names another address"
        #expect(result.errors.contains(line), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: home.file("ready.json")))
        let other = try DaemonProcess.arguments(in: home.path, nil, ["--listen", daemon.tcpAddress])
        #expect(try run(BuiltProducts.mintmarkd, other).exitCode == 3)
    }

    @Test func otherMachinesAreKeptOutUnlessToldOtherwise() throws {
        let refused = try run(BuiltProducts.mintmarkd, ["--admin", "0.0.0.0:0", "--check-config"])
        #expect(refused.exitCode == 2)
        #expect(refused.errors.contains("flag --admin: admin.listen: 0.0.0.0:0 is no loopback address"))
        let home = try TemporaryHome()
        let arguments = try DaemonProcess.arguments(
            in: home.path,
            "admin: {remote: allow}",
            ["--admin", "0.0.0.0:0", "--check-config"]
        )
        #expect(try run(BuiltProducts.mintmarkd, arguments).exitCode == 0)
    }
}
