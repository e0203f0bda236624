import Foundation
import MintmarkClient
import Testing

/// What `Tools/dev-certs` makes, in a directory that goes with the value.
final class DevCertificates {
    let directory: String

    init(in existing: String? = nil) throws {
        directory = try existing ?? DaemonProcess.makeDirectory()
        let result = try make()
        #expect(result.exitCode == 0, "\(result.errors)")
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    func make() throws -> ProcessResult {
        try run(BuiltProducts.repository.appendingPathComponent("Tools/dev-certs"), [directory])
    }

    func file(_ name: String) -> String { "\(directory)/\(name)" }

    /// A configuration of a daemon that shows these and asks for them.
    var yaml: String {
        """
        tls:
          listen: [localhost:0]
          certificate: \(file("server.pem"))
          private_key: \(file("server.key"))
          client_ca: \(file("ca.pem"))

        """
    }

    /// A configuration of a daemon that shows these, and asks nobody for any.
    var yamlForAnybody: String {
        """
        tls:
          listen: [localhost:0]
          certificate: \(file("server.pem"))
          private_key: \(file("server.key"))
          client_certificates: none

        """
    }

    /// Options of the command line and the load tool.
    func options(_ daemon: DaemonProcess, shows client: String? = "gateway") -> [String] {
        let identity = client.map { ["--cert", file("\($0).pem"), "--key", file("\($0).key")] } ?? []
        return ["--tls", daemon.tlsAddress, "--ca", file("ca.pem")] + identity
    }

    /// Where a client finds the daemon.
    func endpoint(_ daemon: DaemonProcess, shows client: String? = "gateway") throws -> Endpoint {
        let port = try #require(daemon.tlsAddress.split(separator: ":").last.flatMap { Int($0) })
        let identity = client.map { name in
            TLSSettings.Identity(certificatePath: file("\(name).pem"), privateKeyPath: file("\(name).key"))
        }
        let settings = TLSSettings(trustRoots: .file(path: file("ca.pem")), identity: identity)
        return .tls(host: "127.0.0.1", port: port, settings)
    }
}
