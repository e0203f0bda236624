/// Whether requests that cost much are refused for having waited too long: one for each event loop.
///
/// Under more load than a server can take, a queue that loses nothing makes every answer late, and all work is for nobody. So
/// what has waited too long is refused, which costs a fraction of its answer. But a burst that the server gets through is
/// no overload: requests must have waited longer than the limit again and again for `patience`. From then on those are
/// refused that have waited longer than a quarter of the limit, until none has waited longer than the limit for `calm`: so
/// the answers to those that are taken in overload come in time. Then it is found out whether the load is still too much; if
/// so within another `calm`, without patience, and for twice as long, up to a bound: a disk or a processor that once stood
/// still costs callers a second, and a load that stays is not tried again and again. A queue that peers keep underway on
/// purpose, and that the server serves within the limit, is refused no longer than that.
///
/// Where requests wait longer than the limit though others have been refused for `hope`, what waits is not what is refused:
/// cheap requests may make the queue. Then every other burst is served, so nobody can keep all others from signing.
///
/// Whoever asks for more than an equal share of the loop waits longer than the others for its own sake, and the loop may
/// serve everybody else in time. So that is judged for each connection by itself: one that is late in this way in every turn
/// is refused what waits too long, and nobody else is for its sake. With one whose turns come later than most, patience lasts
/// for `burstPatience`: else whoever asks for an equal share of a second at once would be refused part of that.
///
/// Nanoseconds on the clock of bursts.
struct LoadShedding {
    static let patienceNanoseconds: UInt64 = 100_000_000
    static let burstPatienceNanoseconds: UInt64 = 1_000_000_000
    static let calmNanosecondsMin: UInt64 = 1_000_000_000
    static let calmNanosecondsMax: UInt64 = 5_000_000_000
    static let hopeNanoseconds: UInt64 = 1_000_000_000

    private let limit: UInt64
    private let overloadLimit: UInt64
    private var lateness = Lateness()

    init(limitNanoseconds: UInt64) {
        limit = limitNanoseconds
        overloadLimit = limitNanoseconds / 4
    }

    /// What has to be known of a burst that may be refused. Moments are on the clock of bursts.
    struct Burst {
        let now: UInt64
        /// Since when its oldest request may have waited.
        let arrival: UInt64
        /// When the last burst of its connection began.
        let lastBurst: UInt64
        /// Whether it comes later than most, since its connection asks for more.
        let isBeyondShare: Bool
    }

    private func isLong(from arrival: UInt64, to now: UInt64) -> Bool {
        now - min(now, arrival) > overloadLimit
    }

    /// Whether a burst answers BUSY to what costs much.
    ///
    /// - Parameter own: of its connection.
    @inline(__always)
    mutating func mustShed(_ burst: Burst, own: inout Lateness) -> Bool {
        guard isLong(from: burst.arrival, to: burst.now) else {
            own.noteInTime()
            return false
        }
        return mustShedLong(burst, own: &own)
    }

    private mutating func mustShedLong(_ burst: Burst, own: inout Lateness) -> Bool {
        let now = burst.now
        let isLate = now - burst.arrival > limit
        // Or its connection had a turn when this had waited for long already.
        guard burst.isBeyondShare || isLong(from: burst.arrival, to: burst.lastBurst) else {
            if isLate { lateness.noteLate(now, patience: Self.patienceNanoseconds, gapMax: Self.patienceNanoseconds) }
            return lateness.refuses(at: now) && (!isLate || lateness.isHopeful(at: now))
        }
        guard isLate else {
            own.noteInTime()
            return own.refuses(at: now) || lateness.refuses(at: now)
        }
        let patience = burst.isBeyondShare ? Self.burstPatienceNanoseconds : Self.patienceNanoseconds
        // Its turns may be far apart.
        own.noteLate(now, patience: patience, gapMax: Self.calmNanosecondsMin)
        return (own.refuses(at: now) || lateness.refuses(at: now)) && own.isHopeful(at: now)
    }
}
