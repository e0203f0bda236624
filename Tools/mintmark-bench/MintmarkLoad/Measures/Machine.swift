import Glibc

/// The machine that a run took place on, as far as it tells.
struct Machine: Hashable, Sendable {
    var processorModel: String?
    /// Processors that are there, and those that this process may run on.
    var processors: Int
    var processorsAllowed: Int?
    /// How the kernel chooses the processors' speed.
    var governor: String?
    /// Cores that a control group lets the process have; nil: no limit.
    var quotaCores: Double?
    var memoryBytes: Int?
    var kernel: String

    /// How many cores this process may use: processors, or less where a control group limits it; nil if unknown.
    var coresAllowed: Double? {
        guard let processorsAllowed else { return quotaCores }
        return min(Double(processorsAllowed), quotaCores ?? .infinity)
    }

    static func current() -> Machine {
        Machine(
            processorModel: line("model name", in: text("/proc/cpuinfo")),
            processors: Int(sysconf(Int32(_SC_NPROCESSORS_CONF))),
            processorsAllowed: ServerProcess(processID: getpid()).processorsAllowed,
            governor: firstWord(text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")),
            quotaCores: quotaCores(text("/sys/fs/cgroup/cpu.max")),
            memoryBytes: line("MemTotal", in: text("/proc/meminfo"))
                .flatMap { Int($0.prefix { $0.isNumber }) }.map { $0 * 1_024 },
            kernel: kernel()
        )
    }

    /// Reads `max 100000` or `50000 100000`: microseconds in a period, and the period.
    static func quotaCores(_ text: String) -> Double? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), period > 0 else {
            return nil
        }
        return quota / period
    }

    /// The value of `name : value`, the first of them.
    static func line(_ name: String, in text: String) -> String? {
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            return String(line[line.index(after: colon)...].drop { $0.isWhitespace })
        }
        return nil
    }

    private static func firstWord(_ text: String) -> String? {
        text.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }

    private static func text(_ path: String) -> String {
        (try? FileBytes.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private static func kernel() -> String {
        var names = utsname()
        uname(&names)
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return "\(text(names.sysname)) \(text(names.release)) \(text(names.machine))"
    }
}
