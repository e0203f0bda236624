import MintmarkClient
import MintmarkTestSupport
import MintmarkWire
import Testing

/// A verdict does not depend on whether the token was seen before (invariant 19): two daemons with one key, one with a
/// cache and one without, say the same of every token, every time.
@Suite struct CacheEquivalenceTests {
    /// One way to ask.
    struct Question: Sendable {
        var audience: ExpectedAudience
        var omitsClaims = false
        var requiresLiveSession = false
        var leewaySeconds: UInt32?
    }

    private static let questions: [Question] = [.named("orders"), .named("payments"), .any].flatMap { audience in
        [false, true].flatMap { omitsClaims in
            [false, true].flatMap { live in
                [nil, 0].map { leeway in
                    Question(
                        audience: audience,
                        omitsClaims: omitsClaims,
                        requiresLiveSession: live,
                        leewaySeconds: leeway
                    )
                }
            }
        }
    }

    private static func daemons() throws -> (cached: DaemonProcess, uncached: DaemonProcess) {
        let policy = "clients: {local: {access_token_ttl: 1s, grace: {window: 0s}}}\n"
        let cached = try DaemonProcess(configuration: policy)
        let uncached = try DaemonProcess(
            configuration: policy,
            environment: [
                "MINTMARK_TOKENS_SIGNING_KEY_FILE": "\(cached.dataDirectory)/signing-key.pem",
                "MINTMARK_SESSIONS_MASTER_KEY_FILE": "\(cached.dataDirectory)/master.key",
                "MINTMARK_TOKENS_CACHE_SIZE": "0",
            ]
        )
        return (cached, uncached)
    }

    @Test func cachedIsUncached() async throws {
        let (cached, uncached) = try Self.daemons()
        try await cached.withClient { one in
            try await uncached.withClient { other in
                var generator = SeededGenerator(seed: 1)
                let tokens = try await Self.tokens(of: one, mutatedWith: &generator)
                // Right after they were made, ...
                try await Self.compare(one, other, tokens)
                let last = try await one.sign(subject: "late", audience: ["orders"])
                try await poll("they expire") { try await one.ping() > last.expiresAt ? true : nil }
                // ... when they have expired, ...
                try await Self.compare(one, other, tokens)
                for client in [one, other] {
                    try await client.revoke(.subject("alice"))
                }
                // ... and when one's subject was cut off.
                try await Self.compare(one, other, tokens)
            }
        }
        #expect(try await cached.counter("verify_cache_hits") ?? 0 > 0)
        #expect(try await uncached.counter("verify_cache_hits") == nil)
    }

    /// Good tokens of several kinds, and bad ones made of them.
    private static func tokens(
        of client: MintmarkClient,
        mutatedWith generator: inout SeededGenerator
    ) async throws -> [String] {
        let good = [
            try await client.sign(subject: "alice", audience: ["orders"]).accessToken,
            try await client.sign(subject: "bob", audience: ["orders", "payments"], scope: "read").accessToken,
            try await client.sign(subject: "bob", audience: ["else"], claims: Array(#"{"a":[1]}"#.utf8)).accessToken,
        ]
        let bad = good.map { token in
            var bytes = Array(token.utf8)
            let place = Int.random(in: bytes.indices, using: &generator)
            bytes[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            return String(decoding: bytes, as: UTF8.self)
        }
        return good + bad
    }

    private static func compare(_ one: MintmarkClient, _ other: MintmarkClient, _ tokens: [String]) async throws {
        for token in tokens {
            for question in questions {
                // The clock may cross an expiry between two answers; then all are asked for again.
                var answers: Set<Verification> = []
                for _ in 1...3 where answers.count != 1 {
                    answers = []
                    for client in [one, other, one] {
                        answers.insert(try await ask(client, token, question))
                    }
                }
                #expect(answers.count == 1, "\(question): \(answers)")
            }
        }
    }

    private static func ask(
        _ client: MintmarkClient,
        _ token: String,
        _ question: Question
    ) async throws -> Verification {
        try await client.verify(
            token,
            audience: question.audience,
            omitsClaims: question.omitsClaims,
            requiresLiveSession: question.requiresLiveSession,
            leewaySeconds: question.leewaySeconds
        )
    }
}
