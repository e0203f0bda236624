import Foundation
import MintmarkClient
import MintmarkWire
import Synchronization
import Testing

/// The daemon's life with TLS: what it starts with, what a reload changes, and that it stops.
@Suite struct TLSDaemonTests {
    private static func withClient<Value>(
        _ endpoint: Endpoint,
        _ body: (MintmarkClient) async throws -> Value
    ) async throws -> Value {
        var configuration = MintmarkClient.Configuration(endpoint)
        configuration.connectTimeout = .seconds(300)
        configuration.requestTimeout = .seconds(300)
        return try await withMintmarkClient(configuration, body)
    }

    /// Says to tasks that they may stop.
    private final class End: Sendable {
        let hasCome = Atomic(false)
    }

    /// The certificate that the daemon shows now.
    private static func shownCertificate(_ daemon: DaemonProcess, _ certificates: DevCertificates) throws -> String {
        let result = try run(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["openssl", "s_client", "-connect", daemon.tlsAddress, "-alpn", "mintmark/1"]
                + ["-cert", certificates.file("gateway.pem"), "-key", certificates.file("gateway.key")]
        )
        let lines = result.output.split(separator: "\n")
        let first = try #require(lines.firstIndex { $0.contains("BEGIN CERTIFICATE") }, "\(result)")
        let last = try #require(lines.firstIndex { $0.contains("END CERTIFICATE") })
        return lines[first...last].joined(separator: "\n") + "\n"
    }

