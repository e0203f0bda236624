import MintmarkWire
import Testing

@testable import MintmarkLoad

/// What the judge of the crash mode lets pass, and what not. Every session of the tables is in generation 3 at first.
@Suite("The judge of crashes")
struct CrashJudgeTests {
    typealias Step = CrashSample.Step

    private func judge(_ steps: [Step]) -> CrashFinding? {
        var bench = CrashBench(generation: 3)
        for step in steps.dropLast() {
            if let finding = bench.perform(step) {
                Issue.record("found before the last step: \(finding)")
            }
        }
        return steps.last.flatMap { bench.perform($0) }
    }

    static let rightAnswers: [Row<[Step], Void>] = [
        Row("the newest rotates", [.refresh(3, .rotated(4))], ()),
        Row("a retry gets the successor", [.refresh(2, .sameSuccessor(3))], ()),
        Row("a retry whose answer is lost changes nothing", [.refresh(2, .lost), .refresh(3, .rotated(4))], ()),
        Row("parallel refreshes", [.parallel(3, [.sameSuccessor(4), .rotated(4), .sameSuccessor(4)])], ()),
        Row("parallel refreshes, one lost", [.parallel(3, [.sameSuccessor(4), .lost])], ()),
        Row("an unanswered refresh that happened", [.refresh(3, .lost), .refresh(3, .sameSuccessor(4))], ()),
        Row("one that did not", [.refresh(3, .lost), .refresh(3, .rotated(4))], ()),
        Row("two that happened", [.parallel(3, [.lost, .lost]), .refresh(3, .sameSuccessor(4))], ()),
        Row(
            "one that INTROSPECT tells of",
            [.refresh(3, .lost), .introspect(3, .wouldBe(.sameSuccessor)), .refresh(3, .sameSuccessor(4))],
            ()
        ),
        Row("its retry behind its window", [.refresh(3, .lost), .later(10_000), .refresh(3, .refused(.reused))], ()),
        Row("an older token is reuse", [.refresh(1, .refused(.reused)), .refresh(3, .refused(.revoked))], ()),
        Row("reuse without an answer: dead", [.refresh(1, .lost), .refresh(3, .refused(.revoked))], ()),
        Row("reuse without an answer: alive", [.refresh(1, .lost), .refresh(3, .rotated(4))], ()),
        Row("the previous behind its window", [.later(10_000), .refresh(2, .refused(.reused))], ()),
        Row("near the window's end", [.later(4_000), .refresh(2, .refused(.reused))], ()),
        Row("still inside near its end", [.later(4_000), .refresh(2, .sameSuccessor(3))], ()),
        Row("INTROSPECT of the newest", [.introspect(3, .active)], ()),
        Row("INTROSPECT of an older one", [.introspect(1, .inactive(.reused)), .refresh(3, .rotated(4))], ()),
        Row("revoked", [.revoke(.done), .refresh(3, .refused(.revoked))], ()),
        Row("revoked: its access token", [.revoke(.done), .verify(.inactive(.tokenRevoked))], ()),
        Row("revoked without an answer: dead", [.revoke(.lost), .refresh(3, .refused(.revoked))], ()),
        Row("revoked without an answer: alive", [.revoke(.lost), .refresh(3, .rotated(4)), .verify(.active)], ()),
        Row("a revocation meets a refresh", [.meet(3, revoke: .done, refresh: .rotated(4))], ()),
        Row("and comes first", [.meet(3, revoke: .done, refresh: .refused(.revoked))], ()),
        Row("and nobody hears", [.meet(3, revoke: .lost, refresh: .lost), .refresh(3, .sameSuccessor(4))], ()),
        Row("an access token", [.verify(.active)], ()),
        Row("a loose store forgot the session", [.loosened, .refresh(3, .refused(.unknown))], ()),
        Row("a loose store catches up", [.loosened, .refresh(3, .fastForward(4)), .refresh(4, .rotated(5))], ()),
        Row("a loose store's tombstone", [.revoke(.done), .loosened, .refresh(3, .refused(.unknown))], ()),
    ]

    @Test("what is right", arguments: rightAnswers)
    func right(row: Row<[Step], Void>) {
        #expect(judge(row.given) == nil)
    }

