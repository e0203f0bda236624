import MintmarkEngine
import MintmarkSessions
import MintmarkTokens
import MintmarkWire
import Testing

/// What each operation answers.
@Suite struct OperationTests {
    let fixture: EngineFixture

    init() throws {
        fixture = try EngineFixture()
    }

    @Test func signedTokenIsActiveForItsAudienceUntilItExpires() throws {
        let request = SignRequest(
            claims: Array(#"{"role":"admin"}"#.utf8),
            subject: "user-1",
            audience: ["api", "files"],
            scope: "read"
        )
        let signed = try fixture.call(request)
        #expect(signed.serverTime == fixture.now)
        #expect(signed.expiresAt == fixture.now + 300)
        #expect(signed.expiresInSeconds == 300)
        let verdict = try fixture.call(
            VerifyRequest(accessToken: signed.accessToken, expectedAudience: .named("files"))
        )
        #expect(verdict.isActive)
        let claims = String(decoding: try #require(verdict.claims), as: UTF8.self)
        for part in [#""sub":"user-1""#, #""aud":["api","files"]"#, #""role":"admin""#, #""scope":"read""#] {
            #expect(claims.contains(part))
        }
        let other = try fixture.call(VerifyRequest(accessToken: signed.accessToken, expectedAudience: .named("other")))
        #expect(other.reason == StatusCode(.audienceRefused))
        #expect(other.claims == nil)
    }

    @Test func claimsAreLeftOutWhereTheyAreDeclined() throws {
        let request = VerifyRequest(accessToken: try fixture.sign(), expectedAudience: .any, omitsClaims: true)
        let verdict = try fixture.call(request)
        #expect(verdict.isActive)
        #expect(verdict.claims == nil)
    }

    @Test(arguments: [(0, 299, nil), (0, 300, Status.tokenExpired), (5, 304, nil), (5, 305, .tokenExpired)])
    func leewayWidensTheLife(leeway: UInt32, age: UInt64, refusal: Status?) throws {
        let token = try fixture.sign()
        fixture.advance(milliseconds: age * 1_000)
        #expect(try fixture.refusal(of: token, leeway: leeway) == refusal)
    }

    @Test func sessionLivesThroughItsOperations() throws {
        let opened = try fixture.open()
        #expect(opened.times.expiresInSeconds == 300)
        #expect(opened.times.refreshExpiresAt == fixture.now + 30 * 86_400)
        #expect(try fixture.refusal(of: opened.accessToken, live: true) == nil)
        let refreshed = try fixture.call(RefreshRequest(refreshToken: opened.refreshToken))
        #expect(refreshed.refreshOutcome == .rotated)
        #expect(refreshed.generation == 1)
        #expect(refreshed.grant.sessionID == opened.sessionID)
        let again = try fixture.call(RefreshRequest(refreshToken: opened.refreshToken))
        #expect(again.refreshOutcome == .sameSuccessor)
        #expect(again.grant.refreshToken == refreshed.grant.refreshToken)
        let seen = try fixture.call(IntrospectRequest(refreshToken: refreshed.grant.refreshToken))
        #expect(seen.isActive)
        #expect(seen.subject == "user-1")
        #expect(seen.audience == ["api"])
        #expect(seen.sessionID == opened.sessionID)
        _ = try fixture.call(ForceRotationRequest(.sessionID(opened.sessionID)))
        _ = try fixture.call(RevokeRequest(.refreshToken(refreshed.grant.refreshToken)))
        #expect(try fixture.refusal(of: opened.accessToken) == .tokenRevoked)
        #expect(try fixture.perform(RefreshRequest(refreshToken: refreshed.grant.refreshToken)).status == .revoked)
        let gone = try fixture.call(IntrospectRequest(refreshToken: refreshed.grant.refreshToken))
        #expect(gone.reason == StatusCode(.revoked))
    }

    @Test func reuseIsToldWithItsClassAndRevokes() throws {
        let opened = try fixture.open()
        let second = try fixture.call(RefreshRequest(refreshToken: opened.refreshToken))
        _ = try fixture.call(RefreshRequest(refreshToken: second.grant.refreshToken))
        let answer = try fixture.perform(RefreshRequest(refreshToken: opened.refreshToken))
        #expect(answer.status == .reused)
        #expect(answer.error?.reuseClass == .olderGeneration)
        #expect(try fixture.refusal(of: opened.accessToken) == .tokenRevoked)
    }

    @Test func tokenOfNoSessionIsNotLive() throws {
        #expect(try fixture.refusal(of: fixture.sign(), live: true) == .sessionNotLive)
    }

    @Test func pingKeysAndStatisticsAreServed() throws {
        #expect(try fixture.call(PingRequest()).serverTime == fixture.now)
        #expect(try fixture.call(KeysRequest()).jwks == fixture.engine.tokens.now.signer.keys.jwks)
        let ready = try fixture.call(StatsRequest())
        #expect(ready.isReady)
        #expect(ready.buildID == [1, 2])
        #expect(ready.settings == ["threads=1"])
        #expect(ready.settingsDigest == Array(0..<32))
        fixture.engine.readiness.add(.storage)
        let unready = try fixture.call(StatsRequest())
        #expect(!unready.isReady)
        #expect(unready.readinessReasons == ["storage"])
    }

    @Test func refreshTokensThatAreNone() throws {
        #expect(try fixture.perform(RefreshRequest(refreshToken: [1, 2, 3])).status == .invalid)
        #expect(try fixture.call(IntrospectRequest(refreshToken: [])).reason == StatusCode(.invalid))
        // Revoking what is not known is success (RFC 7009 section 2.2).
        _ = try fixture.call(RevokeRequest(.refreshToken([1, 2, 3])))
        _ = try fixture.call(RevokeRequest(.sessionID([UInt8](repeating: 1, count: 16))))
    }

    @Test func sessionOfAnotherClientIsRefused() throws {
        let opened = try fixture.open()
        fixture.caller = EngineFixture.user("other", policy: fixture.caller.policy)
        #expect(try fixture.perform(RefreshRequest(refreshToken: opened.refreshToken)).status == .clientMismatch)
        #expect(try fixture.perform(RevokeRequest(.refreshToken(opened.refreshToken))).status == .clientMismatch)
        #expect(try fixture.refusal(of: opened.accessToken) == nil)
    }
}
