import MintmarkClient
import MintmarkWire
import Testing

/// Forged tokens, cut-offs and forced rotations (invariants 12, 15 and 18), over real sockets.
@Suite struct RevocationTests {
    @Test func forgedTagIsInvalidAndLeavesTheSessionUntouched() async throws {
        let daemon = try DaemonProcess()
        try await daemon.withClient { client in
            let token = try await client.openSession().refreshToken
            let before = try await client.description(of: token)
            // The last 22 characters hold the tag, but for the first bits.
            for place in token.indices.suffix(21) {
                var forged = token
                forged.replaceSubrange(place...place, with: token[place] == "A" ? "B" : "A")
                #expect(try await client.refusal(ofRefreshing: forged) == .invalid)
            }
            for other in [String(token.dropLast()), token + "A", "mmrt_", "x", String(token.dropFirst())] {
                #expect(try await client.refusal(ofRefreshing: other) == .invalid)
            }
            let after = try await client.description(of: token)
            #expect(after?.generation == before?.generation)
            #expect(after?.lastUsedAt == before?.lastUsedAt)
            #expect(try await client.refresh(token).outcome == .rotated)
        }
    }

    @Test func tokenOfAnotherServerIsInvalid() async throws {
        let (daemon, other) = (try DaemonProcess(), try DaemonProcess())
        let token = try await other.withClient { try await $0.openSession().refreshToken }
        try await daemon.withClient { client in
            let refusal = try await client.refusal(ofRefreshing: token)
            #expect(refusal == .invalid)
        }
    }

    @Test func oldAccessTokenLivesThroughARefreshAndEndsWithItsSubject() async throws {
        let daemon = try DaemonProcess()
        try await daemon.withClient { client in
            let opened = try await client.openSession("alice")
            let bystander = try await client.openSession("bob")
            let signed = try await client.sign(subject: "alice", audience: ["orders"]).accessToken
            let refreshed = try await client.refresh(opened.refreshToken).tokens
            #expect(try await client.refusal(ofAccessToken: opened.accessToken) == nil)
            #expect(try await client.refusal(ofAccessToken: opened.accessToken, live: true) == nil)

            try await client.revoke(.subject("alice"))
            // In the same second, most of the time.
            let later = try await client.openSession("alice")
            let laterSigned = try await client.sign(subject: "alice", audience: ["orders"]).accessToken
            for token in [opened.accessToken, refreshed.accessToken, signed] {
                #expect(try await client.refusal(ofAccessToken: token) == .tokenRevoked)
            }
            for token in [later.accessToken, laterSigned, bystander.accessToken] {
                #expect(try await client.refusal(ofAccessToken: token) == nil)
            }
            #expect(try await client.refusal(ofRefreshing: refreshed.refreshToken) == .revoked)
            #expect(try await client.refresh(later.refreshToken).outcome == .rotated)
            #expect(try await client.refresh(bystander.refreshToken).outcome == .rotated)
        }
    }

    @Test func whatComesAfterManyCutOffsInOneSecondLives() async throws {
        let daemon = try DaemonProcess()
        try await daemon.withClient { client in
            for target in [RevocationTarget.subject("alice"), .client(id: "local"), .all] {
                let old = try await client.openSession("alice")
                try await client.revoke(target)
                #expect(try await client.refusal(ofAccessToken: old.accessToken) == .tokenRevoked)
                let new = try await client.openSession("alice")
                #expect(try await client.refusal(ofAccessToken: new.accessToken) == nil)
                #expect(try await client.refusal(ofAccessToken: old.accessToken) == .tokenRevoked)
            }
        }
    }

    @Test func revokingWhatIsUnknownOrOverIsSuccess() async throws {
        let daemon = try DaemonProcess()
        try await daemon.withClient { client in
            let session = try await client.openSession()
            for _ in 1...2 {
                try await client.revoke(.refreshToken(session.refreshToken))
                try await client.revoke(.session(session.sessionID))
            }
            try await client.revoke(.subject("nobody"))
            try await client.revoke(.client(id: "nobody"))
        }
    }

    @Test(arguments: ["session", "subject", "client", "all"])
    func forcedRotationLeavesOneHolderAfterTwoRefreshes(target: String) async throws {
        let policy = "clients: {local: {rotation: never, access_token_ttl: 1h, grace: {window: 5m}}}\n"
        let daemon = try DaemonProcess(configuration: policy)
        try await daemon.withClient { client in
            let session = try await client.openSession()
            let copied = session.refreshToken
            #expect(try await client.refresh(copied).outcome == .unchanged)
            switch target {
            case "session": try await client.forceRotation(of: .session(session.sessionID))
            case "subject": try await client.forceRotation(of: .subject("alice"))
            case "client": try await client.forceRotation(of: .client(id: "local"))
            default: try await client.forceRotation(of: .all)
            }
            let first = try await client.refresh(copied)
            #expect(first.outcome == .rotated)
            let second = try await client.refresh(first.tokens.refreshToken)
            #expect(second.outcome == .rotated)
            // The mark is used up: the policy rules again.
            #expect(try await client.refresh(second.tokens.refreshToken).outcome == .unchanged)
            // Whoever holds the copy is found out.
            #expect(try await client.refusal(ofRefreshing: copied) == .reused)
        }
    }

    @Test func forcedRotationGoesOnWhileACopyFollowsInsideTheWindow() async throws {
        let policy = "clients: {local: {rotation: never, access_token_ttl: 1h, grace: {window: 5m}}}\n"
        let daemon = try DaemonProcess(configuration: policy)
        try await daemon.withClient { client in
            let session = try await client.openSession()
            try await client.forceRotation(of: .session(session.sessionID))
            var token = session.refreshToken
            for _ in 1...3 {
                let holder = try await client.refresh(token)
                let follower = try await client.refresh(token)
                #expect(holder.outcome == .rotated)
                #expect(follower.outcome == .sameSuccessor)
                token = holder.tokens.refreshToken
            }
            let alone = try await client.refresh(token)
            #expect(alone.outcome == .rotated)
            let last = try await client.refresh(alone.tokens.refreshToken)
            #expect(last.outcome == .rotated)
            #expect(try await client.refresh(last.tokens.refreshToken).outcome == .unchanged)
        }
    }

    @Test func statisticsTellHowMuchIsRememberedOfRevocations() async throws {
        let daemon = try DaemonProcess()
        try await daemon.withClient { client in
            let session = try await client.openSession("alice")
            try await client.revoke(.refreshToken(session.refreshToken))
            try await client.revoke(.subject("bob"))
            try await client.revoke(.subject("carol"))
            try await client.forceRotation(of: .subject("dave"))
        }
        #expect(try await daemon.counter("sessions") == 1)
        #expect(try await daemon.counter("sessions_revoked") == 1)
        #expect(try await daemon.counter("cut_offs") == 2)
        #expect(try await daemon.counter("rotation_marks") == 1)
    }
}
