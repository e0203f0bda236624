import MintmarkWire

/// How far a call has got, and what to do when an attempt at it fails. Knows no sockets and no tasks.
struct CallProgress: Sendable {
    /// Why one attempt at a request brought no answer.
    enum Failure: Hashable, Sendable {
        /// The server answered an error, and may have said how long to wait.
        case refused(StatusCode, pauseNanosecondsMin: UInt64 = 0)

        /// The connection ended; `wasBegun` is false where it ended with an error frame: then the server has begun
        /// nothing that it has not answered.
        case lost(wasBegun: Bool)
    }

    /// What to do next.
    enum Verdict: Hashable, Sendable {
        /// Send the request again as soon as there is a connection.
        case repeatAtOnce

        /// Send the request again then.
        case repeatAt(Instant)

        /// Tell the caller.
        case giveUp
    }

    let kind: Kind
    let repetition: Repetition
    /// When the caller stops waiting.
    let deadline: Instant

    /// How often the request was sent.
    private(set) var attempts = 0

    /// Whether an attempt may have been carried out without its answer having come.
    private(set) var mayHaveHappened = false

    private var firstSent: Instant?

    /// How many repetitions were put off.
    private var pauses = 0

    /// Whether a repetition followed a lost connection at once.
    private var wasRepeatedAtOnce = false

    init(kind: Kind, repetition: Repetition, deadline: Instant) {
        self.kind = kind
        self.repetition = repetition
        self.deadline = deadline
    }

    /// The request was written to a connection.
    mutating func sent(at now: Instant) {
        attempts += 1
        if firstSent == nil { firstSent = now }
    }

    /// The caller stopped waiting for an answer to what was sent.
    mutating func abandonedInFlight() {
        mayHaveHappened = true
    }

    /// The latest attempt failed.
    mutating func failed(
        _ failure: Failure,
        at now: Instant,
        rules: RepetitionRules,
        using generator: inout some RandomNumberGenerator
    ) -> Verdict {
        note(failure)
        switch failure {
        case .refused(let status, let pauseMin):
            guard status.isRetryable else { return .giveUp }
            return verdict(pausing: pauseMin, at: now, rules, using: &generator)
        case .lost where kind == .refresh && wasRepeatedAtOnce:
            // Once only (`sessions.md`, rule 3): what loses every connection would use up the grace window's answers.
            return verdict(pausing: 0, at: now, rules, using: &generator)
        case .lost:
            guard mayRepeat(at: now, rules) else { return .giveUp }
            wasRepeatedAtOnce = true
            return .repeatAtOnce
        }
    }

    /// Whether the caller, told now that the call failed, must reckon with its having been carried out.
    var isOutcomeUnknown: Bool { mayHaveHappened && kind.changesState }
}

extension CallProgress {
    private mutating func note(_ failure: Failure) {
        switch failure {
        case .refused(let status, _):
            // A closing error is about the connection: this attempt was not begun, of earlier ones nothing is said.
            if status.closesConnection { return }
            if !status.isRetryable {
                // The server has judged the very request: whatever came before, this is the outcome.
                mayHaveHappened = false
            } else if status.maybeBegun {
                mayHaveHappened = true
            }
        case .lost(let wasBegun):
            if wasBegun { mayHaveHappened = true }
        }
    }

    /// Puts the repetition off, for so long at least.
    private mutating func verdict(
        pausing pauseMin: UInt64,
        at now: Instant,
        _ rules: RepetitionRules,
        using generator: inout some RandomNumberGenerator
    ) -> Verdict {
        pauses += 1
        let backoff = rules.backoff(of: kind)
        let pause = max(pauseMin, backoff.nanoseconds(afterFailures: pauses, using: &generator))
        let next = now.advanced(byNanoseconds: pause)
        return next < deadline && mayRepeat(at: next, rules) ? .repeatAt(next) : .giveUp
    }

    private func mayRepeat(at instant: Instant, _ rules: RepetitionRules) -> Bool {
        guard attempts < rules.attemptsMax else { return false }
        guard mayHaveHappened else { return true }
        switch repetition {
        case .never: return false
        case .always: return true
        case .within(let nanoseconds):
            return firstSent.map { instant <= $0.advanced(byNanoseconds: nanoseconds) } ?? true
        }
    }
}

/// How often and how densely requests are repeated.
struct RepetitionRules: Sendable {
    /// How often a request is sent at most.
    let attemptsMax: Int
    /// The pauses before repetitions that do not follow at once.
    let backoff: Backoff

    /// The longest pause before a REFRESH (`sessions.md`, rule 3): several tries have to fit into its grace window.
    private static let refreshPauseNanosecondsMax: UInt64 = 1_000_000_000

    /// The pauses of requests of this kind.
    func backoff(of kind: Kind) -> Backoff {
        guard kind == .refresh else { return backoff }
        return Backoff(
            initialNanoseconds: backoff.initialNanoseconds,
            maxNanoseconds: min(backoff.maxNanoseconds, Self.refreshPauseNanosecondsMax)
        )
    }
}

extension StatusCode {
    /// Whether a request that got this retryable error may have been carried out.
    ///
    /// The 1xx and 4xx are said of requests that were not begun, and AUDIT of such that changed nothing. Of all others it is
    /// not known.
    var maybeBegun: Bool { !(400...499).contains(rawValue) && self != .audit && !closesConnection }
}

extension Kind {
    /// Whether the server remembers something of a request of this kind.
    var changesState: Bool {
        switch self {
        case .open, .refresh, .revoke, .forceRotation, .snapshot: true
        case .keyPrepare, .keyActivate, .keyRevoke, .keyImport: true
        case .hello, .auth, .ping, .sign, .verify, .introspect, .keys, .stats, .keyList: false
        }
    }
}
