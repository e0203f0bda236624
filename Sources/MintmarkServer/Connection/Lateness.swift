/// Whether bursts were late again and again: those of a loop, or those of one connection. Nanoseconds on the clock of
/// bursts.
struct Lateness {
    /// When bursts began to be late, and when the last one was.
    private var since: UInt64 = 0
    private var last: UInt64?
    /// From then and until then what has waited too long is refused.
    private var refusesSince: UInt64 = 0
    private var refusesUntil: UInt64 = 0
    /// For how long nothing must have been late.
    private var calm = LoadShedding.calmNanosecondsMin
    /// Whether the last burst was served that refusing would not have helped.
    private var wasServed = false

    /// Whether what has waited too long is refused at `now`.
    func refuses(at now: UInt64) -> Bool { now < refusesUntil }

    /// A burst is late.
    ///
    /// - Parameters:
    ///   - patience: for so long bursts have been late before any is refused.
    ///   - gapMax: late bursts farther apart have nothing to do with each other.
    mutating func noteLate(_ now: UInt64, patience: UInt64, gapMax: UInt64) {
        let isFar = last.map { now - min(now, $0) > gapMax } ?? true
        // While others are refused, those that are late come seldom.
        if isFar, !refuses(at: now) {
            since = now
        }
        last = now
        if !refuses(at: now) {
            guard begins(now, patience) else { return }
            refusesSince = now
        }
        refusesUntil = now + calm
    }

    /// A burst was in time: those that were late before it were not late again and again.
    mutating func noteInTime() {
        last = nil
    }

    /// Whether refusing a late burst may help still; else every other one is served.
    mutating func isHopeful(at now: UInt64) -> Bool {
        guard refuses(at: now), now - min(now, refusesSince) >= LoadShedding.hopeNanoseconds else {
            return true
        }
        wasServed.toggle()
        return !wasServed
    }

    /// Whether refusing begins; if it does again, for twice as long.
    private mutating func begins(_ now: UInt64, _ patience: UInt64) -> Bool {
        if refusesUntil > 0, now < refusesUntil + calm {
            calm = min(2 * calm, LoadShedding.calmNanosecondsMax)
            return true
        }
        calm = LoadShedding.calmNanosecondsMin
        return now - min(now, since) >= patience
    }
}
