import Glibc

/// Facts about this process.
enum ProcessFacts {
    static let id = getpid()
    /// When this was first asked: at the beginning of the start.
    static let startMilliseconds = ServerClock.wallMilliseconds
    static let processorCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    /// The environment the process was started with; what the libraries changed in it does not count.
    ///
    /// Read once, before ``ResourceLimits/forbidCoreDumps()``: from then on the file belongs to root.
    static let environment: [String: String] = {
        guard let bytes = try? ConfigurationFile.read("/proc/self/environ") else {
            return [:]
        }
        var variables: [String: String] = [:]
        for entry in bytes.split(separator: 0) {
            let parts = entry.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            variables[String(decoding: parts[0], as: UTF8.self)] = parts.dropFirst().first.map {
                String(decoding: $0, as: UTF8.self)
            }
        }
        return variables
    }()
}
