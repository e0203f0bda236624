import MintmarkCrypto
import MintmarkSessions
import MintmarkSessionsTestSupport
import Testing

/// How far a revocation moves the `iat` of what is issued afterwards, and whose.
@Suite struct CutOffTimeTests {
    private let table = CutOffTable(countMax: 1_000, random: SystemRandom())
    private let journal = MemoryJournal()
    private let now: UInt64 = 1_800_000_000

    private func cutOff(_ target: SessionTarget) {
        _ = table.cutOff(target, storeSeconds: now, journal: journal) { now }
    }

    private func issue(_ subject: String, client: String = "web") -> UInt64 {
        let subject = Array(subject.utf8)
        let client = Array(client.utf8)
        return table.issueTime(subject: subject.span.bytes, client: client.span.bytes, wallSeconds: now)
    }

    private func rejects(_ subject: String, client: String = "web", issuedAt: UInt64) -> Bool {
        let subject = Array(subject.utf8)
        let client = Array(client.utf8)
        return table.rejects(subject: subject.span.bytes, client: client.span.bytes, issuedAt: issuedAt)
    }

    private func subject(_ name: String) -> SessionTarget { .subject(Array(name.utf8)) }

    @Test func manySubjectsInOneSecondMoveNobodyElse() {
        for number in 0..<100 {
            cutOff(subject("user-\(number)"))
            #expect(issue("user-\(number)") == now + 1)
        }
        #expect(issue("somebody else") == now)
    }

    @Test func repeatedRevocationMovesOnlyBehindWhatWasIssued() {
        for _ in 0..<50 {
            cutOff(subject("alice"))
        }
        #expect(issue("alice") == now + 1)
        cutOff(subject("alice"))
        #expect(rejects("alice", issuedAt: now + 1))
        #expect(issue("alice") == now + 2)
        #expect(!rejects("alice", issuedAt: now + 2))
    }

    @Test(arguments: [SessionTarget.client(Array("web".utf8)), .all])
    func broaderCutOffReachesWhatWasMovedForOneSubject(target: SessionTarget) {
        cutOff(subject("alice"))
        let issuedAt = issue("alice")
        cutOff(target)
        #expect(rejects("alice", issuedAt: issuedAt))
        #expect(!rejects("alice", issuedAt: issue("alice")))
        #expect(!rejects("bob", issuedAt: issue("bob")))
    }

    @Test(arguments: [SessionTarget.client(Array("web".utf8)), .all])
    func subjectsCutOffReachesWhatWasMovedForTheClientOrAll(target: SessionTarget) {
        cutOff(target)
        let issuedAt = issue("alice")
        #expect(issuedAt == now + 1)
        cutOff(subject("alice"))
        #expect(rejects("alice", issuedAt: issuedAt))
        #expect(!rejects("alice", issuedAt: issue("alice")))
    }

    @Test func fullTableStillTakesTheCutOffOfAll() {
        let full = CutOffTable(countMax: 1, random: SystemRandom())
        _ = full.cutOff(subject("alice"), storeSeconds: now, journal: journal) { now }
        let refused = full.cutOff(subject("bob"), storeSeconds: now, journal: journal) { now }
        #expect(refused == .refused(.cutOffsFull))
        guard case .done = full.cutOff(.all, storeSeconds: now, journal: journal, readingWallSeconds: { now }) else {
            Issue.record("the cut-off of all was refused")
            return
        }
    }
}
