import Foundation
import Testing

/// Key files that the program `openssl` made, and ours as it reads them.
@Suite struct OpenSSLKeyTests {
    private let directory: TemporaryHome

    init() throws {
        directory = try TemporaryHome()
    }

    @discardableResult
    private func openssl(_ arguments: String...) throws -> ProcessResult {
        let result = try run(URL(fileURLWithPath: "/usr/bin/openssl"), arguments)
        #expect(result.exitCode == 0, "\(result)")
        return result
    }

    /// The public key in a key file as openssl tells it, as the `x` of a JWK.
    private func publicKey(_ path: String, passphrase: String? = nil) throws -> String {
        let der = directory.file("public.der")
        let options = passphrase.map { ["-passin", "pass:\($0)"] } ?? []
        let arguments = ["pkey", "-in", path, "-pubout", "-outform", "DER", "-out", der] + options
        #expect(try run(URL(fileURLWithPath: "/usr/bin/openssl"), arguments).exitCode == 0)
        // The last 32 bytes of a SubjectPublicKeyInfo (RFC 8410) are the key.
        return try Data(contentsOf: URL(fileURLWithPath: der)).suffix(32).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    private func expectServed(_ key: String, by daemon: DaemonProcess) throws {
        let keys = try daemon.mintmark("keys").json["keys"] as? [[String: Any]]
        #expect(keys?.compactMap { $0["x"] as? String } == [key])
        let token = try #require(try daemon.mintmark("sign", "--subject", "a", "--audience", "b").text("access_token"))
        #expect(try daemon.mintmark("verify", token, "--audience", "b").exitCode == 0)
    }

    @Test func plainKeyOfOpenSSLIsUsed() throws {
        let path = directory.file("key.pem")
        try openssl("genpkey", "-algorithm", "ed25519", "-out", path)
        let daemon = try DaemonProcess(configuration: "tokens: {signing_key_file: \(path)}\n")
        try expectServed(try publicKey(path), by: daemon)
    }

    @Test(arguments: ["-aes256", "-aes-128-cbc"])
    func encryptedKeyOfOpenSSLIsUsed(cipher: String) throws {
        let path = directory.file("key.pem")
        try openssl("genpkey", "-algorithm", "ed25519", cipher, "-pass", "pass:correct horse", "-out", path)
        try directory.write("correct horse\n", to: "passphrase")
        let tokens = "signing_key_file: \(path), signing_key_passphrase_file: \(directory.file("passphrase"))"
        let daemon = try DaemonProcess(configuration: "tokens: {\(tokens)}\n")
        try expectServed(try publicKey(path, passphrase: "correct horse"), by: daemon)
    }

    @Test func keyThatWeMadeIsReadByOpenSSL() throws {
        let daemon = try DaemonProcess()
        try expectServed(try publicKey("\(daemon.dataDirectory)/signing-key.pem"), by: daemon)
    }

    @Test func keyThatWeEncryptedIsReadByOpenSSL() throws {
        try directory.write("correct horse\n", to: "passphrase")
        let path = directory.file("passphrase")
        let daemon = try DaemonProcess(configuration: "tokens: {signing_key_passphrase_file: \(path)}\n")
        let key = "\(daemon.dataDirectory)/signing-key.pem"
        #expect(try String(contentsOfFile: key, encoding: .utf8).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----"))
        try expectServed(try publicKey(key, passphrase: "correct horse"), by: daemon)
    }

    @Test(arguments: [
        (["-algorithm", "ed25519", "-aes256", "-pass", "pass:secret"], nil, "signing_key_passphrase_file"),
        (["-algorithm", "ed25519", "-aes256", "-pass", "pass:secret"], "wrong", "the passphrase does not open it"),
        (["-algorithm", "ed448"], nil, "openssl genpkey -algorithm ed25519"),
        (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], nil, "openssl genpkey -algorithm ed25519"),
    ])
    func keyThatCannotBeUsedIsRefused(genpkey: [String], passphrase: String?, words: String) throws {
        let path = directory.file("key.pem")
        let made = try run(URL(fileURLWithPath: "/usr/bin/openssl"), ["genpkey", "-out", path] + genpkey)
        #expect(made.exitCode == 0, "\(made)")
        var environment = ["MINTMARK_TOKENS_SIGNING_KEY_FILE": path]
        if let passphrase {
            try directory.write(passphrase, to: "passphrase")
            environment["MINTMARK_TOKENS_SIGNING_KEY_PASSPHRASE_FILE"] = directory.file("passphrase")
        }
        let arguments = try DaemonProcess.arguments(in: directory.path, nil, [])
        let result = try run(BuiltProducts.mintmarkd, arguments, environment: environment)
        #expect(result.exitCode == 6)
        #expect(result.errors.contains("\(path): "), "\(result.errors)")
        #expect(result.errors.contains(words), "\(result.errors)")
    }

    @Test(arguments: [
        ("MINTMARK_TOKENS_SIGNING_KEY_FILE", ""), ("MINTMARK_SESSIONS_MASTER_KEY_FILE", "head -c 32 /dev/urandom"),
    ])
    func configuredKeyThatIsMissingIsNotMade(variable: String, advice: String) throws {
        let path = directory.file("none.key")
        let arguments = try DaemonProcess.arguments(in: directory.path, nil, [])
        let result = try run(BuiltProducts.mintmarkd, arguments, environment: [variable: path])
        #expect(result.exitCode == 6)
        #expect(result.errors.contains("\(path): no such file"), "\(result.errors)")
        #expect(advice.isEmpty || result.errors.contains(advice), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
