import MintmarkClient
import MintmarkWire
import Testing

/// How long tokens and sessions live and how many there may be, set in the file of a real daemon.
@Suite struct LifetimePolicyTests {
    private func daemon(_ policy: String) throws -> DaemonProcess {
        try DaemonProcess(configuration: "tokens: {leeway: 0s}\nclients:\n  local: {\(policy)}\n")
    }

    @Test func accessTokenLivesAsLongAsThePolicySaysAtMost() async throws {
        let daemon = try daemon("access_token_ttl: 2m")
        try await daemon.withClient { client in
            #expect(try await client.openSession().expiresInSeconds == 120)
            let sign = { (ttl: UInt32?) in
                try await client.sign(subject: "a", audience: ["b"], accessTokenTTLSeconds: ttl)
            }
            #expect(try await sign(nil).expiresInSeconds == 120)
            #expect(try await sign(119).expiresInSeconds == 119)
            #expect(try await sign(120).expiresInSeconds == 120)
            let refusal = await #expect(throws: MintmarkError.self) { try await sign(121) }
            #expect(refusal?.status == StatusCode(.ttlTooLong))
            let token = try await client.openSession().refreshToken
            let short = try await client.refresh(token, accessTokenTTLSeconds: 7)
            #expect(short.tokens.expiresInSeconds == 7)
        }
    }

    @Test func accessTokenExpiresWhenItsTimeIsOver() async throws {
        let daemon = try daemon("access_token_ttl: 1s, grace: {window: 100ms}")
        try await daemon.withClient { client in
            let token = try await client.sign(subject: "a", audience: ["b"])
            let reason = try await poll("it expires") { try await client.refusal(ofAccessToken: token.accessToken) }
            #expect(reason == .tokenExpired)
            #expect(try await client.ping() >= token.expiresAt)
            #expect(try await client.refusal(ofAccessToken: token.accessToken, leeway: 300) == nil)
        }
    }

    @Test func idleSessionExpires() async throws {
        let daemon = try daemon("idle: 1s, absolute: 10m, grace: {window: 0s}")
        try await daemon.withClient { client in
            let session = try await client.openSession()
            #expect(session.refreshExpiresInSeconds <= 1)
            let reason = try await poll("it expires") {
                try await client.refusal(ofIntrospecting: session.refreshToken)
            }
            // An expired session may be swept away at any time.
            #expect([.expired, .unknown].contains(reason))
            #expect(try await client.ping() + 1 >= session.refreshExpiresAt)
            let refusal = try await client.refusal(ofRefreshing: session.refreshToken)
            #expect(refusal == .expired || refusal == .unknown)
        }
    }

    @Test func useKeepsASessionFromIdlingButNotBeyondItsAbsoluteExpiry() async throws {
        let daemon = try daemon("idle: 2s, absolute: 4s, access_token_ttl: 1s, grace: {window: 0s}")
        try await daemon.withClient { client in
            // On a busy machine a session may be left alone for two seconds, and idle: another is used then.
            for _ in 1...10 {
                let session = try await client.openSession()
                let expiry = try await useUp(session, of: client)
                #expect(try await client.ping() + 1 >= expiry)
                if isSameInstant(expiry, session.sessionExpiresAt) { return }
            }
            Issue.record("no session lived up to its absolute expiry")
        }
    }

    /// Refreshes a session until it has expired; returns when its last token was to expire.
    private func useUp(_ session: SessionTokens, of client: MintmarkClient) async throws -> UInt64 {
        var newest = session.refreshToken
        var expiry = session.refreshExpiresAt
        let reason = try await poll("it expires") { () -> Status? in
            do {
                let tokens = try await client.refresh(newest).tokens
                newest = tokens.refreshToken
                expiry = tokens.refreshExpiresAt
                #expect(isSameInstant(tokens.sessionExpiresAt, session.sessionExpiresAt))
                #expect(expiry <= session.sessionExpiresAt + 1)
                return nil
            } catch let error as MintmarkError {
                return error.status?.status
            }
        }
        #expect([.expired, .unknown].contains(reason))
        return expiry
    }

    @Test(arguments: ["SIGN", "OPEN", "REFRESH"])
    func jitterOnlyShortens(operation: String) async throws {
        let daemon = try daemon("access_token_ttl: 1000s, ttl_jitter: 50%, rotation: never")
        try await daemon.withClient { client in
            let session = try await client.openSession()
            var lifetimes: Set<UInt32> = []
            for _ in 1...64 {
                let lifetime =
                    switch operation {
                    case "SIGN": try await client.sign(subject: "alice", audience: ["orders"]).expiresInSeconds
                    case "OPEN": try await client.openSession().expiresInSeconds
                    default: try await client.refresh(session.refreshToken).tokens.expiresInSeconds
                    }
                lifetimes.insert(lifetime)
            }
            #expect(lifetimes.allSatisfy { (500...1000).contains($0) })
            #expect(lifetimes.count > 16)
        }
    }

    @Test func answerTellsTheLifeThatJitterLeaves() async throws {
        let daemon = try daemon("access_token_ttl: 1000s, ttl_jitter: 50%")
        try await daemon.withClient { client in
            for _ in 1...8 {
                let token = try await client.sign(subject: "alice", audience: ["orders"])
                let verification = try await client.verify(token.accessToken, audience: .named("orders"))
                guard case .active(let claims?) = verification else {
                    Issue.record("\(verification)")
                    return
                }
                #expect(String(decoding: claims, as: UTF8.self).contains("\"exp\":\(token.expiresAt),"))
            }
        }
    }

    @Test func subjectWithAllItsSessionsGetsNoMore() async throws {
        let daemon = try daemon("sessions_per_subject: {max: 2, when_full: reject}")
        try await daemon.withClient { client in
            let first = try await client.openSession()
            _ = try await client.openSession()
            let refusal = await #expect(throws: MintmarkError.self) { try await client.openSession() }
            #expect(refusal?.status == StatusCode(.sessionCap))
            _ = try await client.openSession("bob")
            try await client.revoke(.refreshToken(first.refreshToken))
            _ = try await client.openSession()
        }
    }

    @Test func oldestSessionOfASubjectMakesRoom() async throws {
        let daemon = try daemon("sessions_per_subject: {max: 2, when_full: revoke_oldest}")
        try await daemon.withClient { client in
            let first = try await client.openSession()
            let second = try await client.openSession()
            let third = try await client.openSession()
            #expect(try await client.refusal(ofRefreshing: first.refreshToken) == .revoked)
            #expect(try await client.refusal(ofAccessToken: first.accessToken) == .tokenRevoked)
            #expect(try await client.refresh(second.refreshToken).outcome == .rotated)
            #expect(try await client.refresh(third.refreshToken).outcome == .rotated)
        }
    }

    @Test func storeThatIsFullTakesNoMoreSessions() async throws {
        let daemon = try DaemonProcess(configuration: "sessions: {max: 3}\n")
        try await daemon.withClient { client in
            for number in 1...3 {
                _ = try await client.openSession("subject \(number)")
            }
            let refusal = await #expect(throws: MintmarkError.self) {
                try await client.open(subject: "one more", audience: ["orders"], timeout: .milliseconds(500))
            }
            let isFull = refusal?.status == StatusCode(.storeFull) || refusal?.code == .deadlineExceeded
            #expect(isFull, "\(String(describing: refusal))")
        }
        #expect(try await daemon.counter("status_store_full") ?? 0 > 0)
    }
}
