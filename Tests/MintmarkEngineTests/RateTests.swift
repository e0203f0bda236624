import MintmarkSessions
import MintmarkTokens
import MintmarkWire
import Testing

@testable import MintmarkEngine

/// How often what may be done, on clocks that stand where the test puts them.
@Suite struct RateTests {
    let fixture: EngineFixture

    init() throws {
        fixture = try EngineFixture()
    }

    private func limit(_ subjects: RateBudgets.Subject..., count: Int = 2) {
        let rate = Rate(count: count, periodMilliseconds: 1_000, burst: count)
        fixture.caller = Caller(
            session: fixture.caller.session,
            permissions: Permissions(isAdministrator: true),
            rates: RateBudgets(Dictionary(uniqueKeysWithValues: subjects.map { ($0, rate) }))
        )
    }

    private func status(_ request: some WireRequest) throws -> Status? { try fixture.perform(request).status }

    @Test func budgetIsFullAtFirstAndFillsAgain() {
        let budget = RateBudget(Rate(count: 10, periodMilliseconds: 1_000, burst: 3))
        let start: UInt64 = 1_000_000
        for _ in 0..<3 { #expect(budget.take(atMilliseconds: start) == nil) }
        #expect(budget.take(atMilliseconds: start) == 100)
        #expect(budget.take(atMilliseconds: start + 99) == 1)
        #expect(budget.take(atMilliseconds: start + 100) == nil)
        #expect(budget.take(atMilliseconds: start + 100) == 100)
        // However long the pause, there are no more than the burst.
        for _ in 0..<3 { #expect(budget.take(atMilliseconds: start + 3_600_000) == nil) }
        #expect(budget.take(atMilliseconds: start + 3_600_000) == 100)
        // A clock that stands still or goes back gives nothing.
        #expect(budget.take(atMilliseconds: start) != nil)
    }

    @Test(arguments: [(1, 3_600_000), (1_000_000, 1_000), (1, 1_000)] as [(Int, UInt64)])
    func outermostRatesAreKept(count: Int, period: UInt64) {
        let budget = RateBudget(Rate(count: count, periodMilliseconds: period, burst: 1))
        #expect(budget.take(atMilliseconds: 5) == nil)
        let pause = budget.take(atMilliseconds: 5)
        #expect(pause == UInt32(max(1, period / UInt64(count))))
        #expect(budget.take(atMilliseconds: 5 + UInt64(pause ?? 0)) == nil)
    }

    @Test func threadsShareOneBudget() async {
        let budget = RateBudget(Rate(count: 1_000, periodMilliseconds: 1_000, burst: 1_000))
        let taken = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { (0..<1_000).count { _ in budget.take(atMilliseconds: 1) == nil } }
            }
            return await group.reduce(0, +)
        }
        #expect(taken == 1_000)
    }

    @Test func eachKindHasABudgetOfItsOwn() throws {
        limit(.sign, .open)
        let sign = SignRequest(subject: "user-1", audience: ["api"])
        let open = OpenRequest(subject: "user-1", audience: ["api"])
        #expect(try status(sign) == nil)
        #expect(try status(sign) == nil)
        let refused = try fixture.perform(sign)
        #expect(refused.status == .rateLimited)
        #expect(refused.error?.retryAfterMilliseconds == 500)
        #expect(try status(open) == nil)
        #expect(try status(open) == nil)
        #expect(try status(open) == .rateLimited)
        #expect(fixture.engine.sessions.count == 2)
        #expect(try status(KeysRequest()) == nil)
        fixture.advance(milliseconds: 500)
        #expect(try status(sign) == nil)
        #expect(try status(sign) == .rateLimited)
    }

    @Test func everyLimitedKindIsRefusedAtItsLimit() throws {
        let session = try fixture.open()
        limit(.keys, .stats, .introspect, .revoke, .administration, .verify, count: 1)
        let requests: [any WireRequest] = [
            KeysRequest(), StatsRequest(), IntrospectRequest(refreshToken: session.refreshToken),
            VerifyRequest(accessToken: session.accessToken, expectedAudience: .any),
            ForceRotationRequest(.all), RevokeRequest(.refreshToken([1])),
        ]
        for request in requests {
            #expect(try status(request) == nil)
            #expect(try status(request) == .rateLimited)
        }
        #expect(try status(PingRequest()) == nil)
    }

