import Foundation
import MintmarkClient
import MintmarkWire
import Testing

/// The life of signing keys in the real daemon.
@Suite struct KeyLifeTests {
    private func sign(_ client: MintmarkClient) async throws -> String {
        try await client.sign(subject: "alice", audience: ["orders"]).accessToken
    }

    private func activeKeyID(_ client: MintmarkClient) async throws -> String {
        try #require(try await client.signingKeys().first { $0.state == .active }).keyID
    }

    @Test func keysReplaceOneAnotherUnderLoadWithoutOneFailedVerification() async throws {
        // Longer than a sanitizer takes for it.
        let daemon = try DaemonProcess(configuration: "clients: {local: {access_token_ttl: 1h}}\n")
        try await daemon.withClient(connections: 4) { client in
            let first = try await sign(client)
            let rotations = Task {
                for _ in 0..<12 {
                    let key = try await client.prepareKey()
                    try await client.activateKey(key.keyID, immediately: true)
                }
            }
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        var verified = 0
                        var tokens: [String] = []
                        // Until the keys have changed often enough, and for a while afterwards.
                        while tokens.count < 400 {
                            tokens.append(try await sign(client))
                            for token in [tokens[tokens.count / 2], tokens[tokens.count - 1], first] {
                                let refusal = try await client.refusal(ofAccessToken: token)
                                #expect(refusal == nil, "a token of a key that was not revoked")
                                verified += 1
                            }
                        }
                        return verified
                    }
                }
                var verified = 0
                for try await count in group { verified += count }
                #expect(verified == 3 * 400 * 3)
            }
            try await rotations.value
            let states = try await client.signingKeys().map(\.state)
            #expect(states.count { $0 == .retired } == 12)
            #expect(states.count { $0 == .active } == 1)
            #expect(try await client.refusal(ofAccessToken: first) == nil)
            #expect(try await daemon.counter("status_key_unknown") == 0)
            #expect(try await daemon.counter("status_signature_invalid") == 0)
        }
    }

    @Test func tokensOfARevokedKeyFailAtOnceAndAfterARestart() async throws {
        let directory = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var (tokens, keyID): ([String], String) = ([], "")
        do {
            let daemon = try DaemonProcess(directory: directory)
            try await daemon.withClient(connections: 3) { client in
                keyID = try await activeKeyID(client)
                for _ in 0..<50 { tokens.append(try await sign(client)) }
                // Once more, so that they come out of the cache.
                for token in tokens { #expect(try await client.refusal(ofAccessToken: token) == nil) }
                #expect(try await daemon.counter("verify_cache_bytes") != 0)
                let next = try await client.revokeKey(keyID)
                #expect(next != keyID)
                #expect(try await daemon.counter("verify_cache_bytes") == 0)
                for token in tokens { #expect(try await client.refusal(ofAccessToken: token) == .keyRevoked) }
                #expect(try await client.refusal(ofAccessToken: try await sign(client)) == nil)
                #expect(try await !String(decoding: client.keys(), as: UTF8.self).contains(keyID))
            }
            #expect(daemon.stop(with: SIGKILL) == SIGKILL)
        }
        let daemon = try DaemonProcess(directory: directory)
        try await daemon.withClient { client in
            for token in tokens {
                let refusal = try await client.refusal(ofAccessToken: token)
                #expect(refusal == .keyRevoked)
            }
            let keys = try await client.signingKeys()
            #expect(keys.map(\.state) == [.revoked, .active])
        }
    }

    @Test func aTokenOfTheMomentBeforeARotationOutlivesARestart() async throws {
        let directory = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var token = ""
        do {
            let daemon = try DaemonProcess(directory: directory)
            try await daemon.withClient { client in
                let next = try await client.prepareKey()
                #expect(await failure { try await client.activateKey(next.keyID) }?.status == .keyState)
                token = try await sign(client)
                try await client.activateKey(next.keyID, immediately: true)
                #expect(try await activeKeyID(client) == next.keyID)
            }
            #expect(daemon.stop(with: SIGKILL) == SIGKILL)
        }
        let daemon = try DaemonProcess(directory: directory)
        try await daemon.withClient { client in
            let refusal = try await client.refusal(ofAccessToken: token)
            #expect(refusal == nil)
            let keys = try await client.signingKeys()
            #expect(keys.map(\.state) == [.retired, .active])
        }
    }

    private func failure(_ body: () async throws -> Void) async -> MintmarkError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? MintmarkError
        }
    }

    @Test func everyRefusalHasItsStatus() async throws {
        let daemon = try DaemonProcess()
        try Data("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n".utf8)
            .write(to: URL(fileURLWithPath: "\(daemon.dataDirectory)/keys/rsa.pem"))
        chmod("\(daemon.dataDirectory)/keys/rsa.pem", 0o600)
        try await daemon.withClient { client in
            let active = try await activeKeyID(client)
            let next = try await client.prepareKey()
            #expect(await failure { try await client.activateKey(next.keyID) }?.status == .keyState)
            #expect(await failure { try await client.activateKey("nobody") }?.status == .keyNotFound)
            #expect(await failure { try await client.revokeKey("nobody") }?.status == .keyNotFound)
            #expect(await failure { _ = try await client.importKey("none.pem") }?.status == .keyNotFound)
            #expect(await failure { _ = try await client.importKey("../master.key") }?.status == .fieldValue)
            #expect(await failure { _ = try await client.importKey("rsa.pem") }?.status == .keyFileRefused)
            try await client.activateKey(active)
            try await client.revokeKey(next.keyID)
            try await client.revokeKey(next.keyID)
            #expect(await failure { try await client.activateKey(next.keyID) }?.status == .keyState)
            #expect(try await activeKeyID(client) == active)
        }
    }
}