    /// No request fails while certificates are replaced, again and again; and in the end the new one is shown.
    @Test func reloadUnderLoadFailsNoRequest() async throws {
        let certificates = try DevCertificates()
        let daemon = try DaemonProcess(configuration: certificates.yaml)
        let endpoint = try certificates.endpoint(daemon)
        let end = End()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await Self.withClient(endpoint) { client in
                    while !end.hasCome.load(ordering: .relaxed) { _ = try await client.ping() }
                }
            }
            group.addTask {
                // Connections of their own.
                while !end.hasCome.load(ordering: .relaxed) {
                    try await Self.withClient(endpoint) { client in _ = try await client.ping() }
                }
            }
            for number in 1...5 {
                try FileManager.default.removeItem(atPath: certificates.file("server.key"))
                #expect(try certificates.make().exitCode == 0)
                daemon.signal(SIGHUP)
                try await poll("reload \(number)") {
                    daemon.logText.components(separatedBy: "] reloaded").count > number ? () : nil
                }
            }
            end.hasCome.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
        let file = try String(contentsOfFile: certificates.file("server.pem"), encoding: .utf8)
        #expect(try Self.shownCertificate(daemon, certificates) == file)
    }

    /// The new authorities count before the connections are looked through.
    @Test func aReloadClosesWhomNobodyVouchesForAnyMore() async throws {
        let (certificates, others) = (try DevCertificates(), try DevCertificates())
        let daemon = try DaemonProcess(configuration: certificates.yaml)
        try await Self.withClient(try certificates.endpoint(daemon)) { client in
            _ = try await client.ping()
            let authority = try Data(contentsOf: URL(fileURLWithPath: others.file("ca.pem")))
            try authority.write(to: URL(fileURLWithPath: certificates.file("ca.pem")))
            daemon.signal(SIGHUP)
            #expect(daemon.waitForLog("] reloaded"))
            try await poll("the caller is gone") { try await daemon.counter("callers_gone") == 1 ? () : nil }
        }
    }

    @Test func aBadFileKeepsTheOldCertificateAndSaysSo() async throws {
        let certificates = try DevCertificates()
        let daemon = try DaemonProcess(configuration: certificates.yaml)
        let shown = try Self.shownCertificate(daemon, certificates)
        try Data("broken".utf8).write(to: URL(fileURLWithPath: certificates.file("server.pem")))
        daemon.signal(SIGHUP)
        #expect(daemon.waitForLog("not reloaded: everything stays as it was"))
        #expect(daemon.logText.contains("server.pem: holds no certificates, or one that is broken"))
        #expect(try Self.shownCertificate(daemon, certificates) == shown)
        try await Self.withClient(try certificates.endpoint(daemon)) { client in _ = try await client.ping() }
    }

    @Test func aSilentTLSClientDoesNotHoldAStopUp() throws {
        let certificates = try DevCertificates()
        let daemon = try DaemonProcess(configuration: certificates.yaml)
        let port = try #require(daemon.tlsAddress.split(separator: ":").last)
        let mute = Process()
        mute.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // The beginning of a TLS record, and nothing behind it.
        let talk = "import socket,time; s=socket.create_connection(('127.0.0.1',\(port))); s.send(bytes([22,3,1,2])); "
        mute.arguments = ["python3", "-c", talk + "print('sent', flush=True); time.sleep(600)"]
        let output = try mute.runWithPipes().output
        defer { mute.terminate() }
        #expect(!output.availableData.isEmpty)
        let clock = ContinuousClock()
        let start = clock.now
        #expect(daemon.stop() == 0)
        #expect(clock.now - start < .seconds(5))
    }

    @Test func theReadyFileTellsTheAddress() throws {
        let certificates = try DevCertificates()
        let daemon = try DaemonProcess(arguments: ["--tls-listen", "[::1]:0"], configuration: certificates.yaml)
        #expect(daemon.ready.tls.count == 1)
        #expect(daemon.tlsAddress.hasPrefix("[::1]:"))
        #expect(try run(BuiltProducts.mintmark, ["ping"] + certificates.options(daemon)).exitCode == 0)
        let plain = try DaemonProcess()
        #expect(plain.ready.tls.isEmpty)
    }

    @Test func itDoesNotStartWithFilesThatDoNotDo() throws {
        let certificates = try DevCertificates()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o640],
            ofItemAtPath: certificates.file("server.key")
        )
        let directory = try TemporaryHome()
        let arguments = try DaemonProcess.arguments(in: directory.path, certificates.yaml, [])
        let result = try run(BuiltProducts.mintmarkd, arguments)
        #expect(result.exitCode == 7)
        #expect(result.errors.contains("server.key is open to others (mode 640)"), "\(result)")
        let check = try run(BuiltProducts.mintmarkd, arguments + ["--check-config"])
        #expect(check.exitCode == 7)
        #expect(check.errors.contains("server.key is open to others (mode 640)"), "\(check)")
        #expect(check.output.isEmpty)
    }

    /// A listener that other machines reach: never in clear without a word, always with TLS and known callers.
    @Test func listenersBeyondLoopback() throws {
        let certificates = try DevCertificates()
        let refused = try run(BuiltProducts.mintmarkd, ["--listen", "0.0.0.0:0", "--check-config"])
        #expect(refused.exitCode == 2)
        #expect(refused.errors.contains("set insecure_listeners to allow"), "\(refused)")
        let allowed = try DaemonProcess(arguments: ["--listen", "0.0.0.0:0", "--insecure-listeners", "allow"])
        #expect(allowed.tcpAddress.hasPrefix("0.0.0.0:"))
        let arguments = try DaemonProcess.arguments(in: try TemporaryHome().path, nil, ["--tls-listen", "0.0.0.0:0"])
        let strangers = try run(
            BuiltProducts.mintmarkd,
            arguments + ["--check-config"],
            environment: [
                "MINTMARK_TLS_CERTIFICATE": "s", "MINTMARK_TLS_PRIVATE_KEY": "k", "MINTMARK_TLS_CLIENT_CA": "c",
            ]
        )
        #expect(strangers.exitCode == 2)
        #expect(strangers.errors.contains("no clients are configured"), "\(strangers)")
        let clients = "clients: {gateway: {identities: {certificates: [\"URI:spiffe://mintmark.test/gateway\"]}}}\n"
        let daemon = try DaemonProcess(
            arguments: ["--tls-listen", "0.0.0.0:0"],
            configuration: certificates.yaml + clients
        )
        #expect(daemon.tlsAddress.hasPrefix("0.0.0.0:"))
        let address = "127.0.0.1:\(daemon.tlsAddress.split(separator: ":")[1])"
        let files = ["--ca", certificates.file("ca.pem")]
        for (client, exitCode) in [("gateway", Int32(0)), ("worker", 3)] {
            let identity = ["--cert", certificates.file("\(client).pem"), "--key", certificates.file("\(client).key")]
            let result = try run(BuiltProducts.mintmark, ["ping", "--tls", address] + files + identity)
            #expect(result.exitCode == exitCode, "\(client): \(result)")
            #expect(result.errors.contains("CLIENT_UNKNOWN") == (client == "worker"))
        }
    }
}
