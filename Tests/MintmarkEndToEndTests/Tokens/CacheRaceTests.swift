import MintmarkClient
import MintmarkWire
import Synchronization
import Testing

/// Verifications that meet revocations say the same with a cache and without (invariant 19): from the answer to REVOKE on
/// the token is refused, however often it was found good and kept, and nobody else's is.
@Suite struct CacheRaceTests {
    private static let subjectCount = 12

    @Test(arguments: ["64MiB", "0"])
    func noVerdictOutlivesItsRevocation(cacheSize: String) async throws {
        let daemon = try DaemonProcess(
            configuration: "tokens: {cache_size: \(cacheSize)}\nclients: {local: {access_token_ttl: 1h}}\n"
        )
        try await daemon.withClient(connections: 6) { client in
            var tokens: [String] = []
            for number in 0..<Self.subjectCount {
                let opened = try await client.openSession("user-\(number)")
                tokens.append(opened.accessToken)
            }
            let revokedCount = RevokedCount()
            try await withThrowingTaskGroup { group in
                for first in 0..<4 {
                    group.addTask { [tokens] in
                        var turn = first
                        while revokedCount.answered < Self.subjectCount - 1 {
                            try await Self.check(turn % Self.subjectCount, tokens, revokedCount, client)
                            turn += 1
                        }
                    }
                }
                group.addTask { [tokens] in
                    // The last one is never revoked.
                    for number in 0..<Self.subjectCount - 1 {
                        for _ in 0..<20 { _ = try await client.verify(tokens[number], audience: .any) }
                        revokedCount.begin()
                        try await client.revoke(.subject("user-\(number)"))
                        revokedCount.answer()
                    }
                }
                try await group.waitForAll()
            }
            for number in 0..<Self.subjectCount {
                let expected: Status? = number < Self.subjectCount - 1 ? .tokenRevoked : nil
                #expect(try await client.refusal(ofAccessToken: tokens[number]) == expected)
            }
        }
        #expect((try await daemon.counter("verify_cache_hits") ?? 0 > 0) == (cacheSize != "0"))
    }

    /// Verifies one token once: what was revoked before is refused, and what is not being revoked yet is not.
    private static func check(
        _ number: Int,
        _ tokens: [String],
        _ revokedCount: RevokedCount,
        _ client: MintmarkClient
    ) async throws {
        let wasRevoked = number < revokedCount.answered
        let refusal = try await client.refusal(ofAccessToken: tokens[number])
        let mayBeRevoked = number < revokedCount.begun
        if wasRevoked { #expect(refusal == .tokenRevoked, "user-\(number)") }
        if !mayBeRevoked { #expect(refusal == nil, "user-\(number)") }
        #expect(refusal == nil || refusal == .tokenRevoked)
    }
}

/// How many revocations were asked for, and answered. Safe to use from any thread.
private final class RevokedCount: Sendable {
    private let begunNumber = Atomic(0)
    private let answeredNumber = Atomic(0)

    var begun: Int { begunNumber.load(ordering: .sequentiallyConsistent) }
    var answered: Int { answeredNumber.load(ordering: .sequentiallyConsistent) }

    func begin() { begunNumber.add(1, ordering: .sequentiallyConsistent) }
    func answer() { answeredNumber.add(1, ordering: .sequentiallyConsistent) }
}
