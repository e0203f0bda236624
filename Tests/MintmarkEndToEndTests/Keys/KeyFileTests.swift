import Foundation
import MintmarkClient
import Testing

/// Keys from and for others: files, credentials, mounts, `openssl`.
@Suite struct KeyFileTests {
    private let home: TemporaryHome

    init() throws {
        home = try TemporaryHome()
    }

    @discardableResult
    private func openssl(_ arguments: String...) throws -> String {
        let result = try run(URL(fileURLWithPath: "/usr/bin/openssl"), arguments)
        #expect(result.exitCode == 0, "\(result)")
        return result.output
    }

    @Test func aKeyOfOpenSSLIsImportedAndItsPublicHalfExported() async throws {
        let daemon = try DaemonProcess()
        let path = "\(daemon.dataDirectory)/keys/next.pem"
        try openssl("genpkey", "-algorithm", "ed25519", "-out", path)
        let imported = try daemon.mintmark("keys", "import", "next.pem")
        let keyID = try #require(try imported.text("key_id"))
        #expect(try daemon.mintmark("keys", "import", "next.pem").text("key_id") == keyID)
        #expect(try daemon.mintmark("keys", "activate", keyID).exitCode == 1)
        #expect(try daemon.mintmark("keys", "activate", keyID, "--immediately").exitCode == 0)
        let token = try #require(try daemon.mintmark("sign", "--subject", "a", "--audience", "b").text("access_token"))
        #expect(try daemon.mintmark("verify", token, "--audience", "b").exitCode == 0)

        let exported = try run(BuiltProducts.mintmark, ["keys", "export", "--pem", "--unix", daemon.unixPath])
        let expected = try openssl("pkey", "-in", path, "-pubout")
        #expect(exported.output.contains(expected))
        #expect(!exported.output.contains("PRIVATE"))
        try home.write(exported.output, to: "keys.pem")
        #expect(try openssl("pkey", "-pubin", "-in", home.file("keys.pem"), "-noout", "-text").contains("ED25519"))
        let list = try #require(try daemon.mintmark("keys", "list").json["keys"] as? [[String: Any]])
        #expect(list.map { $0["state"] as? String } == ["retired", "active"])
        #expect(list.last?["key_id"] as? String == keyID)
        let usableAt = try #require(list.last?["usable_at"] as? Int)
        #expect(try imported.number("usable_at") == usableAt)
        #expect(list.last?["prepared_at"] as? Int == usableAt - 3_600, "keys.jwks_cache")
    }

    @Test func aCredentialHoldsTheKeyAndThePassphrase() async throws {
        let path = home.file("signing-key")
        try openssl("genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:correct horse", "-out", path)
        try home.write("correct horse\n", to: "passphrase")
        let tokens = "signing_key_file: credential:signing-key, signing_key_passphrase_file: credential:passphrase"
        let daemon = try DaemonProcess(
            configuration: "tokens: {\(tokens)}\n",
            environment: ["CREDENTIALS_DIRECTORY": home.path]
        )
        let token = try #require(try daemon.mintmark("sign", "--subject", "a", "--audience", "b").text("access_token"))
        #expect(try daemon.mintmark("verify", token, "--audience", "b").exitCode == 0)
        #expect(!FileManager.default.fileExists(atPath: "\(daemon.dataDirectory)/signing-key.pem"))
        // A key that is made here is encrypted, too.
        let keyID = try #require(try daemon.mintmark("keys", "prepare").text("key_id"))
        let made = try String(contentsOfFile: "\(daemon.dataDirectory)/keys/signing-\(keyID).pem", encoding: .utf8)
        #expect(made.contains("ENCRYPTED PRIVATE KEY"))
    }

    /// As Kubernetes mounts a secret: a directory of links that lead through `..data`.
    @Test func aMountedSecretIsReadThroughItsDirectory() async throws {
        let fileManager = FileManager.default
        try fileManager.createDirectory(atPath: home.file("..2026"), withIntermediateDirectories: false)
        try fileManager.createSymbolicLink(atPath: home.file("..data"), withDestinationPath: home.file("..2026"))
        for name in ["a", "b"] {
            try openssl("genpkey", "-algorithm", "ed25519", "-out", home.file("..2026/\(name).pem"))
            try fileManager.createSymbolicLink(
                atPath: home.file("\(name).pem"),
                withDestinationPath: "..data/\(name).pem"
            )
        }
        let daemon = try DaemonProcess(configuration: "keys: {directory: \(home.file("..data"))}\n")
        let list = try #require(try daemon.mintmark("keys", "list").json["keys"] as? [[String: Any]])
        #expect(list.map { $0["state"] as? String } == ["active", "prepared"])
    }
}
