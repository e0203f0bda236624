import Foundation
import MintmarkClient
import MintmarkWire
import Testing

/// One SIGHUP takes over clients, certificates, key files and trusted issuers: all of them or none.
@Suite struct ReloadTests {
    private let home: TemporaryHome
    private let certificates: DevCertificates
    private let others: DevCertificates
    private let signer: DaemonProcess

    private static let subject = "alice"

    init() throws {
        home = try TemporaryHome()
        certificates = try DevCertificates()
        others = try DevCertificates()
        signer = try DaemonProcess(configuration: "issuer: https://a.example\n")
    }

    private func configuration(_ certificates: DevCertificates, trusted: Bool) -> String {
        let issuers = "[{issuer: https://a.example, jwks_file: \(home.file("jwks.json"))}]"
        return "issuer: https://b.example\ntrusted_issuers: \(trusted ? issuers : "[]")\n" + certificates.yaml
    }

    private func write(_ text: String, _ daemon: DaemonProcess) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(daemon.directory)/mintmark.yaml"))
    }

    private func putKey(_ name: String, _ daemon: DaemonProcess) throws {
        let path = "\(daemon.dataDirectory)/keys/\(name)"
        let made = try run(
            URL(fileURLWithPath: "/usr/bin/openssl"),
            ["genpkey", "-algorithm", "ed25519", "-out", path]
        )
        try #require(made.exitCode == 0, "\(made)")
    }

    private func keyStates(_ daemon: DaemonProcess) throws -> [String?] {
        let list = try daemon.mintmark("keys", "list").json["keys"] as? [[String: Any]]
        return try #require(list).map { $0["state"] as? String }
    }

    /// The token of another issuer, which is trusted or not.
    private func foreignToken() throws -> String {
        let signed = try signer.mintmark("sign", "--subject", Self.subject, "--audience", "orders")
        return try #require(try signed.text("access_token"), "\(signed)")
    }

    private func isTaken(_ token: String, _ daemon: DaemonProcess) throws -> Bool {
        try daemon.mintmark("verify", token, "--audience", "orders").exitCode == 0
    }

    private func pings(_ daemon: DaemonProcess, trusting certificates: DevCertificates) throws -> Bool {
        try run(BuiltProducts.mintmark, ["ping"] + certificates.options(daemon)).exitCode == 0
    }

    @Test func everythingIsTakenOverTogether() async throws {
        try home.write(try signer.mintmark("keys", "export").output, to: "jwks.json", mode: 0o644)
        let token = try foreignToken()
        let daemon = try DaemonProcess(configuration: configuration(certificates, trusted: false))
        #expect(try keyStates(daemon) == ["active"])
        #expect(try !isTaken(token, daemon))
        #expect(try pings(daemon, trusting: certificates))

        try putKey("next.pem", daemon)
        try write(configuration(others, trusted: true), daemon)
        daemon.signal(SIGHUP)
        #expect(daemon.waitForLog("] reloaded"))
        #expect(try keyStates(daemon) == ["active", "prepared"])
        #expect(try isTaken(token, daemon))
        #expect(try pings(daemon, trusting: others))
        #expect(try !pings(daemon, trusting: certificates))

        // And back: whoever was trusted is not any more, at once.
        try write(configuration(certificates, trusted: false), daemon)
        daemon.signal(SIGHUP)
        try await waitForReload(2, daemon)
        #expect(try !isTaken(token, daemon))
        #expect(try pings(daemon, trusting: certificates))
        #expect(daemon.stop() == 0)
    }

    /// The keys of another issuer are read again with every reload, whatever the time is.
    @Test func changedKeysOfATrustedIssuerAreReadAgain() throws {
        try home.write("{\"keys\":[]}", to: "jwks.json", mode: 0o644)
        let daemon = try DaemonProcess(configuration: configuration(certificates, trusted: true))
        let token = try foreignToken()
        #expect(try !isTaken(token, daemon))
        try home.write(try signer.mintmark("keys", "export").output, to: "jwks.json", mode: 0o644)
        daemon.signal(SIGHUP)
        #expect(daemon.waitForLog("] reloaded"))
        #expect(try isTaken(token, daemon))
    }

    /// What is bad, and what the log says of it.
    enum Fault: String, CaseIterable, Sendable {
        case keyFile
        case keyFileForOthers
        case certificate
        case setting
    }

    @Test(arguments: Fault.allCases)
    func oneFaultKeepsEverythingAsItWas(fault: Fault) throws {
        try home.write(try signer.mintmark("keys", "export").output, to: "jwks.json", mode: 0o644)
        let token = try foreignToken()
        let daemon = try DaemonProcess(configuration: configuration(certificates, trusted: false))
        var text = configuration(others, trusted: true)
        let complaint: String
        switch fault {
        case .keyFile:
            try Data("no key".utf8).write(to: URL(fileURLWithPath: "\(daemon.dataDirectory)/keys/next.pem"))
            chmod("\(daemon.dataDirectory)/keys/next.pem", 0o600)
            complaint = "next.pem: not one PEM block"
        case .keyFileForOthers:
            try putKey("next.pem", daemon)
            chmod("\(daemon.dataDirectory)/keys/next.pem", 0o644)
            complaint = "next.pem is open to others (mode 644)"
        case .certificate:
            try Data("broken".utf8).write(to: URL(fileURLWithPath: others.file("server.pem")))
            complaint = "server.pem: holds no certificates, or one that is broken"
        case .setting:
            text += "nonsense: 1\n"
            complaint = "nonsense"
        }
        try write(text, daemon)
        daemon.signal(SIGHUP)
        #expect(daemon.waitForLog("not reloaded: everything stays as it was"))
        #expect(daemon.logText.contains(complaint), "\(daemon.logText)")
        #expect(try keyStates(daemon) == ["active"])
        #expect(try !isTaken(token, daemon))
        #expect(try pings(daemon, trusting: certificates))
        #expect(daemon.stop() == 0)
    }

    private func waitForReload(_ number: Int, _ daemon: DaemonProcess) async throws {
        try await poll("reload \(number)") {
            daemon.logText.components(separatedBy: "] reloaded").count > number ? true : nil
        }
    }
}
