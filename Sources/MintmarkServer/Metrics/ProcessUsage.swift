import Glibc

/// What this process has used. Immutable.
struct ProcessUsage: Sendable, Equatable {
    /// Of the process and of the system for it.
    var processorSeconds = 0.0
    var residentBytes: UInt64 = 0
    /// Resident and the process's alone.
    var privateBytes: UInt64 = 0

    /// Reads what the system says; zeros where it says nothing.
    static func now() -> ProcessUsage {
        var usage = ProcessUsage()
        var times = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &times) == 0 {
            usage.processorSeconds = seconds(times.ru_utime) + seconds(times.ru_stime)
        }
        // Not dumpable, the process still may read this of itself: it belongs to root, and all may read it.
        if let status = try? ConfigurationFile.read("/proc/self/status") {
            usage.residentBytes = kibibytes("VmRSS:", in: status)
            usage.privateBytes = kibibytes("RssAnon:", in: status)
        }
        return usage
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
    }

    /// The number behind a name, times 1024.
    private static func kibibytes(_ name: String, in status: [UInt8]) -> UInt64 {
        for line in status.split(separator: UInt8(ascii: "\n")) where line.starts(with: name.utf8) {
            let digits = line.drop { !(0x30...0x39).contains($0) }.prefix { (0x30...0x39).contains($0) }
            return (UInt64(String(decoding: digits, as: UTF8.self)) ?? 0) * 1_024
        }
        return 0
    }
}
