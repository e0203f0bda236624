import MintmarkClient
import MintmarkWire
import Testing

/// Every rotation strategy, set in the file of a real daemon and seen by its clients.
@Suite struct RotationPolicyTests {
    private func daemon(_ policy: String) throws -> DaemonProcess {
        try DaemonProcess(configuration: "clients:\n  local: {access_token_ttl: 1h, \(policy)}\n")
    }

    @Test(arguments: [
        ("rotation: always", RefreshOutcome.rotated),
        ("idle: 30d", .rotated),
        ("rotation: never", .unchanged),
        ("rotation: {after: 1h}", .unchanged),
        ("rotation: {after_fraction: 0.5}, idle: 2h", .unchanged),
    ])
    func strategySaysWhetherARefreshRotates(policy: String, outcome: RefreshOutcome) async throws {
        let daemon = try daemon(policy)
        try await daemon.withClient { client in
            var token = try await client.openSession().refreshToken
            for _ in 1...4 {
                #expect(try await client.description(of: token)?.refreshOutcome == outcome)
                let answer = try await client.refresh(token)
                #expect(answer.outcome == outcome)
                #expect((answer.tokens.refreshToken == token) == (outcome == .unchanged))
                token = answer.tokens.refreshToken
            }
            #expect(try await client.description(of: token)?.generation == (outcome == .rotated ? 4 : 0))
        }
    }

    @Test(arguments: ["rotation: {after: 1s}", "rotation: {after_fraction: 0.1}, idle: 10s"])
    func periodicRotationComesWhenItsTimeHasCome(policy: String) async throws {
        let daemon = try daemon(policy)
        try await daemon.withClient { client in
            let clock = ContinuousClock()
            let beforeOpening = clock.now
            let token = try await client.openSession().refreshToken
            let afterOpening = clock.now
            let rotated = try await poll("the token gets old enough") { () -> RefreshedSession? in
                let asked = clock.now
                let answer = try await client.refresh(token)
                if asked - afterOpening > .seconds(1) { #expect(answer.outcome == .rotated) }
                return answer.outcome == .rotated ? answer : nil
            }
            #expect(clock.now - beforeOpening >= .seconds(1))
            #expect(rotated.generation == 1)
            #expect(rotated.tokens.refreshToken != token)
        }
    }

    @Test func graceStreakEndsGrace() async throws {
        let daemon = try daemon("grace: {window: 5m, uses: 4, streak: 2}")
        try await daemon.withClient { client in
            var token = try await client.openSession().refreshToken
            for _ in 1...2 {
                let newest = try await client.refresh(token).tokens.refreshToken
                #expect(try await client.refresh(token).outcome == .sameSuccessor)
                token = newest
            }
            let newest = try await client.refresh(token).tokens.refreshToken
            #expect(try await client.refusal(ofRefreshing: token) == .reused)
            #expect(try await client.refusal(ofRefreshing: newest) == .revoked)
        }
    }

    @Test func generationWithoutGraceBeginsAnotherStreak() async throws {
        let daemon = try daemon("grace: {window: 5m, uses: 4, streak: 2}")
        try await daemon.withClient { client in
            var token = try await client.openSession().refreshToken
            for generation in 1...8 {
                let newest = try await client.refresh(token).tokens.refreshToken
                if !generation.isMultiple(of: 3) {
                    #expect(try await client.refresh(token).outcome == .sameSuccessor)
                }
                token = newest
            }
        }
    }

    @Test func graceWindowOfZeroForgivesNothing() async throws {
        let daemon = try daemon("grace: {window: 0s}")
        try await daemon.withClient { client in
            let token = try await client.openSession().refreshToken
            _ = try await client.refresh(token)
            #expect(try await client.refusal(ofRefreshing: token) == .reused)
        }
    }

    /// The context of OPEN and of REFRESH, and what a refresh leads to: nil is a refusal.
    struct ContextCase: Sendable {
        var rule: String
        var opened: String?
        var refreshed: String?
        var outcome: RefreshOutcome?
    }

    @Test(arguments: [
        ContextCase(rule: "ignore", opened: "home", refreshed: "away", outcome: .unchanged),
        ContextCase(rule: "ignore", opened: "home", refreshed: nil, outcome: .unchanged),
        ContextCase(rule: "rotate", opened: "home", refreshed: "home", outcome: .unchanged),
        ContextCase(rule: "rotate", opened: "home", refreshed: "away", outcome: .rotated),
        ContextCase(rule: "rotate", opened: "home", refreshed: nil, outcome: .rotated),
        ContextCase(rule: "rotate", opened: nil, refreshed: "away", outcome: .rotated),
        ContextCase(rule: "refuse", opened: "home", refreshed: "home", outcome: .unchanged),
        ContextCase(rule: "refuse", opened: "home", refreshed: "away", outcome: nil),
        ContextCase(rule: "refuse", opened: "home", refreshed: nil, outcome: nil),
        ContextCase(rule: "refuse", opened: nil, refreshed: "away", outcome: nil),
    ])
    func changedContextLeadsToWhatTheRuleSays(row: ContextCase) async throws {
        let daemon = try daemon("rotation: never, context: \(row.rule)")
        try await daemon.withClient { client in
            let token = try await client.openSession(context: row.opened).refreshToken
            guard let outcome = row.outcome else {
                let refusal = try await client.refusal(ofRefreshing: token, context: row.refreshed)
                #expect(refusal == .contextMismatch)
                // Nothing happened to the session.
                #expect(try await client.refusal(ofRefreshing: token, context: row.opened) == nil)
                return
            }
            let answer = try await client.refresh(token, context: row.refreshed.map { Array($0.utf8) })
            #expect(answer.outcome == outcome)
            let again = try await client.refresh(
                answer.tokens.refreshToken,
                context: row.refreshed.map { Array($0.utf8) }
            )
            #expect(again.outcome == .unchanged)
        }
    }

    @Test func retryFromAnotherContextGetsNoSuccessor() async throws {
        let daemon = try daemon("context: rotate, grace: {window: 5m}")
        try await daemon.withClient { client in
            let token = try await client.openSession(context: "home").refreshToken
            _ = try await client.refresh(token, context: Array("home".utf8))
            #expect(try await client.refusal(ofRefreshing: token, context: "away") == .contextMismatch)
            #expect(try await client.refusal(ofRefreshing: token, context: "home") == nil)
        }
    }

    @Test(arguments: ["keep", "revoke"])
    func everyRuleForForeignTokensStarts(rule: String) async throws {
        let daemon = try daemon("client_mismatch: \(rule)")
        try await daemon.withClient { client in
            let token = try await client.openSession().refreshToken
            #expect(try await client.refresh(token).outcome == .rotated)
        }
    }
}
