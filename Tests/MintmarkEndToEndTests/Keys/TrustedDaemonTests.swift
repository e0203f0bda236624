import Foundation
import MintmarkClient
import MintmarkWire
import Testing

/// Two daemons, one of which trusts the other.
@Suite struct TrustedDaemonTests {
    private let home: TemporaryHome
    private var jwksPath: String { home.file("jwks.json") }

    init() throws {
        home = try TemporaryHome()
    }

    /// Puts the published keys of a daemon where the other one reads them, in one step.
    private func publish(_ daemon: DaemonProcess) throws {
        let keys = try daemon.mintmark("keys", "export").output
        try Data(keys.utf8).write(to: URL(fileURLWithPath: home.file("jwks.new")))
        try #require(rename(home.file("jwks.new"), jwksPath) == 0)
    }

    private func token(_ daemon: DaemonProcess, audience: String = "orders") async throws -> String {
        try await daemon.withClient { try await $0.sign(subject: "alice", audience: [audience]).accessToken }
    }

    private func verdict(_ token: String, at daemon: DaemonProcess) async throws -> Status? {
        try await daemon.withClient { try await $0.refusal(ofAccessToken: token) }
    }

    @Test func aSidecarVerifiesWhatAnotherOneSigned() async throws {
        let signer = try DaemonProcess(configuration: "issuer: https://a.example\n")
        let trust = "trusted_issuers: [{issuer: https://a.example, jwks_file: \(jwksPath), audiences: [orders]}]\n"
        let verifier = try DaemonProcess(configuration: "issuer: https://b.example\n" + trust)
        let first = try await token(signer)
        // Its file is not there yet: it started all the same, and said so.
        #expect(verifier.waitForLog("keys of a trusted issuer cannot be read"))
        #expect(try await verdict(first, at: verifier) == .keyUnknown)
        try publish(signer)
        try await poll("the keys are read") { try await verdict(first, at: verifier) == nil ? true : nil }
        #expect(try await verdict(try await token(signer, audience: "mail"), at: verifier) == .audienceRefused)
        // The other way round nobody trusts anybody.
        #expect(try await verdict(try await token(verifier), at: signer) == .keyUnknown)

        // The next key is known in time.
        let next = try await signer.withClient { try await $0.prepareKey() }
        try publish(signer)
        #expect(verifier.waitForLog("keys=2"))
        try await signer.withClient { try await $0.activateKey(next.keyID, immediately: true) }
        let second = try await token(signer)
        #expect(try await verdict(second, at: verifier) == nil)
        #expect(try await verdict(first, at: verifier) == nil)

        // A file that cannot be used changes nothing.
        try Data("{\"keys\":".utf8).write(to: URL(fileURLWithPath: jwksPath))
        #expect(verifier.waitForLog("not one strict JSON object"))
        #expect(try await verdict(second, at: verifier) == nil)

        // What the signer revokes is refused once its keys are read again.
        try await signer.withClient { client in
            for key in try await client.signingKeys() where key.keyID == next.keyID {
                try await client.revokeKey(key.keyID)
            }
        }
        try publish(signer)
        try await poll("the revoked key is gone") {
            try await verdict(second, at: verifier) == .keyUnknown ? true : nil
        }
        #expect(try await verdict(first, at: verifier) == nil)
    }

    /// The key of one issuer says nothing about another's tokens.
    @Test func aKeyVouchesForItsIssuerAlone() async throws {
        let signer = try DaemonProcess(configuration: "issuer: https://a.example\n")
        try publish(signer)
        let trust = "trusted_issuers: [{issuer: https://c.example, jwks_file: \(jwksPath)}]\n"
        let verifier = try DaemonProcess(configuration: "issuer: https://b.example\n" + trust)
        #expect(try await verdict(try await token(signer), at: verifier) == .issuerRefused)
    }

    @Test(arguments: [0o664, 0o646])
    func aFileThatOthersWriteIsNotRead(mode: Int) async throws {
        let signer = try DaemonProcess(configuration: "issuer: https://a.example\n")
        try publish(signer)
        chmod(jwksPath, mode_t(mode))
        let trust = "trusted_issuers: [{issuer: https://a.example, jwks_file: \(jwksPath)}]\n"
        let verifier = try DaemonProcess(configuration: trust)
        #expect(verifier.waitForLog("others than its owner can write it"))
        #expect(try await verdict(try await token(signer), at: verifier) == .keyUnknown)
    }
}
