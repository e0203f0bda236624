import MintmarkClient
import MintmarkWire
import Testing

/// Retries of a refresh whose answer was lost: good inside the window, reuse behind it (invariants 2 to 5 and 14).
@Suite struct RefreshRetryTests {
    private static let shortWindow = "clients: {local: {grace: {window: 300ms, uses: 65535}}}\n"

    @Test func retryAfterAnAnswerThatNobodyReadGoesOn() async throws {
        let daemon = try DaemonProcess(configuration: DaemonProcess.patientClient)
        try await daemon.withClient { client in
            var token = try await client.openSession().refreshToken
            let connection = try RawConnection(unixPath: daemon.unixPath)
            try connection.send(RefreshRequest(refreshToken: Array(token.utf8)), id: 2)
            try await poll("the refresh is done") { [token] in
                try await client.description(of: token)?.refreshOutcome == .sameSuccessor ? true : nil
            }
            connection.close()
            let retry = try await client.refresh(token)
            #expect(retry.outcome == .sameSuccessor)
            #expect(retry.generation == 1)
            token = retry.tokens.refreshToken
            for generation in 2...5 as ClosedRange<UInt32> {
                let answer = try await client.refresh(token)
                #expect(answer.outcome == .rotated)
                #expect(answer.generation == generation)
                token = answer.tokens.refreshToken
            }
        }
    }

    @Test(arguments: [1, 2, 3])
    func clientRetriesByItselfWhenTheConnectionBreaksBeforeTheAnswer(drops: Int) async throws {
        let daemon = try DaemonProcess(configuration: DaemonProcess.patientClient)
        let token = try await daemon.withClient { try await $0.openSession().refreshToken }
        let path = "\(daemon.directory)/proxy"
        let proxy = try AnswerDroppingProxy(path: path, upstream: daemon.unixPath, drops: drops)
        try await withClientOfDaemon(at: path) { client in
            let answer = try await client.refresh(token)
            #expect(answer.outcome == .sameSuccessor)
            #expect(answer.generation == 1)
            #expect(proxy.remainingDrops < 0)
            var newest = answer.tokens.refreshToken
            for generation in 2...4 as ClosedRange<UInt32> {
                let next = try await client.refresh(newest)
                #expect(next.outcome == .rotated)
                #expect(next.generation == generation)
                newest = next.tokens.refreshToken
            }
        }
        #expect(try await daemon.counter("refresh_same_successor") == UInt64(drops))
    }

    @Test func twoGenerationsBackIsReuseAlsoInsideTheWindow() async throws {
        let daemon = try DaemonProcess(configuration: DaemonProcess.patientClient)
        try await daemon.withClient { client in
            let first = try await client.openSession()
            let other = try await client.openSession()
            let second = try await client.refresh(first.refreshToken).tokens
            let third = try await client.refresh(second.refreshToken).tokens
            #expect(try await client.refusal(ofRefreshing: first.refreshToken) == .reused)
            for token in [third.refreshToken, second.refreshToken, first.refreshToken] {
                #expect(try await client.refusal(ofRefreshing: token) == .revoked)
            }
            for session in [first, second, third] {
                #expect(try await client.refusal(ofAccessToken: session.accessToken) == .tokenRevoked)
            }
            // The other session of the same client and subject goes on.
            #expect(try await client.refusal(ofAccessToken: other.accessToken) == nil)
            #expect(try await client.refresh(other.refreshToken).outcome == .rotated)
        }
    }

    @Test func reuseSaysWhatWasSeen() async throws {
        let daemon = try DaemonProcess(configuration: "clients: {local: {grace: {window: 0s}}}\n")
        try await daemon.withClient { client in
            let first = try await client.openSession().refreshToken
            _ = try await client.refresh(first)
            let previous = await #expect(throws: MintmarkError.self) { try await client.refresh(first) }
            #expect(previous?.reuseClass == .previousAfterWindow)
            #expect(previous?.isTerminal == true)

            let oldest = try await client.openSession().refreshToken
            _ = try await client.refresh(try await client.refresh(oldest).tokens.refreshToken)
            let older = await #expect(throws: MintmarkError.self) { try await client.refresh(oldest) }
            #expect(older?.reuseClass == .olderGeneration)
        }
    }

