import Glibc

/// What the system leaves this process.
enum ResourceLimits {
    /// Descriptors that are not connections: listeners, event loops, files, the standard streams.
    static let descriptorsReserved = 64

    /// Keeps the keys in this process's memory out of core files (core(5)).
    static func forbidCoreDumps() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        // The limit does not bind a core handler behind a pipe; this one leaves it no memory to read.
        let filter = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC)
        if filter >= 0 {
            _ = write(filter, "0", 1)
            close(filter)
        }
    }

    /// The connections that can be open at once: as configured, but no more than there are descriptors for.
    ///
    /// Raises the soft limit on descriptors towards the hard one first.
    static func connectionsMax(_ configured: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return configured
        }
        let wanted = rlim_t(configured + descriptorsReserved)
        if limit.rlim_cur < wanted {
            var raised = limit
            raised.rlim_cur = min(wanted, limit.rlim_max)
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 {
                limit = raised
            }
        }
        let available = Int(clamping: limit.rlim_cur) - descriptorsReserved
        return max(1, min(configured, available))
    }
}
