import Foundation
import Testing

/// Every program that speaks the protocol speaks it over TLS, and so does one of another make.
@Suite struct TLSProgramTests {
    @Test func commandLine() throws {
        let certificates = try DevCertificates()
        let daemon = try DaemonProcess(configuration: certificates.yaml)
        let signed = try run(
            BuiltProducts.mintmark,
            ["sign", "--subject", "alice", "--audience", "orders", "--json"] + certificates.options(daemon)
        )
        #expect(signed.exitCode == 0, "\(signed)")
        let fromVariables = try run(
            BuiltProducts.mintmark,
            ["ping"],
            environment: [
                "MINTMARK_TLS": daemon.tlsAddress, "MINTMARK_CA": certificates.file("ca.pem"),
                "MINTMARK_CERT": certificates.file("worker.pem"), "MINTMARK_KEY": certificates.file("worker.key"),
            ]
        )
        #expect(fromVariables.exitCode == 0, "\(fromVariables)")
    }

    @Test func commandLineSaysWhatIsWrong() throws {
        let certificates = try DevCertificates()
        let others = try DevCertificates()
        let daemon = try DaemonProcess(configuration: certificates.yaml)
        let there = ["--tls", daemon.tlsAddress, "--ca", certificates.file("ca.pem")]
        let ofOthers = ["--cert", others.file("gateway.pem"), "--key", others.file("gateway.key")]
        let mixed = ["--cert", certificates.file("gateway.pem"), "--key", certificates.file("worker.key")]
        let rows: [(options: [String], exitCode: Int32, words: String)] = [
            (certificates.options(daemon, shows: nil), 3, "the server wants a client certificate; --client"),
            (there + ofOthers, 3, "the server refused the client certificate\n"),
            (
                ["--tls", daemon.tlsAddress, "--ca", others.file("ca.pem")], 3,
                "the server's certificate is not one that is trusted"
            ),
            (certificates.options(daemon) + ["--server-name", "elsewhere.example"], 3, "has another name"),
            (["--tls", daemon.tcpAddress, "--ca", certificates.file("ca.pem")], 3, "does not speak TLS\n"),
            (["--server", daemon.tlsAddress], 3, "TLS_REQUIRED"),
            (
                ["--tls", daemon.tlsAddress, "--ca", "/nowhere"], 2,
                "mintmark: /nowhere cannot be read, or holds no certificates in PEM\n"
            ),
            (there + mixed, 2, "gateway.pem does not belong to the key in \(certificates.file("worker.key"))\n"),
        ]
        for row in rows {
            let result = try run(BuiltProducts.mintmark, ["ping", "--timeout", "20"] + row.options)
            #expect(result.exitCode == row.exitCode, "\(row.words): \(result)")
            #expect(result.errors.contains(row.words), "\(row.words): \(result)")
        }
    }

    @Test(arguments: ["peak", "run"])
    func loadTool(mode: String) throws {
        let certificates = try DevCertificates()
        let daemon = try DaemonProcess(configuration: certificates.yaml)
        let arguments = ["--mix", "sign=1,verify=6,refresh=1,ping=1", "--requests", "4000", "--distinct-tokens", "50"]
        let rate = mode == "run" ? ["--rate", "100000"] : []
        let result = try run(
            BuiltProducts.mintmarkBench,
            [mode, "--duration", "100", "--threads", "2", "--json", "-"] + arguments + rate
                + certificates.options(daemon)
        )
        #expect([0, 12].contains(result.exitCode), "\(result)")
        #expect((try result.json["errors"] as? [String: Int])?.isEmpty == true, "\(result)")
    }

    @Test func loadToolChecksTheServer() throws {
        let certificates = try DevCertificates()
        let others = try DevCertificates()
        let daemon = try DaemonProcess(configuration: certificates.yaml)
        let trusting = ["--tls", daemon.tlsAddress, "--ca", others.file("ca.pem")]
        let result = try run(BuiltProducts.mintmarkBench, ["peak", "--requests", "1"] + trusting)
        #expect(result.exitCode != 0)
        #expect(result.errors.contains("unable to get local issuer certificate"), "\(result)")
    }

