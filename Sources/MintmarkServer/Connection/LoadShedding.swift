/// Whether requests that cost much are refused for having waited too long: one for each event loop.
///
/// Under more load than a server can take, a queue that loses nothing makes every answer late, and all work is for nobody. So
/// what has waited too long is refused, which costs a fraction of its answer. But a burst that the server gets through is
/// no overload: requests must have waited longer than the limit again and again for `patience`. From then on those are
/// refused that have waited longer than a quarter of the limit, until none has for `calm`: so a queue of requests that a
/// peer keeps underway on purpose is let be, and an answer to one that was taken in overload comes in time. Nanoseconds on the
/// clock of bursts.
struct LoadShedding {
    static let patienceNanoseconds: UInt64 = 100_000_000
    static let calmNanoseconds: UInt64 = 1_000_000_000

    private let limit: UInt64
    private let overloadLimit: UInt64
    /// When requests began to wait longer than the limit, and when the last one had.
    private var lateSince: UInt64 = 0
    private var lateLast: UInt64?
    /// Until then the server counts as overloaded.
    private var shedsUntil: UInt64 = 0

    init(limitNanoseconds: UInt64) {
        limit = limitNanoseconds
        overloadLimit = limitNanoseconds / 4
    }

    /// Whether a burst whose oldest request has waited so long answers BUSY to what costs much.
    @inline(__always)
    mutating func mustShed(waited: UInt64, now: UInt64) -> Bool {
        waited > overloadLimit && judge(waited, now)
    }

    private mutating func judge(_ waited: UInt64, _ now: UInt64) -> Bool {
        if now >= shedsUntil {
            guard waited > limit else {
                return false
            }
            if now - min(now, lateLast ?? 0) > Self.patienceNanoseconds || lateLast == nil {
                lateSince = now
            }
            lateLast = now
            guard now - lateSince >= Self.patienceNanoseconds else {
                return false
            }
        }
        shedsUntil = now + Self.calmNanoseconds
        return true
    }
}
