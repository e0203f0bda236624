import Foundation
import MintmarkTestSupport
import Testing

@testable import MintmarkCrypto

/// Certificates that the `openssl` program makes.
@Suite struct CertificateTests {
    /// A directory with an authority, `ca`.
    private final class Authority {
        let directory: TemporaryDirectory
        init(_ name: String = "authority") throws {
            directory = try TemporaryDirectory()
            try Self.key(path("ca.key"))
            _ = try OpenSSLProgram.run(
                "req",
                "-x509",
                "-key",
                path("ca.key"),
                "-days",
                "10",
                "-subj",
                "/CN=\(name)",
                "-out",
                path("ca.pem")
            )
        }

        func path(_ name: String) -> String { directory.file(name) }

        private static func key(_ path: String) throws {
            let file = try OpenSSLProgram.run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
            try Data(file).write(to: URL(fileURLWithPath: path))
        }

        func issue(_ name: String, _ extensions: [String], by signer: String = "ca") throws -> Certificate {
            try directory.write(Array(extensions.joined(separator: "\n").utf8), to: "ext", mode: 0o600)
            try Self.key(path("\(name).key"))
            let request = try OpenSSLProgram.run("req", "-new", "-key", path("\(name).key"), "-subj", "/CN=\(name)")
            let file = try OpenSSLProgram.run(
                [
                    "x509", "-req", "-CA", path("\(signer).pem"), "-CAkey", path("\(signer).key"), "-set_serial", "7",
                    "-days", "5", "-extfile", path("ext"),
                ],
                input: request
            )
            try Data(file).write(to: URL(fileURLWithPath: path("\(name).pem")))
            return try #require(Certificate.readPEM(file)?.first)
        }