    /// TLS 1.3 lets the tool believe that it is through before the server has judged its certificate.
    @Test func loadToolSaysThatItIsNotLetIn() throws {
        let certificates = try DevCertificates()
        let others = try DevCertificates()
        let daemon = try DaemonProcess(configuration: certificates.yaml)
        let there = ["--tls", daemon.tlsAddress, "--ca", certificates.file("ca.pem")]
        let ofOthers = ["--cert", others.file("gateway.pem"), "--key", others.file("gateway.key")]
        let rows: [(options: [String], words: String)] = [
            (there, "the server wants a client certificate: give --cert and --key"),
            (there + ofOthers, "the server refused the client certificate"),
            (["--server", daemon.tlsAddress], "does not let the tool in: HELLO: TLS_REQUIRED"),
        ]
        for row in rows {
            let result = try run(BuiltProducts.mintmarkBench, ["peak", "--requests", "1"] + row.options)
            #expect(result.exitCode == 3, "\(row.words): \(result)")
            #expect(result.errors.contains(row.words), "\(row.words): \(result)")
        }
    }

    @Test func loadToolSaysWhichFileIsWrong() throws {
        let certificates = try DevCertificates()
        let ca = certificates.file("ca.pem")
        let shown = ["--ca", ca, "--cert", certificates.file("gateway.pem")]
        let rows: [(options: [String], words: String)] = [
            (["--ca", "/nowhere"], "cannot use /nowhere: No such file or directory"),
            (["--ca", certificates.file("gateway.key")], "gateway.key: no certificate or crl found"),
            (shown + ["--key", "/nowhere"], "cannot use /nowhere: No such file or directory"),
            (shown + ["--key", ca], "ca.pem: unsupported"),
            (shown + ["--key", certificates.file("worker.key")], "worker.key: key values mismatch"),
        ]
        for row in rows {
            let result = try run(BuiltProducts.mintmarkBench, ["peak", "--tls", "127.0.0.1:1"] + row.options)
            #expect(result.exitCode == 2, "\(row.words): \(result)")
            #expect(result.errors.contains(row.words), "\(row.words): \(result)")
        }
    }

    @Test func pythonClient() throws {
        let certificates = try DevCertificates()
        let daemon = try DaemonProcess(configuration: certificates.yaml)
        let script = BuiltProducts.repository.appendingPathComponent("Protocol/examples/life_of_a_token.py").path
        let result = try run(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["python3", "-B", script] + certificates.options(daemon)
        )
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(result.output.hasSuffix("\nok\n"))
    }

    @Test func opensslSClient() throws {
        let certificates = try DevCertificates()
        let daemon = try DaemonProcess(configuration: certificates.yaml)
        func sClient(_ arguments: String...) throws -> ProcessResult {
            let connection = ["s_client", "-connect", daemon.tlsAddress, "-CAfile", certificates.file("ca.pem")]
            let identity = ["-cert", certificates.file("gateway.pem"), "-key", certificates.file("gateway.key")]
            return try run(URL(fileURLWithPath: "/usr/bin/env"), ["openssl"] + connection + identity + arguments)
        }
        let good = try sClient("-alpn", "mintmark/1", "-verify_hostname", "localhost", "-verify_return_error")
        #expect(good.exitCode == 0, "\(good)")
        #expect(good.output.contains("ALPN protocol: mintmark/1"))
        #expect(good.output.contains("TLSv1.3"))
        #expect(good.output.contains("Verify return code: 0 (ok)"))
        let old = try sClient("-alpn", "mintmark/1", "-tls1_2")
        #expect(old.exitCode != 0)
        #expect(old.errors.contains("alert protocol version"), "\(old)")
        let other = try sClient("-alpn", "http/1.1")
        #expect(other.output.contains("No ALPN negotiated"))
    }

    /// What is there and good is left alone; what does not belong to its key is made again.
    @Test func devCertsMayBeRunAgain() throws {
        let certificates = try DevCertificates()
        let names = ["ca.pem", "ca.key", "server.pem", "server.key", "gateway.pem", "gateway.key", "tls.yaml"]
        let before = names.map { FileManager.default.contents(atPath: certificates.file($0)) }
        let all = "the authority, the server and gateway worker have certificates in \(certificates.directory)"
        let good = "\(all) for another day at least\n"
        #expect(try certificates.make().output == good)
        #expect(names.map { FileManager.default.contents(atPath: certificates.file($0)) } == before)
        for name in ["ca.key", "server.key", "gateway.key"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: certificates.file(name))
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
        try FileManager.default.removeItem(atPath: certificates.file("server.key"))
        #expect(try certificates.make().output == "made \(certificates.directory)/server.pem\n\(good)")
        let script = BuiltProducts.repository.appendingPathComponent("Tools/dev-certs")
        #expect(try run(script, []).exitCode == 2)
        #expect(try run(script, [certificates.directory, "../evil"]).exitCode == 2)
    }
}
