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

    /// What was issued while the clock was ahead is not good before its time, though its date was handed out; and what is
    /// issued behind a revocation is, when the clock is right again.
    @Test func clockThatWasAheadDatesNothingThatIsGood() throws {
        let fixture = try EngineFixture()
        let (right, leeway) = (fixture.now, UInt32(30))
        fixture.setWall(right + 40 * 86_400)
        let early = try fixture.sign()
        #expect(try fixture.refusal(of: early, leeway: leeway) == nil)
        fixture.setWall(right)
        #expect(try fixture.refusal(of: early, leeway: leeway) == .tokenNotYetValid)
        _ = try fixture.call(RevokeRequest(.subject("user-1")))
        #expect(try fixture.refusal(of: fixture.sign(), leeway: 0) == nil)
    }

    /// However far ahead of the clock they are dated, tokens live no longer than the policy says.
    @Test(arguments: rows)
    func repeatedRevocationsLengthenNoLife(row: Row) throws {
        let fixture = try EngineFixture { $0.accessTokenTTLSeconds = 100 }
        for _ in 0..<300 {
            _ = try fixture.sign()
            _ = try fixture.call(RevokeRequest(row.target))
        }
        let attempt = [UInt8](repeating: 7, count: 16)
        let open = OpenRequest(subject: "user-1", audience: ["api"], attemptID: attempt)
        let opened = try fixture.call(open).grant
        let again = try fixture.call(open).grant
        let refreshed = try fixture.call(RefreshRequest(refreshToken: opened.refreshToken)).grant
        let signed = try fixture.call(SignRequest(subject: "user-1", audience: ["api"]))
        for times in [opened.times, again.times, refreshed.times] {
            #expect(times.expiresAt == fixture.now + 100)
            #expect(times.expiresInSeconds == 100)
        }
        #expect(signed.expiresAt == fixture.now + 100)
        #expect(signed.expiresInSeconds == 100)
        let tokens = [opened.accessToken, again.accessToken, refreshed.accessToken, signed.accessToken]
        for (milliseconds, refusal) in [(99_000 as UInt64, nil as Status?), (1_000, .tokenExpired)] {
            fixture.advance(milliseconds: milliseconds)
            for token in tokens {
                #expect(try fixture.refusal(of: token, leeway: 0) == refusal)
            }
        }
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
