import Foundation
import MintmarkCrypto
import MintmarkTestSupport
import Testing

@testable import MintmarkTokens

/// The same signatures by another implementation: OpenSSL's, through its command.
@Suite struct OpenSSLDifferentialTests {
    /// A folder of its own that is gone after the test.
    final class Folder {
        let url: URL

        init() throws {
            url = FileManager.default.temporaryDirectory.appending(path: "mintmark-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        }

        deinit {
            try? FileManager.default.removeItem(at: url)
        }

        func path(_ name: String) -> String { url.appending(path: name).path }

        func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
            try Data(bytes).write(to: url.appending(path: name))
        }

        func openssl(_ arguments: String...) throws -> Int32 {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["openssl"] + arguments
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
    }

    /// SubjectPublicKeyInfo and PKCS#8 of Ed25519 keys are a fixed prefix, then the key (RFC 8410).
    static let publicKeyPrefix = "302a300506032b6570032100"
    static let privateKeyPrefix = "302e020100300506032b657004220420"

    @Test(arguments: 1..<4 as Range<UInt64>)
    func opensslVerifiesOurTokens(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let folder = try Folder()
        let issuer = try TestIssuer()
        let prefix = try #require([UInt8](hexadecimal: Self.publicKeyPrefix))
        try folder.write(prefix + issuer.active.publicKey.rawBytes, to: "key.der")
        var writer = ClaimsWriter(random: SeededRandom(seed: seed))
        TokenContent.random(using: &generator).write(to: &writer)
        let token = try issuer.signer.token(writer)
        let text = String(decoding: token, as: UTF8.self)
        let end = try #require(text.utf8.lastIndex(of: CompactSerialization.separator))
        let message = text.utf8[..<end]
        try folder.write(message, to: "message")
        try folder.write(try #require(Self.decode(String(text[end...].dropFirst()))), to: "signature")
        #expect(try Self.verify(in: folder) == 0)
        try folder.write(message.dropLast() + [UInt8(ascii: "!")], to: "message")
        #expect(try Self.verify(in: folder) != 0)
    }

    private static func verify(in folder: Folder) throws -> Int32 {
        try folder.openssl(
            "pkeyutl",
            "-verify",
            "-rawin",
            "-pubin",
            "-keyform",
            "DER",
            "-inkey",
            folder.path("key.der"),
            "-in",
            folder.path("message"),
            "-sigfile",
            folder.path("signature")
        )
    }

    @Test(arguments: 1..<4 as Range<UInt8>)
    func weAcceptTokensThatOpenSSLSigned(number: UInt8) throws {
        let folder = try Folder()
        let issuer = try TestIssuer()
        let prefix = try #require([UInt8](hexadecimal: Self.privateKeyPrefix))
        // The seed of the issuer's active key.
        try folder.write(prefix + [UInt8](repeating: 1, count: 32), to: "key.der")
        let claims = TestIssuer.claims(["n": "\(number)"])
        let input = "\(base64URL(issuer.header().bytes)).\(base64URL(claims.bytes))"
        try folder.write(input.utf8, to: "message")
        let status = try folder.openssl(
            "pkeyutl",
            "-sign",
            "-rawin",
            "-keyform",
            "DER",
            "-inkey",
            folder.path("key.der"),
            "-in",
            folder.path("message"),
            "-out",
            folder.path("signature")
        )
        #expect(status == 0)
        let signature = try [UInt8](Data(contentsOf: folder.url.appending(path: "signature")))
        #expect(issuer.refusal(of: "\(input).\(base64URL(signature))") == nil)
        #expect("\(input).\(base64URL(signature))" == issuer.token(claims: claims))
    }

    private static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        let text = text.bytes
        return Base64URL.decode(text.span.bytes, appendingTo: &bytes) ? bytes : nil
    }
}
