import Foundation
import MintmarkTestSupport
import Testing

@testable import MintmarkServer

/// Files that do not do are refused with a sentence that names them; a reload keeps what was.
@Suite struct TLSFilesTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        /// The end of the sentence.
        var reason: String
        var change: @Sendable (TestCertificates) throws -> Void = { _ in }

        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "no certificate", reason: "server.pem: No such file or directory") {
            try FileManager.default.removeItem(atPath: $0.certificate("server"))
        },
        Row(name: "no PEM", reason: "server.pem: holds no certificates, or one that is broken; PEM is expected") {
            try $0.directory.write([1, 2, 3], to: "server.pem", mode: 0o644)
        },
        Row(name: "empty", reason: "server.pem: holds no certificates, or one that is broken; PEM is expected") {
            try $0.directory.write([], to: "server.pem", mode: 0o644)
        },
        Row(name: "no key", reason: "server.key: no such file") {
            try FileManager.default.removeItem(atPath: $0.key("server"))
        },
        Row(name: "a key for everybody", reason: "server.key is open to others (mode 644); run: chmod 600") {
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: $0.key("server"))
        },
        Row(name: "a link to a key that others could turn", reason: "server.key is a link that is not followed") {
            try FileManager.default.moveItem(atPath: $0.key("server"), toPath: $0.key("moved"))
            try FileManager.default.createSymbolicLink(
                atPath: $0.key("server"),
                withDestinationPath: $0.key("moved")
            )
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: $0.directory.path)
        },
        Row(name: "no key in it", reason: "server.key: is no private key in PEM that can be used") {
            try $0.directory.write(Array("secret".utf8), to: "server.key", mode: 0o600)
        },
        Row(name: "a passphrase", reason: "server.key: is no private key in PEM that can be used") {
            try $0.openssl("pkey", "-in", $0.key("gateway"), "-aes256", "-passout", "pass:x", "-out", $0.key("server"))
        },
        Row(name: "another's key", reason: "server.pem: the certificate does not belong to the key in") {
            let key = try Data(contentsOf: URL(fileURLWithPath: $0.key("gateway")))
            try $0.directory.write(Array(key), to: "server.key", mode: 0o600)
        },
        Row(name: "a client's certificate", reason: "server.pem: the certificate is not made for servers") {
            try $0.issueServer(extensions: ["extendedKeyUsage=clientAuth", "subjectAltName=DNS:localhost"])
        },
        Row(name: "a key for other uses", reason: "server.pem: the certificate is not made for servers") {
            try $0.issueServer(extensions: ["keyUsage=keyCertSign", "subjectAltName=DNS:localhost"])
        },
        Row(name: "no names", reason: "server.pem: the certificate names no server: it has no subject alt") {
            try $0.issueServer(extensions: ["extendedKeyUsage=serverAuth"])
        },
        Row(name: "no authority", reason: "ca.pem: holds no certificates, or one that is broken; PEM is expected") {
            try $0.directory.write(Array("-----BEGIN".utf8), to: "ca.pem", mode: 0o644)
        },
    ]

    @Test(arguments: rows)
    func badFilesAreRefusedAndAReloadKeepsTheOldOnes(row: Row) throws {
        let certificates = try TestCertificates()
        let source = try certificates.source()
        let before = source.current
        try row.change(certificates)
        let settings = certificates.settings()
        let fault = #expect(throws: TLSFiles.Fault.self) {
            try TLSFiles.load(settings, atSeconds: TestClock.systemSeconds)
        }
        #expect(fault?.description.contains(row.reason) == true, "\(fault?.description ?? "")")
        let configuration = try load(certificates.yaml)
        #expect(throws: ReloadFailure.self) { try source.prepare(configuration) }
        #expect(source.current === before)
    }

    @Test(arguments: [(366, "has expired"), (-2, "is not valid yet")])
    func aCertificateThatIsNotValidNowIsRefused(days: Int64, reason: String) throws {
        let certificates = try TestCertificates.shared.get()
        let fault = #expect(throws: TLSFiles.Fault.self) {
            try TLSFiles.load(certificates.settings(), atSeconds: TestClock.systemSeconds + days * 86_400)
        }
        #expect(fault?.description == "\(certificates.certificate("server")): the certificate \(reason)")
    }

    @Test func aReloadTakesNewFilesOver() throws {
        let certificates = try TestCertificates()
        let source = try certificates.source()
        let before = source.current
        try certificates.issueServer(extensions: ["subjectAltName=DNS:localhost"])
        let step = try source.prepare(try load(certificates.yaml))
        #expect(source.current === before)
        step()
        #expect(source.current.serverCertificateSHA256 != before.serverCertificateSHA256)
    }

    /// What would need other listeners waits for the next start.
    @Test func aReloadWithoutTLSKeepsTheListeners() throws {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source()
        let before = source.current
        try source.prepare(try load("threads: 1"))()
        #expect(source.current === before)
    }
}

extension TestCertificates {
    /// Another certificate in the place of the server's.
    func issueServer(extensions: [String]) throws {
        try FileManager.default.removeItem(atPath: certificate("server"))
        try issue("server", extensions: extensions)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key("server"))
    }

    /// A configuration file that uses these.
    var yaml: String {
        """
        tls:
          listen: [localhost:0]
          certificate: \(certificate("server"))
          private_key: \(key("server"))
          client_ca: \(authority)
        """
    }
}
