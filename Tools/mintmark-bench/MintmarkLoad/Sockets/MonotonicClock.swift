import Glibc

/// The clock that everything is measured with: nanoseconds since some moment, never set and never going back.
enum MonotonicClock {
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Sleeps until an instant, or until a signal comes.
    static func sleep(until instant: Int64) {
        let rest = max(0, instant - now())
        var pause = timespec(tv_sec: Int(rest / 1_000_000_000), tv_nsec: Int(rest % 1_000_000_000))
        nanosleep(&pause, nil)
    }
}
