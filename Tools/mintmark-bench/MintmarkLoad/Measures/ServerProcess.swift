import Glibc

/// The server's process on this machine, as the kernel sees it.
struct ServerProcess: Hashable, Sendable {
    /// What it has used so far.
    struct Usage: Hashable, Sendable {
        var processorNanoseconds: Int64
        var residentBytes: Int
        /// The most it has had so far.
        var residentBytesPeak = 0
        /// How often it gave its processor away, and how often that was taken from it.
        var voluntarySwitches = 0
        var involuntarySwitches = 0
        /// What it wrote to disks; nil where that may not be looked at.
        var writtenBytes: Int?
        /// Of all processors that it may run on.
        var processors: ProcessorTimes
    }

    let processID: Int32

    /// Nil if there is no such process, or it may not be looked at.
    func usage() -> Usage? {
        guard let stat = text("stat"), let status = text("status") else { return nil }
        // The second field is the program's name in parentheses, and may hold anything.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[end...].split(separator: " ")
        guard fields.count > 12, let user = Int64(fields[12]), let system = Int64(fields[13]) else { return nil }
        let number = { (name: String) in Self.value(name, in: status).flatMap { Int($0.prefix { $0.isNumber }) } ?? 0 }
        let nanosecondsPerTick = 1_000_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK)))
        return Usage(
            processorNanoseconds: (user + system) * nanosecondsPerTick,
            residentBytes: number("VmRSS:") * 1_024,
            residentBytesPeak: number("VmHWM:") * 1_024,
            voluntarySwitches: number("voluntary_ctxt_switches:"),
            involuntarySwitches: number("nonvoluntary_ctxt_switches:"),
            writtenBytes: text("io").flatMap { Self.value("write_bytes:", in: $0) }.flatMap { Int($0) },
            processors: ProcessorTimes(
                statText: Self.text(ofFile: "/proc/stat") ?? "",
                processors: Self.processors(inMask: Self.value("Cpus_allowed:", in: status) ?? ""),
                nanosecondsPerTick: nanosecondsPerTick
            )
        )
    }

    /// How many processors it may run on.
    var processorsAllowed: Int? {
        guard let status = text("status"), let mask = Self.value("Cpus_allowed:", in: status) else { return nil }
        return Self.processors(inMask: mask).count
    }

    /// The numbers in a mask as the kernel writes it: groups of hexadecimal digits, the lowest digit last.
    static func processors(inMask mask: String) -> Set<Int> {
        var processors: Set<Int> = []
        for (place, digit) in mask.reversed().filter(\.isHexDigit).enumerated() {
            guard let value = digit.hexDigitValue else { continue }
            for bit in 0..<4 where value >> bit & 1 == 1 {
                processors.insert(4 * place + bit)
            }
        }
        return processors
    }

    private func text(_ file: String) -> String? {
        Self.text(ofFile: "/proc/\(processID)/\(file)")
    }

    private static func text(ofFile path: String) -> String? {
        guard let bytes = try? FileBytes.read(path) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func value(_ name: String, in text: String) -> String? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
        return line.dropFirst(name.count).drop { $0.isWhitespace }.description
    }
}
