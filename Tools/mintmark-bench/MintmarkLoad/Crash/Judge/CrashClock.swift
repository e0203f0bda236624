/// Two readings between which the service clock of the daemon lies, each up to a constant: it stands while the daemon
/// is down, and nobody outside sees exactly when it stops and goes on.
///
/// Nanoseconds. Only differences mean anything.
struct ServiceInstant: Hashable, Sendable {
    /// Of a clock that is never slower than the service clock.
    var fast: Int64
    /// Of a clock that is never faster.
    var slow: Int64

    /// The most that the service clock can have advanced since an earlier instant.
    func nanosecondsMost(since earlier: ServiceInstant) -> Int64 { fast - earlier.fast }

    /// The least that it has advanced.
    func nanosecondsLeast(since earlier: ServiceInstant) -> Int64 { slow - earlier.slow }
}

/// Turns instants of the monotonic clock into readings of the service clock.
struct CrashClock: Hashable, Sendable {
    /// How much of the service clock a kill may take back: it is written down with every commit, and every second.
    static let lostByKillNanoseconds: Int64 = 1_000_000_000

    private var downNanosecondsLeast: Int64 = 0
    private var downNanosecondsMost: Int64 = 0

    /// The daemon was down.
    ///
    /// - Parameters:
    ///   - killedAt: Just before it was killed.
    ///   - goneAt: When it was gone for sure.
    ///   - startedAt: Just before it was started again.
    ///   - readyAt: When it was seen to be ready.
    mutating func wasDown(killedAt: Int64, goneAt: Int64, startedAt: Int64, readyAt: Int64) {
        downNanosecondsLeast += startedAt - goneAt
        downNanosecondsMost += readyAt - killedAt + Self.lostByKillNanoseconds
    }

    func instant(_ monotonicNanoseconds: Int64) -> ServiceInstant {
        ServiceInstant(
            fast: monotonicNanoseconds - downNanosecondsLeast,
            slow: monotonicNanoseconds - downNanosecondsMost
        )
    }
}

/// The grace window of the daemon under test, and what can be concluded from times about it.
struct CrashGrace: Hashable, Sendable {
    var windowNanoseconds: Int64

    /// By how much an instant must lie off the window's end before anything is concluded from it.
    static let marginNanoseconds: Int64 = 50_000_000

    /// Whether a window that began behind `begin` was open for sure when an answer had come at `end`.
    func isSurelyOpen(from begin: ServiceInstant, to end: ServiceInstant) -> Bool {
        end.nanosecondsMost(since: begin) < windowNanoseconds - Self.marginNanoseconds
    }

    /// Whether a window that began before `begin` was over for sure when a request was sent at `end`.
    func isSurelyOver(from begin: ServiceInstant, to end: ServiceInstant) -> Bool {
        end.nanosecondsLeast(since: begin) > windowNanoseconds + Self.marginNanoseconds
    }
}
