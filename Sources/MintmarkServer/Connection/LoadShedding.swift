/// Whether requests that cost much are refused for having waited too long: one for each event loop.
///
/// Under more load than a server can take, a queue that loses nothing makes every answer late, and all work is for nobody. So
/// what has waited too long is refused, which costs a fraction of its answer. But a burst that the server gets through is
/// no overload: requests must have waited longer than the limit again and again for `patience`. From then on those are
/// refused that have waited longer than a quarter of the limit, until none has waited longer than the limit for `calm`: so
/// an answer to one that was taken in overload comes in time. Then it is found out whether the load is still too much; if
/// so within another `calm`, without patience, and for twice as long, up to a bound: a disk or a processor that once stood
/// still costs callers a second, and a load that stays is not tried again and again. A queue that peers keep underway on purpose, and that the server serves
/// within the limit, is refused no longer than that.
///
/// Where requests wait longer than the limit though others have been refused for `hope`, what waits is not what is refused:
/// cheap requests may make the queue. Then every other burst is served, so nobody can keep all others from signing.
///
/// Whoever asks for more than an equal share of the loop waits longer than the others for its own sake (`TurnQueue`), and
/// the loop may still serve everybody else in time. So its lateness is judged by itself: it counts against those who ask
/// for as much, and nobody else is refused for it. Nanoseconds on the clock of bursts.
struct LoadShedding {
    static let patienceNanoseconds: UInt64 = 100_000_000
    static let calmNanosecondsMin: UInt64 = 1_000_000_000
    static let calmNanosecondsMax: UInt64 = 5_000_000_000
    /// From when on requests were late.
    static let hopeNanoseconds = patienceNanoseconds + 1_000_000_000

    private let limit: UInt64
    private let overloadLimit: UInt64
    private var withinShare = Lateness()
    private var beyondShare = Lateness()

    init(limitNanoseconds: UInt64) {
        limit = limitNanoseconds
        overloadLimit = limitNanoseconds / 4
    }

    /// Whether a burst whose oldest request has waited so long answers BUSY to what costs much.
    ///
    /// - Parameter isBeyondShare: whether it waited for its own sake; asked only where that matters.
    @inline(__always)
    mutating func mustShed(waited: UInt64, now: UInt64, isBeyondShare: @autoclosure () -> Bool) -> Bool {
        waited > overloadLimit && judge(waited, now, isBeyondShare())
    }

    private mutating func judge(_ waited: UInt64, _ now: UInt64, _ isBeyondShare: Bool) -> Bool {
        let isLate = waited > limit
        return isBeyondShare ? beyondShare.mustShed(isLate, now) : withinShare.mustShed(isLate, now)
    }

    /// What is known of requests that were late.
    private struct Lateness {
        /// When requests began to wait longer than the limit, and when the last one had.
        private var lateSince: UInt64 = 0
        private var lateLast: UInt64?
        /// Until then the server counts as overloaded.
        private var shedsUntil: UInt64 = 0
        /// For how long nothing must have been late.
        private var calm = calmNanosecondsMin
        /// Whether the last burst was served that refusing would not have helped.
        private var wasServed = false

        /// Whether to refuse what has waited too long in overload, and, if it is late, at any time.
        mutating func mustShed(_ isLate: Bool, _ now: UInt64) -> Bool {
            let isOverloaded = now < shedsUntil
            guard isLate else {
                return isOverloaded
            }
            note(now)
            if !isOverloaded {
                if shedsUntil > 0, now < shedsUntil + calm {
                    calm = min(2 * calm, calmNanosecondsMax)
                } else if now - lateSince >= patienceNanoseconds {
                    calm = calmNanosecondsMin
                } else {
                    return false
                }
            }
            shedsUntil = now + calm
            guard now - lateSince >= hopeNanoseconds else {
                return true
            }
            wasServed.toggle()
            return !wasServed
        }

        private mutating func note(_ now: UInt64) {
            if now - min(now, lateLast ?? 0) > patienceNanoseconds || lateLast == nil {
                lateSince = now
            }
            lateLast = now
        }
    }
}