    static let wrongAnswers: [Row<[Step], CrashRule>] = [
        Row("a lost session", [.refresh(3, .refused(.unknown))], .lostOpen),
        Row("a lost session, by INTROSPECT", [.introspect(3, .inactive(.unknown))], .lostOpen),
        Row("a lost session, by an older token", [.refresh(1, .refused(.unknown))], .lostOpen),
        Row("a session of another store", [.refresh(3, .refused(.invalid))], .lostOpen),
        Row("a lost rotation", [.refresh(3, .fastForward(4))], .lostRotation),
        Row("a lost rotation, by INTROSPECT", [.introspect(3, .wouldBe(.fastForward))], .lostRotation),
        Row("a generation again", [.refresh(3, .rotated(3))], .lostRotation),
        Row(
            "an unanswered rotation, told of and then lost",
            [.refresh(3, .lost), .introspect(3, .wouldBe(.sameSuccessor)), .refresh(3, .rotated(4))],
            .lostRotation
        ),
        Row(
            "one that had not happened, and then had",
            [.refresh(3, .lost), .introspect(3, .active), .refresh(3, .sameSuccessor(4))],
            .unexpectedAnswer
        ),
        Row("a rotation that nobody asked for", [.refresh(3, .sameSuccessor(4))], .unexpectedAnswer),
        Row("no rotation", [.refresh(3, .unchanged(3))], .unexpectedAnswer),
        Row("a refused retry", [.refresh(3, .lost), .refresh(3, .refused(.reused))], .refusedRetry),
        Row(
            "a retry that is told of a revocation",
            [.refresh(3, .lost), .refresh(3, .refused(.revoked))],
            .refusedRetry
        ),
        Row("an exhausted retry", [.refresh(3, .lost), .refresh(3, .refused(.graceExhausted))], .refusedRetry),
        Row("a refused retry inside the window", [.refresh(2, .refused(.reused))], .refusedRetry),
        Row("the previous token for ever", [.later(10_000), .refresh(2, .sameSuccessor(3))], .resurrectedToken),
        Row("the previous token rotates", [.refresh(2, .rotated(3))], .resurrectedToken),
        Row("an older token rotates", [.refresh(1, .rotated(2))], .resurrectedToken),
        Row("an older token gets the successor", [.refresh(1, .sameSuccessor(3))], .resurrectedToken),
        Row("an older token is active", [.introspect(1, .active)], .resurrectedToken),
        Row("a session dies", [.refresh(3, .refused(.revoked))], .deadSession),
        Row("the newest is reuse", [.refresh(3, .refused(.reused))], .deadSession),
        Row("a session expires", [.introspect(3, .inactive(.expired))], .deadSession),
        Row("it lives on behind reuse", [.refresh(1, .refused(.reused)), .refresh(3, .rotated(4))], .lostRevocation),
        Row("it lives on behind a revocation", [.revoke(.done), .refresh(3, .rotated(4))], .lostRevocation),
        Row("it seems to", [.revoke(.done), .introspect(3, .active)], .lostRevocation),
        Row("a retry lives on", [.revoke(.done), .refresh(2, .sameSuccessor(3))], .lostRevocation),
        Row(
            "an unanswered revocation, told of and then lost",
            [.revoke(.lost), .refresh(3, .refused(.revoked)), .refresh(3, .rotated(4))],
            .lostRevocation
        ),
        Row(
            "one that had not happened, and then had",
            [.revoke(.lost), .refresh(3, .rotated(4)), .refresh(4, .refused(.revoked))],
            .deadSession
        ),
        Row("reuse of what is dead", [.revoke(.done), .refresh(1, .refused(.reused))], .unexpectedAnswer),
        Row("the access token of a dead session", [.revoke(.done), .verify(.active)], .acceptedAccessToken),
        Row("a good access token, revoked", [.verify(.inactive(.tokenRevoked))], .refusedAccessToken),
        Row("a good access token, forged", [.verify(.inactive(.signatureInvalid))], .refusedAccessToken),
        Row("two successors", [.parallel(3, [.rotated(4), .forked(4)])], .forkedSuccessor),
        Row("two rotations", [.parallel(3, [.rotated(4), .rotated(4)])], .forkedSuccessor),
        Row("a retry with a successor of its own", [.refresh(2, .forked(3))], .forkedSuccessor),
        Row(
            "a loose store forgets a revocation",
            [.revoke(.done), .loosened, .refresh(3, .rotated(4))],
            .lostRevocation
        ),
        Row("or its access token", [.revoke(.done), .loosened, .verify(.active)], .acceptedAccessToken),
        Row("a loose store kills", [.loosened, .refresh(3, .refused(.revoked))], .deadSession),
        Row("it may forget once", [.loosened, .refresh(3, .rotated(4)), .refresh(4, .fastForward(5))], .lostRotation),
    ]

