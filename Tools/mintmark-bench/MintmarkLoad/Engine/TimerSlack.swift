import Glibc

/// By how much the kernel may delay wake-ups to save some: 50 microseconds, which is long for the pauses of a schedule.
enum TimerSlack {
    /// Makes it as small as it can be for threads that the main thread starts from now on, where that is possible.
    /// Elsewhere requests are sent later, and the report says so.
    static func remove() {
        let descriptor = open("/proc/self/timerslack_ns", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        try? FileBytes.write(Array("1".utf8), to: descriptor)
        close(descriptor)
    }
}
