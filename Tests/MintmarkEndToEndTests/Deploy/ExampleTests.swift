import Foundation
import Testing

/// The configuration files that operators begin with: the program takes each, and starts from it.
@Suite("Example configurations") struct ExampleTests {
    private static let folder = BuiltProducts.repository.appendingPathComponent("Tools/deploy").path
    static let files = ["mintmark.yaml", "examples/laptop.yaml", "examples/sidecar.yaml", "examples/mtls.yaml"]

    private static func text(_ file: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
    }

    @Test func noneIsMissing() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(Self.folder)/examples")
        #expect(Set(names.map { "examples/\($0)" }) == Set(Self.files.dropFirst() + ["examples/nginx.conf"]))
    }

    @Test(arguments: files)
    func isValidAsItStands(file: String) throws {
        let home = try TemporaryHome()
        let certificates = try DevCertificates()
        let text = try Self.text(file).replacingOccurrences(of: "/etc/mintmark/tls", with: certificates.directory)
        try home.write(text, to: "mintmark.yaml")
        let result = try run(BuiltProducts.mintmarkd, ["--check-config", "--config", home.file("mintmark.yaml")])
        #expect(result.exitCode == 0, "\(result)")
        #expect(result.output.contains("The configuration is valid"))
    }

    /// Every setting but the ones that the operator has to know is told with its reason.
    @Test(arguments: files)
    func isAnnotated(file: String) throws {
        let lines = try Self.text(file).split(separator: "\n")
        #expect(lines.first?.hasPrefix("# ") == true)
        #expect(lines.count { $0.drop { $0 == " " }.hasPrefix("#") } * 4 >= lines.count)
    }

    /// Starts a daemon from a file, with the paths, ports and users of this test.
    private func start(_ file: String, in place: String, certificates: DevCertificates? = nil) throws -> DaemonProcess {
        var text = try Self.text(file)
        let replacements = [
            ("/run/mintmark/mintmark.sock", "\(place)/socket"),
            ("/var/log/mintmark", place),
            ("/etc/mintmark/tls", certificates?.directory ?? place),
            ("127.0.0.1:7420", "127.0.0.1:0"),
            ("0.0.0.0:7422", "127.0.0.1:0"),
            ("user_ids: [0]", "user_ids: [\(getuid())]"),
            ("user_ids: [1001]", "user_ids: [4000001]"),
            ("user_ids: [1002]", "user_ids: [4000002]"),
        ]
        for (old, new) in replacements {
            text = text.replacingOccurrences(of: old, with: new)
        }
        let credentials = "\(place)/credentials"
        try FileManager.default.createDirectory(atPath: credentials, withIntermediateDirectories: true)
        let key = "\(credentials)/master.key"
        try Data(0..<32).write(to: URL(fileURLWithPath: key))
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: key)
        return try DaemonProcess(
            configuration: text,
            environment: ["CREDENTIALS_DIRECTORY": credentials],
            directory: place,
            addsListeners: false
        )
    }

    private func inDirectory(_ body: (String) throws -> Void) throws {
        let place = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: place) }
        try body(place)
    }

    @Test func theLaptopServesEverybodyOverLoopback() throws {
        try inDirectory { place in
            let daemon = try start("examples/laptop.yaml", in: place)
            #expect(daemon.ready.tcp.count == 1)
            #expect(daemon.ready.unix == nil)
            let opened = try run(
                BuiltProducts.mintmark,
                ["open", "--subject", "alice", "--audience", "orders", "--server", daemon.tcpAddress, "--json"]
            )
            #expect(try opened.number("expires_in") == 60)
            #expect(daemon.stop() == 0)
        }
    }

    /// The package's own, and the one for a sidecar: nothing listens but the socket, and root administers.
    @Test(arguments: ["mintmark.yaml", "examples/sidecar.yaml"])
    func theSidecarServesItsSocketAlone(file: String) throws {
        try inDirectory { place in
            let daemon = try start(file, in: place)
            #expect(daemon.ready.tcp.isEmpty)
            #expect(daemon.ready.tls.isEmpty)
            #expect(try daemon.mintmark("revoke", "--subject", "alice").exitCode == 0)
            // The key is the one that was handed over, and no other was made.
            #expect(!FileManager.default.fileExists(atPath: "\(daemon.dataDirectory)/master.key"))
            #expect(daemon.stop() == 0)
            let audit = try String(contentsOfFile: "\(place)/audit.jsonl", encoding: .utf8)
            #expect(audit.contains(#""event":"revoked""#))
        }
    }

    /// What stands behind `#` in the sidecar's for a proxy starts, too, when it stands there alone.
    @Test func theListenerForAProxyStandsReady() throws {
        var text = try Self.text("examples/sidecar.yaml")
        for (old, new) in [("\n# admin:\n#   authz: ", "\nadmin:\n  authz: "), ("127.0.0.1:7423", "127.0.0.1:0")] {
            #expect(text.contains(old))
            text = text.replacingOccurrences(of: old, with: new)
        }
        let home = try TemporaryHome()
        let file = "\(home.path)/mintmark.yaml"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let result = try run(BuiltProducts.mintmarkd, ["--print-config", "--config", file])
        #expect(result.exitCode == 0, "\(result)")
        #expect(result.output.contains("client: gateway"), "\(result.output)")
    }

    @Test func theTeamIsKnownByItsCertificates() throws {
        try inDirectory { place in
            let certificates = try DevCertificates()
            let daemon = try start("examples/mtls.yaml", in: place, certificates: certificates)
            #expect(daemon.ready.tcp.isEmpty)
            let sign = ["sign", "--subject", "worker:7", "--audience", "billing", "--timeout", "20"]
            let worker = try run(BuiltProducts.mintmark, sign + certificates.options(daemon, shows: "worker"))
            #expect(worker.exitCode == 0, "\(worker)")
            let gateway = try run(BuiltProducts.mintmark, sign + certificates.options(daemon, shows: "gateway"))
            #expect(gateway.exitCode == 1)
            #expect((gateway.output + gateway.errors).contains("NOT_PERMITTED"), "\(gateway)")
            #expect(daemon.stop() == 0)
        }
    }
}
