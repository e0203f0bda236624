/// Whether bursts were late again and again: those of a loop, or those of one connection. Nanoseconds on the clock of
/// bursts.
struct Lateness {
    /// When bursts began to be late, and when the last one was.
    private var since: UInt64 = 0
    private var last: UInt64?
    /// Until then what has waited too long is refused.
    private var shedsUntil: UInt64 = 0
    /// For how long nothing must have been late.
    private var calm = LoadShedding.calmNanosecondsMin
    /// Whether the last burst was served that refusing would not have helped.
    private var wasServed = false

    /// Whether a burst that has waited too long in overload is refused, and, if it is late, at any time.
    ///
    /// - Parameter gapMax: late bursts farther apart have nothing to do with each other.
    mutating func mustShed(_ isLate: Bool, _ now: UInt64, gapMax: UInt64) -> Bool {
        guard isLate else {
            return now < shedsUntil
        }
        note(now, gapMax)
        guard now < shedsUntil || begins(now) else {
            return false
        }
        shedsUntil = now + calm
        return isHopeful(now)
    }

    /// The same for a burst that tells nothing of the others: it is refused with them, if they are.
    mutating func mustShedToo(_ isLate: Bool, _ now: UInt64) -> Bool {
        now < shedsUntil && (!isLate || isHopeful(now))
    }

    /// A burst was in time: those that were late before it were not late again and again.
    mutating func noteInTime() {
        last = nil
    }

    private mutating func note(_ now: UInt64, _ gapMax: UInt64) {
        let isFar = last.map { now - min(now, $0) > gapMax } ?? true
        // While others are refused, those that are late come seldom.
        if isFar, now >= shedsUntil {
            since = now
        }
        last = now
    }

    /// Whether refusing begins; if it does again, for twice as long.
    private mutating func begins(_ now: UInt64) -> Bool {
        if shedsUntil > 0, now < shedsUntil + calm {
            calm = min(2 * calm, LoadShedding.calmNanosecondsMax)
            return true
        }
        calm = LoadShedding.calmNanosecondsMin
        return now - min(now, since) >= LoadShedding.patienceNanoseconds
    }

    /// Whether refusing may help still; else every other burst is served.
    private mutating func isHopeful(_ now: UInt64) -> Bool {
        guard now - min(now, since) >= LoadShedding.hopeNanoseconds else {
            return true
        }
        wasServed.toggle()
        return !wasServed
    }
}
