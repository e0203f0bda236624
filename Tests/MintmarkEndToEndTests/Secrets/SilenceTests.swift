import Foundation
import MintmarkClient
import MintmarkWire
import Testing

/// Neither log, audit log nor error texts tell a token or a key, however much is logged and whatever goes wrong.
@Suite struct SilenceTests {
    @Test func nothingIsToldThroughALifeOfTokens() async throws {
        let directory = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let configuration =
            "log: {level: trace}\naudit_file: \(directory)/audit.log\n"
            + "clients: {local: {access_token_ttl: 1h, grace: {window: 0s}}}\n"
        let daemon = try DaemonProcess(configuration: configuration, directory: directory)
        let (tokens, messages) = try await daemon.withClient { client in
            try await Self.life(of: client)
        }
        try Self.sendNonsense(tokens, to: daemon)
        let keys = try ServerSecrets(dataDirectory: daemon.dataDirectory)
        daemon.signal(SIGHUP)
        #expect(daemon.waitForLog("reloaded"))
        #expect(daemon.stop() == 0)
        let audit = try String(contentsOfFile: "\(directory)/audit.log", encoding: .utf8)
        #expect(audit.contains("refresh_token_reused") && audit.contains("session_opened"))
        #expect(daemon.logText.contains("debug"), "it was most verbose")
        for text in [daemon.logText, audit] + messages {
            for token in tokens {
                // Also not a part of one by which it could be guessed.
                #expect(!text.contains(token.suffix(20)), "\(text)")
            }
            for key in keys.spellings {
                #expect(!ProcessMemory.holds(Array(text.utf8), key.bytes), "\(key.name)")
            }
        }
    }

    /// Every token that was ever given, and every text that came with a refusal.
    private static func life(of client: MintmarkClient) async throws -> (tokens: [String], messages: [String]) {
        var tokens: [String] = []
        var messages: [String] = []
        for number in 0..<5 {
            let opened = try await client.openSession("user \(number)")
            let next = try await client.refresh(opened.refreshToken).tokens
            let signed = try await client.sign(subject: "user \(number)", audience: ["orders"]).accessToken
            tokens += [opened.accessToken, opened.refreshToken, next.accessToken, next.refreshToken, signed]
            _ = try await client.verify(signed, audience: .any)
            // Used again: revoked with all that came of it.
            for token in [opened.refreshToken, next.refreshToken, signed, String(next.refreshToken.dropLast()) + "!"] {
                do throws(MintmarkError) {
                    _ = try await client.refresh(token)
                    Issue.record("a dead token was taken")
                } catch {
                    messages.append("\(error)")
                }
            }
            _ = try await client.introspect(next.refreshToken)
            _ = try await client.verify(String(signed.dropLast(2)), audience: .any)
        }
        try await client.revoke(.subject("user 1"))
        return (tokens, messages)
    }

    /// Tokens where none belong: in fields of other kinds, in names, and in frames that are none.
    private static func sendNonsense(_ tokens: [String], to daemon: DaemonProcess) throws {
        for token in tokens {
            let connection = try RawConnection(unixPath: daemon.unixPath)
            let bytes = Array(token.utf8)
            try connection.send(OpenRequest(claims: bytes, subject: "s", audience: ["orders"]), id: 2)
            try connection.send(VerifyRequest(accessToken: bytes, expectedAudience: .named("orders")), id: 3)
            try connection.send(RefreshRequest(refreshToken: bytes), id: 4)
            try connection.send(bytes)
            while let frame = try connection.receive() {
                let text = String(decoding: frame.body, as: UTF8.self)
                // An answer to VERIFY holds claims, and they are no secret of the server's.
                #expect(!text.contains(token))
            }
        }
    }
}