        func certificates() throws -> [Certificate] {
            try #require(Certificate.readPEM(try Data(contentsOf: URL(fileURLWithPath: path("ca.pem"))).map { $0 }))
        }
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970) }

    @Test func namesAreReadInTheCertificatesOrder() throws {
        let names =
            "DNS:b.example,URI:spiffe://example/one,IP:127.0.0.1,email:a@b.example,URI:https://two.example/,DNS:a.example"
        let certificate = try Authority().issue("leaf", ["subjectAltName=\(names)"])
        #expect(certificate.subjectNames.uris == ["spiffe://example/one", "https://two.example/"])
        #expect(certificate.subjectNames.dnsNames == ["b.example", "a.example"])
    }

    @Test func theCommonNameIsNoName() throws {
        let certificate = try Authority().issue("leaf.example", ["basicConstraints=CA:FALSE"])
        #expect(certificate.subjectNames == SubjectNames(uris: [], dnsNames: []))
    }

    /// `spiffe://example/admin` followed by a zero byte, a space or more: not the same name, and none at all.
    @Test(arguments: [[0], [0x20], [0x0A], [0x7F], [0xE9]] as [[UInt8]])
    func namesThatCouldBeReadTwiceAreLeftOut(suffix: [UInt8]) throws {
        let name = Array("spiffe://example/admin".utf8) + suffix + Array("x".utf8)
        // GeneralNames with one URI ([6] IMPLICIT IA5String), as DER.
        let general = [0x86, UInt8(name.count)] + name
        let value = ([0x30, UInt8(general.count)] + general).map { String(format: "%02x", $0) }.joined(separator: ":")
        let certificate = try Authority().issue("leaf", ["subjectAltName=DER:\(value)"])
        #expect(certificate.subjectNames.uris.isEmpty)
    }

    @Test(arguments: [
        (Certificate.nameByteCountMax - 1, true), (Certificate.nameByteCountMax, true),
        (Certificate.nameByteCountMax + 1, false),
    ])
    func namesAreBounded(count: Int, isTaken: Bool) throws {
        let name = "u:" + String(repeating: "a", count: count - 2)
        let certificate = try Authority().issue("leaf", ["subjectAltName=URI:\(name)"])
        #expect(certificate.subjectNames.uris == (isTaken ? [name] : []))
    }

    @Test func anAuthorityVouchesForItsOwn() throws {
        let authority = try Authority()
        let certificates = try authority.certificates()
        let authorities = CertificateAuthorities(certificates)
        let leaf = try authority.issue("leaf", ["extendedKeyUsage=clientAuth"])
        let voucher = try authorities.judge(leaf, others: [], atSeconds: Self.now)
        #expect(voucher == certificates[0].fingerprint)
        #expect(authorities.fingerprints == [voucher])
        // The same name does not make it the same authority.
        let stranger = try Authority()
        #expect(throws: CertificateFault.self) {
            try authorities.judge(
                try stranger.issue("leaf", []),
                others: try stranger.certificates(),
                atSeconds: Self.now
            )
        }
        let other = try Authority("other")
        #expect(throws: CertificateFault.unknownAuthority) {
            try authorities.judge(try other.issue("leaf", []), others: try other.certificates(), atSeconds: Self.now)
        }
    }

    @Test func timesCount() throws {
        let authority = try Authority()
        let authorities = CertificateAuthorities(try authority.certificates())
        let leaf = try authority.issue("leaf", [])
        let (first, last) = (try #require(leaf.validFrom), try #require(leaf.validThrough))
        #expect(last - first == 5 * 86_400)
        #expect(throws: CertificateFault.notValidYet) {
            try authorities.judge(leaf, others: [], atSeconds: first - 1)
        }
        _ = try authorities.judge(leaf, others: [], atSeconds: first + 1)
        _ = try authorities.judge(leaf, others: [], atSeconds: last - 1)
        #expect(throws: CertificateFault.expired) {
            try authorities.judge(leaf, others: [], atSeconds: last + 1)
        }
    }

    @Test func purposesAndChainsCount() throws {
        let authority = try Authority()
        let authorities = CertificateAuthorities(try authority.certificates())
        let server = try authority.issue("server", ["extendedKeyUsage=serverAuth"])
        #expect(throws: CertificateFault.unfit) { try authorities.judge(server, others: [], atSeconds: Self.now) }
        // A certificate that may not sign others has signed one.
        let worker = try authority.issue("worker", ["basicConstraints=critical,CA:FALSE"])
        let forged = try authority.issue("forged", [], by: "worker")
        #expect(throws: CertificateFault.self) { try authorities.judge(forged, others: [worker], atSeconds: Self.now) }
        let middle = try authority.issue("middle", ["basicConstraints=critical,CA:TRUE"])
        let below = try authority.issue("below", [], by: "middle")
        #expect(throws: CertificateFault.unknownAuthority) {
            try authorities.judge(below, others: [], atSeconds: Self.now)
        }
        _ = try authorities.judge(below, others: [worker, middle], atSeconds: Self.now)
        // An authority need not have signed itself.
        let voucher = try CertificateAuthorities([middle]).judge(below, others: [], atSeconds: Self.now)
        #expect(voucher == middle.fingerprint)
    }

    @Test func nothingButWholeCertificatesIsRead() throws {
        let authority = try Authority()
        let bytes = try authority.certificates()[0].bytes
        #expect(Certificate(bytes: bytes)?.bytes == bytes)
        #expect(Certificate(bytes: bytes + [0]) == nil)
        #expect(Certificate(bytes: []) == nil)
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(Certificate(bytes: Array(bytes[..<count])) == nil)
        }
        let pem = try Data(contentsOf: URL(fileURLWithPath: authority.path("ca.pem"))).map { $0 }
        #expect(Certificate.readPEM(Array("text\n".utf8) + pem + pem)?.count == 2)
        #expect(Certificate.readPEM([]) == nil)
        #expect(Certificate.readPEM(Array("no certificate".utf8)) == nil)
        #expect(
            Certificate.readPEM(pem + Array(pem[..<(pem.count / 2)]) + Array("\n-----END CERTIFICATE-----\n".utf8))
                == nil
        )
    }
}
