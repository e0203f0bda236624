import MintmarkEngine
import MintmarkSessions
import MintmarkTokens
import MintmarkWire
import Testing

/// A revocation by subject, client or all takes everything issued before it, and nothing issued after it, though both
/// happen in one second.
@Suite struct RevocationTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var target: RevokeRequest.Target
        var hitsOthers: Bool
        var testDescription: String { "\(target)" }
    }

    static let rows = [
        Row(target: .subject("user-1"), hitsOthers: false),
        Row(target: .clientID("local"), hitsOthers: true),
        Row(target: .all, hitsOthers: true),
    ]

    @Test(arguments: rows)
    func sameSecondIsCutInTwo(row: Row) throws {
        for cacheBytes in [nil, 1 << 20] {
            let fixture = try EngineFixture(cacheBytes: cacheBytes)
            let before = try [fixture.sign(), fixture.open().accessToken]
            let other = try fixture.sign("user-2")
            let session = try fixture.open()
            _ = try fixture.call(RevokeRequest(row.target))
            let after = try [fixture.sign(), fixture.open().accessToken]
            for token in before + [session.accessToken] {
                #expect(try fixture.refusal(of: token) == .tokenRevoked)
            }
            for token in after {
                #expect(try fixture.refusal(of: token) == nil)
                #expect(try fixture.refusal(of: token, leeway: 0) == nil)
            }
            #expect(try fixture.refusal(of: other) == (row.hitsOthers ? .tokenRevoked : nil))
            #expect(try fixture.perform(RefreshRequest(refreshToken: session.refreshToken)).status == .revoked)
        }
    }

    /// A session that begins behind a cut-off is told of no access token that falls under it, however close they are.
    @Test(arguments: [SessionTarget.subject(Array("user-1".utf8)), .client(Array("local".utf8)), .all])
    func sessionThatIsJournaledRightBehindItsCutOff(target: SessionTarget) throws {
        for cacheBytes in [nil, 1 << 20] {
            let fixture = try EngineFixture(cacheBytes: cacheBytes)
            let (sessions, journal, now) = (fixture.engine.sessions, fixture.journal, fixture.now)
            journal.beforeNextAppend {
                _ = sessions.cutOffs.cutOff(target, storeSeconds: now, journal: journal) { now }
            }
            let grant = try fixture.open()
            #expect(journal.lastLSN == LogSequenceNumber(2))
            #expect(try fixture.refusal(of: grant.accessToken, leeway: 0, live: true) == nil)
            let verdict = try fixture.call(VerifyRequest(accessToken: grant.accessToken, expectedAudience: .any))
            let claims = String(decoding: try #require(verdict.claims), as: UTF8.self)
            #expect(claims.contains("\"iat\":\(now + 1)"))
            #expect(claims.contains("\"exp\":\(grant.times.expiresAt)"))
        }
    }

    /// Each revocation pushes what is issued behind it one second further ahead of the clock.
    @Test func repeatedRevocationsInOneSecond() throws {
        let fixture = try EngineFixture()
        for _ in 0..<5 {
            let before = try fixture.sign()
            #expect(try fixture.refusal(of: before, leeway: 0) == nil)
            _ = try fixture.call(RevokeRequest(.subject("user-1")))
            #expect(try fixture.refusal(of: before, leeway: 0) == .tokenRevoked)
        }
        #expect(try fixture.refusal(of: fixture.sign(), leeway: 0) == nil)
    }

    @Test func revocationHoldsWhenTheWallClockIsSetBack() throws {
        let fixture = try EngineFixture()
        let before = try fixture.sign()
        fixture.setWall(EngineFixture.start - 5)
        _ = try fixture.call(RevokeRequest(.subject("user-1")))
        #expect(try fixture.refusal(of: before) == .tokenRevoked)
        #expect(try fixture.refusal(of: fixture.sign()) == nil)
    }

    @Test func revokedSessionTakesItsTokensWithItAndNoOthers() throws {
        for cacheBytes in [nil, 1 << 20] {
            let fixture = try EngineFixture(cacheBytes: cacheBytes)
            let first = try fixture.open()
            let second = try fixture.open()
            _ = try fixture.call(RevokeRequest(.sessionID(first.sessionID)))
            #expect(try fixture.refusal(of: first.accessToken) == .tokenRevoked)
            #expect(try fixture.refusal(of: first.accessToken, live: true) == .tokenRevoked)
            #expect(try fixture.refusal(of: second.accessToken, live: true) == nil)
        }
    }
}
