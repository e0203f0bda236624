import MintmarkTestSupport
import MintmarkWire
import Testing

@testable import MintmarkClient

private let second: UInt64 = 1_000_000_000

/// What a failure leads to.
struct ProgressCase: CustomTestStringConvertible, Sendable {
    enum Expected: Sendable {
        case repeats
        case pauses
        case givesUp(outcomeUnknown: Bool)
    }

    let testDescription: String
    let kind: Kind
    let repetition: Repetition
    let failure: CallProgress.Failure
    let expected: Expected

    init(
        _ name: String,
        _ kind: Kind,
        _ repetition: Repetition,
        _ failure: CallProgress.Failure,
        _ expected: Expected
    ) {
        testDescription = name
        self.kind = kind
        self.repetition = repetition
        self.failure = failure
        self.expected = expected
    }

    static func refused(_ status: Status) -> CallProgress.Failure { .refused(StatusCode(status)) }

    static func refused(_ number: UInt16) -> CallProgress.Failure { .refused(StatusCode(rawValue: number)) }

    static let all: [ProgressCase] = [
        ProgressCase("VERIFY, lost", .verify, .always, .lost(wasBegun: true), .repeats),
        ProgressCase("SIGN, lost", .sign, .always, .lost(wasBegun: true), .repeats),
        ProgressCase("REFRESH, lost", .refresh, .within(nanoseconds: second), .lost(wasBegun: true), .repeats),
        ProgressCase("REVOKE, lost", .revoke, .always, .lost(wasBegun: true), .repeats),
        ProgressCase("OPEN without id, lost", .open, .never, .lost(wasBegun: true), .givesUp(outcomeUnknown: true)),
        ProgressCase("OPEN without id, not begun", .open, .never, .lost(wasBegun: false), .repeats),
        ProgressCase("OPEN with id, lost", .open, .within(nanoseconds: second), .lost(wasBegun: true), .repeats),
        ProgressCase("OPEN without id, BUSY", .open, .never, refused(.busy), .pauses),
        ProgressCase("OPEN without id, SHUTTING_DOWN", .open, .never, refused(.shuttingDown), .pauses),
        ProgressCase("OPEN without id, STORAGE", .open, .never, refused(.storage), .givesUp(outcomeUnknown: true)),
        ProgressCase("OPEN without id, INTERNAL", .open, .never, refused(.internal), .givesUp(outcomeUnknown: true)),
        ProgressCase("OPEN without id, 599", .open, .never, refused(599), .givesUp(outcomeUnknown: true)),
        ProgressCase("OPEN without id, 499", .open, .never, refused(499), .pauses),
        ProgressCase("OPEN without id, FRAME_TIMEOUT", .open, .never, refused(111), .pauses),
        ProgressCase("REFRESH, STORAGE", .refresh, .within(nanoseconds: second), refused(.storage), .pauses),
        ProgressCase("REFRESH, REUSED", .refresh, .always, refused(.reused), .givesUp(outcomeUnknown: false)),
        ProgressCase("SIGN, CLAIMS_INVALID", .sign, .always, refused(.claimsInvalid), .givesUp(outcomeUnknown: false)),
        ProgressCase("VERIFY, NOT_READY", .verify, .always, refused(.notReady), .pauses),
        ProgressCase("VERIFY, 150", .verify, .always, refused(150), .givesUp(outcomeUnknown: false)),
        ProgressCase("VERIFY, 250", .verify, .always, refused(250), .givesUp(outcomeUnknown: false)),
        ProgressCase("VERIFY, 399", .verify, .always, refused(399), .givesUp(outcomeUnknown: false)),
        ProgressCase("VERIFY, 400", .verify, .always, refused(400), .pauses),
        ProgressCase("VERIFY, 600", .verify, .always, refused(600), .givesUp(outcomeUnknown: false)),
    ]
}

@Suite("Call progress")
struct CallProgressTests {
    private let rules = RepetitionRules(
        attemptsMax: 3,
        backoff: Backoff(initialNanoseconds: second / 10, maxNanoseconds: second)
    )

    private func sent(_ kind: Kind, _ repetition: Repetition, deadlineSeconds: UInt64 = 5) -> CallProgress {
        let deadline = Instant(nanoseconds: deadlineSeconds * second)
        var progress = CallProgress(kind: kind, repetition: repetition, deadline: deadline)
        progress.sent(at: Instant(nanoseconds: 0))
        return progress
    }

    @Test("each failure of each kind", arguments: ProgressCase.all)
    func failures(_ row: ProgressCase) {
        var progress = sent(row.kind, row.repetition)
        var generator = SeededGenerator(seed: 1)
        let verdict = progress.failed(row.failure, at: Instant(nanoseconds: 0), rules: rules, using: &generator)
        switch row.expected {
        case .repeats:
            #expect(verdict == .repeatAtOnce)
        case .pauses:
            guard case .repeatAt(let instant) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            #expect((second / 20...second / 10).contains(instant.nanoseconds))
        case .givesUp(let outcomeUnknown):
            #expect(verdict == .giveUp)
            #expect(progress.isOutcomeUnknown == outcomeUnknown)
        }
    }

    @Test("a request is sent so often at most")
    func attempts() {
        var progress = sent(.verify, .always)
        var generator = SeededGenerator(seed: 1)
        var verdicts: [CallProgress.Verdict] = []
        for _ in 0..<3 {
            let now = Instant(nanoseconds: 1)
            verdicts.append(progress.failed(.lost(wasBegun: true), at: now, rules: rules, using: &generator))
            progress.sent(at: now)
        }
        #expect(verdicts == [.repeatAtOnce, .repeatAtOnce, .giveUp])
    }

