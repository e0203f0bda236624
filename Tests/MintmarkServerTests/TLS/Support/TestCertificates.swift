import Foundation
import MintmarkTestSupport

@testable import MintmarkServer

/// An authority with certificates for a server and its callers, made by `Tools/dev-certs` once for all tests.
final class TestCertificates: Sendable {
    struct Failure: Error {
        var exitCode: Int32
    }

    static let shared = Result { try TestCertificates() }
    /// Another authority, whom nobody here trusts.
    static let others = Result { try TestCertificates() }

    let directory: TemporaryDirectory

    init(_ clients: [String] = ["gateway", "worker"]) throws {
        directory = try TemporaryDirectory()
        let script = URL(filePath: #filePath).appending(path: "../../../../../Tools/dev-certs").standardized.path
        try Self.run(script, [directory.path] + clients)
    }

    static func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(exitCode: process.terminationStatus) }
    }

    func openssl(_ arguments: String...) throws {
        try Self.run("/usr/bin/env", ["openssl"] + arguments)
    }

    var authority: String { directory.file("ca.pem") }

    func certificate(_ name: String) -> String { directory.file("\(name).pem") }
    func key(_ name: String) -> String { directory.file("\(name).key") }

    /// What the configuration of a server says that uses these.
    func settings(
        _ clientCertificates: Configuration.TLS.ClientCertificates = .required,
        authority: String? = nil
    ) -> Configuration.TLS {
        Configuration.TLS(
            listen: [ListenAddress("127.0.0.1:0")].compactMap(\.self),
            certificate: certificate("server"),
            privateKey: key("server"),
            clientCertificates: clientCertificates,
            clientCA: clientCertificates == .none ? nil : authority ?? self.authority
        )
    }

    /// Where a server's listeners get these from.
    func source(
        _ clientCertificates: Configuration.TLS.ClientCertificates = .required,
        authority: String? = nil,
        clock: TestClock = TestClock()
    ) throws -> TLSSource {
        let settings = settings(clientCertificates, authority: authority)
        return TLSSource(try TLSFiles.load(settings, atSeconds: TestClock.systemSeconds), wallSeconds: clock.seconds)
    }

    /// A certificate with any names and purposes, signed by this authority; returns nothing, the files are there.
    func issue(
        _ name: String,
        extensions: [String],
        signer: String = "ca",
        algorithm: [String] = ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
    ) throws {
        try directory.write(Array(extensions.joined(separator: "\n").utf8), to: "\(name).ext", mode: 0o600)
        try Self.run("/usr/bin/env", ["openssl", "genpkey", "-algorithm"] + algorithm + ["-out", key(name)])
        let request = directory.file("\(name).req")
        try openssl("req", "-new", "-key", key(name), "-subj", "/CN=\(name)", "-out", request)
        try openssl(
            "x509",
            "-req",
            "-in",
            request,
            "-CA",
            certificate(signer),
            "-CAkey",
            key(signer),
            "-CAcreateserial",
            "-sha256",
            "-days",
            "2",
            "-extfile",
            directory.file("\(name).ext"),
            "-out",
            certificate(name)
        )
    }
}
