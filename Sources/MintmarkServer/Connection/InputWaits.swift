/// Since when input may have waited that an event loop is told of: a bound, for a reading of the clock that bursts take anyway.
///
/// A loop asks its sockets in *rounds*. What it is told of in one has come after the round before began, and if the loop had
/// nothing to do in between, it has come just now. That is also said where the system did not let the loop run: what waits
/// then waits for the processor, not for other requests. Nanoseconds on the clock of bursts.
struct InputWaits {
    /// From one burst to the next a loop that has anything to do takes less: sending, asking, reading.
    static let idleGapNanoseconds: UInt64 = 200_000

    private(set) var round: UInt64?
    /// When the round began.
    private var roundStart: UInt64 = 0
    /// Since when what the round has told of may have waited.
    private(set) var arrival: UInt64 = 0
    private(set) var lastReading: UInt64 = 0

    /// The clock was read in a round; nil on a loop without any.
    @inline(__always)
    mutating func note(_ now: UInt64, in round: UInt64?) {
        if round != self.round || round == nil {
            begin(round, now)
        }
        lastReading = now
    }

    private mutating func begin(_ round: UInt64?, _ now: UInt64) {
        let isNext = round.map { $0 == self.round.map { $0 &+ 1 } } ?? false
        let wasIdle = now - min(now, lastReading) >= Self.idleGapNanoseconds
        arrival = isNext && !wasIdle ? roundStart : now
        roundStart = now
        self.round = round
    }

    /// A burst has ended.
    @inline(__always)
    mutating func noteEnd(_ now: UInt64) {
        lastReading = now
    }
}
