import Glibc

/// What the system leaves this process.
enum ResourceLimits {
    /// Descriptors that are not connections: listeners, files, the standard streams.
    static let descriptorsReserved = 64
    /// What each event loop takes at most.
    static let descriptorsPerLoop = 3

    /// Lets writing to a pipe that nobody reads fail, and nothing else: the standard error may be one.
    static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }

    /// Keeps the keys in this process's memory out of core files (core(5)), and out of the reach of other processes of its
    /// user (ptrace(2)).
    static func forbidCoreDumps() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        // The limit does not bind a core handler behind a pipe; this one leaves it no memory to read.
        let filter = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC)
        if filter >= 0 {
            _ = write(filter, "0", 1)
            close(filter)
        }
        // Last: from here on what lies below /proc/self belongs to root.
        forbidDumping()
    }

    /// Whether the system makes core files of this process and lets others of its user look into it.
    static var isDumpable: Bool { processControl(getDumpable, 0) != 0 }

    private static func forbidDumping() {
        let result = processControl(setDumpable, 0)
        precondition(result == 0, "the system does not keep core files from being made of this process")
    }

    // <linux/prctl.h>, which Swift does not import with the C library.
    private static let getDumpable: Int32 = 3
    private static let setDumpable: Int32 = 4

    /// prctl(2), which Swift does not import because it takes any number of arguments.
    private static func processControl(_ option: Int32, _ argument: UInt) -> Int32 {
        typealias Function = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "prctl") else {
            preconditionFailure("the C library has no prctl")
        }
        return unsafeBitCast(symbol, to: Function.self)(option, argument, 0, 0, 0)
    }

    /// The connections that can be open at once: as configured, but no more than there are descriptors for.
    ///
    /// Raises the soft limit on descriptors towards the hard one first.
    ///
    /// - Parameters:
    ///   - loopCount: The event loops of all kinds.
    ///   - others: Connections of other kinds.
    static func connectionsMax(_ configured: Int, loopCount: Int = 0, others: Int = 0) -> Int {
        let reserved = descriptorsReserved + descriptorsPerLoop * loopCount + others
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return configured
        }
        let wanted = rlim_t(configured + reserved)
        if limit.rlim_cur < wanted {
            var raised = limit
            raised.rlim_cur = min(wanted, limit.rlim_max)
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 {
                limit = raised
            }
        }
        let available = Int(clamping: limit.rlim_cur) - reserved
        return max(1, min(configured, available))
    }
}