    @Test func retryBehindTheWindowIsReuse() async throws {
        let daemon = try DaemonProcess(configuration: Self.shortWindow)
        try await daemon.withClient { client in
            let first = try await client.openSession().refreshToken
            let second = try await client.refresh(first).tokens.refreshToken
            // Introspection is no use of the token, so it may watch the window close.
            let reason = try await poll("the window closes") { try await client.refusal(ofIntrospecting: first) }
            #expect(reason == .reused)
            #expect(try await client.description(of: second) != nil)
            #expect(try await client.refusal(ofRefreshing: first) == .reused)
            #expect(try await client.refusal(ofRefreshing: second) == .revoked)
        }
    }

    @Test func retriesAllTheTimeDoNotExtendTheWindow() async throws {
        let daemon = try DaemonProcess(configuration: Self.shortWindow)
        try await daemon.withClient { client in
            let first = try await client.openSession().refreshToken
            let second = try await client.refresh(first).tokens.refreshToken
            let end = try await poll("retries end") { () -> Status? in
                do {
                    let retry = try await client.refresh(first)
                    #expect(retry.outcome == .sameSuccessor)
                    #expect(retry.tokens.refreshToken == second)
                    return nil
                } catch let error as MintmarkError {
                    return error.status?.status
                }
            }
            #expect(end == .reused)
        }
    }

    @Test(arguments: [0, 1, 16])
    func retriesBeyondTheCapAreRefusedAndTheSessionLives(uses: Int) async throws {
        let policy = "clients: {local: {access_token_ttl: 1h, grace: {window: 5m, uses: \(uses)}}}\n"
        let daemon = try DaemonProcess(configuration: policy)
        try await daemon.withClient { client in
            let first = try await client.openSession().refreshToken
            let second = try await client.refresh(first).tokens.refreshToken
            for _ in 0..<uses {
                #expect(try await client.refresh(first).tokens.refreshToken == second)
            }
            #expect(try await client.refusal(ofRefreshing: first) == .graceExhausted)
            #expect(try await client.refusal(ofRefreshing: first) == .graceExhausted)
            // With the next generation the count begins anew.
            let third = try await client.refresh(second)
            #expect(third.outcome == .rotated)
            #expect(try await client.refusal(ofRefreshing: second) == (uses == 0 ? .graceExhausted : nil))
        }
    }

    @Test func answerInsideTheWindowExtendsNoExpiry() async throws {
        let policy = "clients: {local: {access_token_ttl: 1h, grace: {window: 5m}, idle: 1h, absolute: 2h}}\n"
        let daemon = try DaemonProcess(configuration: policy)
        try await daemon.withClient { client in
            let opened = try await client.openSession()
            let rotated = try await client.refresh(opened.refreshToken).tokens
            try await poll("a second passes") { try await client.ping() > rotated.serverTime + 2 ? true : nil }
            let retry = try await client.refresh(opened.refreshToken)
            #expect(retry.outcome == .sameSuccessor)
            #expect(retry.tokens.serverTime > rotated.serverTime)
            #expect(isSameInstant(retry.tokens.refreshExpiresAt, rotated.refreshExpiresAt))
            #expect(isSameInstant(retry.tokens.sessionExpiresAt, opened.sessionExpiresAt))
            let next = try await client.refresh(retry.tokens.refreshToken)
            #expect(next.outcome == .rotated)
            #expect(next.tokens.refreshExpiresAt > rotated.refreshExpiresAt)
            #expect(isSameInstant(next.tokens.sessionExpiresAt, opened.sessionExpiresAt))
        }
    }
}