    @Test("a refresh is repeated inside its window only", arguments: [(-1, true), (0, true), (1, false)])
    func window(_ offset: Int64, _ isRepeated: Bool) {
        var progress = sent(.refresh, .within(nanoseconds: second))
        var generator = SeededGenerator(seed: 1)
        let now = Instant(nanoseconds: UInt64(Int64(second) + offset))
        let verdict = progress.failed(.lost(wasBegun: true), at: now, rules: rules, using: &generator)
        #expect(verdict == (isRepeated ? .repeatAtOnce : .giveUp))
    }

    @Test("a refresh that was surely not begun has no window")
    func windowOfNothing() {
        var progress = sent(.refresh, .within(nanoseconds: second))
        var generator = SeededGenerator(seed: 1)
        let now = Instant(nanoseconds: 2 * second)
        let verdict = progress.failed(.lost(wasBegun: false), at: now, rules: rules, using: &generator)
        #expect(verdict == .repeatAtOnce)
    }

    @Test(
        "a refresh is repeated at once where it lost its connection for the first time, then behind a second at most",
        arguments: [
            .lost(wasBegun: true), .lost(wasBegun: false), ProgressCase.refused(.storage), ProgressCase.refused(.busy),
        ] as [CallProgress.Failure]
    )
    func pausesOfRefresh(_ failure: CallProgress.Failure) {
        let backoff = Backoff(initialNanoseconds: second / 20, maxNanoseconds: 5 * second)
        let rules = RepetitionRules(attemptsMax: 20, backoff: backoff)
        var progress = sent(.refresh, .within(nanoseconds: 60 * second), deadlineSeconds: 60)
        var generator = SeededGenerator(seed: 1)
        var now = Instant(nanoseconds: 0)
        if case .lost = failure {
            let verdict = progress.failed(failure, at: now, rules: rules, using: &generator)
            #expect(verdict == .repeatAtOnce)
            progress.sent(at: now)
        }
        for milliseconds in [50, 100, 200, 400, 800, 1_000, 1_000] as [UInt64] {
            let verdict = progress.failed(failure, at: now, rules: rules, using: &generator)
            guard case .repeatAt(let next) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            let span = milliseconds * 1_000_000
            #expect((span / 2...span).contains(next.nanoseconds - now.nanoseconds))
            now = next
            progress.sent(at: now)
        }
    }

    @Test("a refresh that was refused before follows its first lost connection at once")
    func firstLossOfRefresh() {
        var progress = sent(.refresh, .within(nanoseconds: second))
        var generator = SeededGenerator(seed: 1)
        let now = Instant(nanoseconds: 0)
        let busy = CallProgress.Failure.refused(StatusCode(.busy), pauseNanosecondsMin: second / 2)
        let refused = progress.failed(busy, at: now, rules: rules, using: &generator)
        #expect(refused == .repeatAt(Instant(nanoseconds: second / 2)))
        progress.sent(at: now)
        let lost = progress.failed(.lost(wasBegun: true), at: now, rules: rules, using: &generator)
        #expect(lost == .repeatAtOnce)
    }

    @Test("no pause goes beyond the deadline")
    func deadline() {
        var progress = sent(.verify, .always, deadlineSeconds: 1)
        var generator = SeededGenerator(seed: 1)
        let now = Instant(nanoseconds: second - 1)
        let verdict = progress.failed(.refused(StatusCode(.busy)), at: now, rules: rules, using: &generator)
        #expect(verdict == .giveUp)
    }

    @Test("a terminal answer to a repetition settles the outcome")
    func terminalAnswerSettles() {
        var progress = sent(.refresh, .always)
        var generator = SeededGenerator(seed: 1)
        _ = progress.failed(.lost(wasBegun: true), at: Instant(nanoseconds: 1), rules: rules, using: &generator)
        #expect(progress.isOutcomeUnknown)
        progress.sent(at: Instant(nanoseconds: 2))
        let status = StatusCode(.revoked)
        _ = progress.failed(.refused(status), at: Instant(nanoseconds: 3), rules: rules, using: &generator)
        #expect(!progress.isOutcomeUnknown)
    }

    @Test("a closing error says nothing of earlier attempts")
    func closingErrorSettlesNothing() {
        var progress = sent(.revoke, .always)
        var generator = SeededGenerator(seed: 1)
        _ = progress.failed(.lost(wasBegun: true), at: Instant(nanoseconds: 1), rules: rules, using: &generator)
        progress.sent(at: Instant(nanoseconds: 2))
        let status = StatusCode(.authRequired)
        let verdict = progress.failed(
            .refused(status),
            at: Instant(nanoseconds: 3),
            rules: rules,
            using: &generator
        )
        #expect(verdict == .giveUp)
        #expect(progress.isOutcomeUnknown)
    }

    @Test("nobody must reckon with a change by what changes nothing", arguments: Kind.allCases)
    func outcome(_ kind: Kind) {
        var progress = sent(kind, .always)
        #expect(!progress.isOutcomeUnknown)
        progress.abandonedInFlight()
        let changing: Set<Kind> = [
            .open, .refresh, .revoke, .forceRotation, .snapshot, .keyPrepare, .keyActivate, .keyRevoke, .keyImport,
        ]
        #expect(progress.isOutcomeUnknown == changing.contains(kind))
    }
}
