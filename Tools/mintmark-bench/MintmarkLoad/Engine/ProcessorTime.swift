import Glibc

/// How long processors worked, in nanoseconds.
enum ProcessorTime {
    /// For the calling thread.
    static func ofThread() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