    /// What the keys are in is asked before the rate, and what is refused for it uses nothing up.
    @Test(arguments: [0, 1, 2, 3])
    func noRateHidesTheStateOfKeys(number: Int) throws {
        let keys = StepKeys()
        let fixture = try EngineFixture(keys: keys)
        let rate = Rate(count: 1, periodMilliseconds: 1_000, burst: 1)
        fixture.caller = Caller(
            session: fixture.caller.session,
            permissions: Permissions(isAdministrator: true),
            rates: RateBudgets([.administration: rate])
        )
        let requests: [any WireRequest] = [
            KeyActivateRequest(keyID: "a"), KeyRevokeRequest(keyID: "a"), KeyPrepareRequest(),
            KeyImportRequest(keyFile: "a.pem"),
        ]
        let request = requests[number]
        keys.failure = .refused(.full)
        for _ in 0..<3 { #expect(try fixture.perform(request).status == .keyState) }
        keys.failure = nil
        #expect(try fixture.perform(request).status == nil)
        #expect(try fixture.perform(request).status == .rateLimited)
        keys.failure = .notFound
        #expect(try fixture.perform(request).status == .keyNotFound)
        #expect(keys.submitted.count == 1)
    }

    /// Whoever obeys `retry_after` would come when the window is over, and be taken for a thief.
    @Test func noRateRefusesARetry() throws {
        let session = try fixture.open()
        let rate = Rate(count: 1, periodMilliseconds: 60_000, burst: 1)
        fixture.caller = Caller(
            session: fixture.caller.session,
            permissions: Permissions(isAdministrator: true),
            rates: RateBudgets([.refresh: rate])
        )
        let request = RefreshRequest(refreshToken: session.refreshToken)
        let rotated = try fixture.call(request)
        for _ in 0..<3 {
            #expect(try fixture.call(request).refreshOutcome == .sameSuccessor)
        }
        let next = RefreshRequest(refreshToken: rotated.grant.refreshToken)
        #expect(try status(next) == .rateLimited, "no retry")
        fixture.advance(milliseconds: 60_000)
        #expect(try status(next) == nil, "retries have used nothing up")
    }

    /// What a request would be refused for anyway is told, whatever the rate; and uses nothing of it up.
    @Test func noRateHidesATerminalAnswer() throws {
        let dead = try fixture.open("dead")
        _ = try fixture.call(RevokeRequest(.sessionID(dead.sessionID)))
        let alive = try fixture.open("alive")
        limit(.sign, .verify, .refresh, .introspect, count: 1)
        let verify = VerifyRequest(accessToken: dead.accessToken, expectedAudience: .any)
        for _ in 0..<3 {
            #expect(try fixture.call(verify).reason == StatusCode(.tokenRevoked))
            #expect(try status(RefreshRequest(refreshToken: dead.refreshToken)) == .revoked)
            #expect(try fixture.call(IntrospectRequest(refreshToken: dead.refreshToken)).reason == StatusCode(.revoked))
            let long = SignRequest(subject: "user-1", audience: ["api"], accessTokenTTLSeconds: 301)
            #expect(try status(long) == .ttlTooLong)
        }
        let refreshed = try fixture.call(RefreshRequest(refreshToken: alive.refreshToken))
        #expect(try status(RefreshRequest(refreshToken: refreshed.grant.refreshToken)) == .rateLimited)
        #expect(try status(RefreshRequest(refreshToken: [1])) == .invalid)
        #expect(try status(RefreshRequest(refreshToken: dead.refreshToken)) == .revoked)
        #expect(try fixture.refusal(of: alive.accessToken) == nil)
        #expect(try status(VerifyRequest(accessToken: alive.accessToken, expectedAudience: .any)) == .rateLimited)
        #expect(try fixture.call(verify).reason == StatusCode(.tokenRevoked))
    }

    /// A REFRESH that is refused for its rate has not used up the token; and reuse is found at whatever rate.
    @Test func limitedRefreshChangesNothingAndReuseIsFoundAllTheSame() throws {
        let first = try fixture.open()
        limit(.refresh, count: 2)
        let second = try fixture.call(RefreshRequest(refreshToken: first.refreshToken)).grant
        let third = try fixture.call(RefreshRequest(refreshToken: second.refreshToken)).grant
        #expect(try status(RefreshRequest(refreshToken: third.refreshToken)) == .rateLimited)
        fixture.advance(milliseconds: 500)
        let fourth = try fixture.call(RefreshRequest(refreshToken: third.refreshToken))
        #expect(fourth.refreshOutcome == .rotated && fourth.generation == 3)
        #expect(try status(RefreshRequest(refreshToken: fourth.grant.refreshToken)) == .rateLimited)
        #expect(try status(RefreshRequest(refreshToken: first.refreshToken)) == .reused)
        #expect(try status(RefreshRequest(refreshToken: fourth.grant.refreshToken)) == .revoked)
    }

    /// A login whose answer was lost is repeated with its attempt id, and opens no session.
    @Test func noRateRefusesARepeatedOpen() throws {
        limit(.open, count: 1)
        let attempt = [UInt8](repeating: 3, count: 16)
        let request = OpenRequest(subject: "user-1", audience: ["api"], attemptID: attempt)
        let first = try fixture.call(request).grant
        for _ in 0..<SessionStore.freeRepetitionsMax {
            #expect(try fixture.call(request).grant.sessionID == first.sessionID)
        }
        #expect(try status(request) == .rateLimited, "so often nobody loses an answer")
        let another = OpenRequest(subject: "user-2", audience: ["api"])
        #expect(try status(another) == .rateLimited)
        #expect(fixture.engine.sessions.count == 1)
        fixture.advance(milliseconds: 1_000)
        #expect(try status(another) == nil, "repetitions have used nothing up")
    }

    @Test func sameRatesGoOnWhereTheyWere() {
        let rate = Rate(count: 1, periodMilliseconds: 1_000, burst: 1)
        let other = Rate(count: 2, periodMilliseconds: 1_000, burst: 1)
        let old = RateBudgets([.sign: rate, .open: rate])
        #expect(old[.sign]?.take(atMilliseconds: 1) == nil)
        #expect(old[.open]?.take(atMilliseconds: 1) == nil)
        let new = RateBudgets([.sign: rate, .open: other], inheriting: old)
        #expect(new[.sign]?.take(atMilliseconds: 1) == 1_000)
        #expect(new[.open]?.take(atMilliseconds: 1) == nil)
        #expect(new[.verify] == nil)
    }
}
