import Foundation
import MintmarkClient
import MintmarkWire
import Testing

/// What access tokens look like and how they are judged, set in the file of a real daemon.
@Suite struct TokenSettingsTests {
    private func sign(_ configuration: String) async throws -> (daemon: DaemonProcess, token: String) {
        let daemon = try DaemonProcess(configuration: configuration)
        let token = try await daemon.withClient { client in
            try await client.sign(subject: "alice", audience: ["orders"]).accessToken
        }
        return (daemon, token)
    }

    @Test(arguments: [
        ("{}", "at+jwt", "EdDSA", "mintmark"),
        ("tokens: {type: JWT}", "JWT", "EdDSA", "mintmark"),
        ("tokens: {algorithm: Ed25519}", "at+jwt", "Ed25519", "mintmark"),
        ("issuer: https://auth.example", "at+jwt", "EdDSA", "https://auth.example"),
    ])
    func headerAndIssuerAreAsConfigured(yaml: String, type: String, algorithm: String, issuer: String) async throws {
        let (daemon, token) = try await sign(yaml)
        let parts = try JWTParts(token)
        #expect(parts.header["typ"] as? String == type)
        #expect(parts.header["alg"] as? String == algorithm)
        #expect(parts.claims["iss"] as? String == issuer)
        try await daemon.withClient { client in
            let refusal = try await client.refusal(ofAccessToken: token)
            #expect(refusal == nil)
        }
    }

    /// Two daemons with the same key and other settings.
    @Test(arguments: [
        ("issuer: one", "issuer: two", Status.issuerRefused as Status?),
        ("tokens: {type: JWT}", "tokens: {type: at+jwt}", .typeRefused),
        ("tokens: {algorithm: EdDSA}", "tokens: {algorithm: Ed25519}", nil),
        ("tokens: {algorithm: Ed25519}", "tokens: {algorithm: EdDSA}", nil),
    ])
    func tokensOfOtherSettingsAreJudgedByOnesOwn(maker: String, judge: String, reason: Status?) async throws {
        let (daemon, token) = try await sign(maker)
        let key = "\(daemon.dataDirectory)/signing-key.pem"
        let other = try DaemonProcess(
            configuration: judge,
            environment: ["MINTMARK_TOKENS_SIGNING_KEY_FILE": key]
        )
        try await other.withClient { client in
            let refusal = try await client.refusal(ofAccessToken: token)
            #expect(refusal == reason)
        }
    }

    @Test func leewayForgivesWhatItSays() async throws {
        let client = "clients: {local: {access_token_ttl: 1s, grace: {window: 0s}}}\n"
        let (strict, token) = try await sign("tokens: {leeway: 0s}\n\(client)")
        let key = "\(strict.dataDirectory)/signing-key.pem"
        let lenient = try DaemonProcess(
            configuration: "tokens: {leeway: 5m}\n",
            environment: ["MINTMARK_TOKENS_SIGNING_KEY_FILE": key]
        )
        try await strict.withClient { client in
            let reason = try await poll("it expires") { try await client.refusal(ofAccessToken: token) }
            #expect(reason == .tokenExpired)
        }
        try await lenient.withClient { client in
            let refusals = (
                configured: try await client.refusal(ofAccessToken: token),
                demanded: try await client.refusal(ofAccessToken: token, leeway: 0)
            )
            #expect(refusals.configured == nil)
            #expect(refusals.demanded == .tokenExpired)
        }
    }

    @Test(arguments: [("64MiB", true), ("0", false)])
    func cacheIsAsConfigured(size: String, isThere: Bool) async throws {
        let (daemon, token) = try await sign("tokens: {cache_size: \(size)}")
        try await daemon.withClient { client in
            for _ in 1...3 {
                let refusal = try await client.refusal(ofAccessToken: token)
                #expect(refusal == nil)
            }
        }
        #expect((try await daemon.counter("verify_cache_hits") ?? 0 > 0) == isThere)
    }
}

/// The parts of a compact JWT, read without any code of ours.
struct JWTParts {
    var header: [String: Any]
    var claims: [String: Any]

    init(_ token: String) throws {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        try #require(parts.count == 3)
        header = try Self.object(parts[0])
        claims = try Self.object(parts[1])
    }

    private static func object(_ part: Substring) throws -> [String: Any] {
        var text = part.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        let data = try #require(Data(base64Encoded: text))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
}