    @Test("what is wrong, and which rule it breaks", arguments: wrongAnswers)
    func wrong(row: Row<[Step], CrashRule>) throws {
        let finding = try #require(judge(row.given))
        #expect(finding.rule == row.expected)
        #expect(finding.session == 7)
        #expect(finding.subject == CrashSample.subject)
    }

    @Test("a token that another session has, or had, is minted twice")
    func doubleMint() {
        var bench = CrashBench(generation: 3)
        let old = RaceOutcome.refreshed(
            RefreshResponse(grant: bench.grant(CrashSample.token(1)), refreshOutcome: .rotated, generation: 4)
        )
        let finding = bench.take([(.session(0), .refresh(CrashSample.token(3)), old)])
        #expect(finding?.rule == .doubleMint)
        var other = CrashBench(generation: 0)
        let again = RaceOutcome.opened(other.grant(CrashSample.token(0)))
        #expect(other.take([(.subject, .open(subject: "alice"), again)])?.rule == .doubleMint)
    }

    @Test("the revocation of a subject reaches what it had, and not what comes behind")
    func cutOff() throws {
        var bench = CrashBench(generation: 1)
        let sign = RaceRequest.sign(subject: "alice")
        let token = { (name: String) in
            RaceOutcome.signed(
                SignResponse(serverTime: 1, accessToken: Array(name.utf8), expiresAt: 2, expiresInSeconds: 1)
            )
        }
        #expect(bench.take([(.subject, sign, token("eyJa"))]) == nil)
        #expect(bench.take([(.subject, .revoke(.subject("alice")), .revoked)]) == nil)
        #expect(bench.take([(.subject, sign, token("eyJb"))]) == nil)
        #expect(bench.session.revocation == .certain)
        #expect(bench.subject.signedTokens.map(\.revocation) == [.certain, .excluded])
        let verify = { (index: Int, isActive: Bool) in
            (
                CrashOperation.Target.signedToken(index), RaceRequest.verify(Array("eyJ".utf8)),
                RaceOutcome.verified(
                    VerifyResponse(isActive: isActive, reason: isActive ? nil : StatusCode(.tokenRevoked))
                )
            )
        }
        #expect(bench.take([verify(0, false)]) == nil)
        #expect(bench.take([verify(1, true)]) == nil)
        #expect(bench.take([verify(0, true)])?.rule == .acceptedAccessToken)
        #expect(bench.take([verify(1, false)])?.rule == .refusedAccessToken)
    }

    @Test("every rule but that of starts is caught in a table")
    func rulesAreComplete() {
        let caught = Set(Self.wrongAnswers.map(\.expected)).union([.doubleMint])
        #expect(caught == Set(CrashRule.allCases).subtracting([.refusedStart]))
    }

    @Test("time in which the daemon is down does not count")
    func serviceClock() {
        var clock = CrashClock()
        let before = clock.instant(1_000)
        clock.wasDown(killedAt: 2_000, goneAt: 2_100, startedAt: 7_100, readyAt: 8_000)
        let after = clock.instant(9_000)
        #expect(after.nanosecondsMost(since: before) == 8_000 - 5_000)
        #expect(after.nanosecondsLeast(since: before) == 8_000 - 6_000 - CrashClock.lostByKillNanoseconds)
    }

    @Test("what is near the window's end decides nothing")
    func margins() {
        let grace = CrashGrace(windowNanoseconds: 300_000_000)
        let at = { (time: Int64) in ServiceInstant(fast: time, slow: time) }
        #expect(grace.isSurelyOpen(from: at(0), to: at(249_999_999)))
        #expect(!grace.isSurelyOpen(from: at(0), to: at(250_000_000)))
        #expect(!grace.isSurelyOver(from: at(0), to: at(350_000_000)))
        #expect(grace.isSurelyOver(from: at(0), to: at(350_000_001)))
    }
}
