import CLinux
import Glibc

/// Processors by their numbers, as `taskset --cpu-list` takes them.
struct ProcessorList: Hashable, Sendable {
    let processors: Set<Int>

    /// What a mask of the kernel's holds.
    static let processorMax = 1_023

    /// Reads `0`, `0,2` and `0-3,8`. Nil for anything else.
    init?(_ text: String) {
        var processors: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let bounds = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(bounds.count), let low = bounds[0], let high = bounds[bounds.count - 1] else {
                return nil
            }
            guard low >= 0, low <= high, high <= Self.processorMax else { return nil }
            processors.formUnion(low...high)
        }
        self.processors = processors
    }

    /// Lets the calling thread, and those it starts from now on, run on these only.
    func pinSelf() throws(SystemFault) { try pin(thread: 0) }

    /// Lets all threads of a process run on these only.
    func pin(process: Int32) throws(SystemFault) {
        guard let folder = opendir("/proc/\(process)/task") else { throw SystemFault("opendir") }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let thread = Int32(name) { try pin(thread: thread) }
        }
    }

    private func pin(thread: Int32) throws(SystemFault) {
        var mask = cpu_set_t()
        withUnsafeMutableBytes(of: &mask) { bytes in
            for processor in processors { bytes[processor / 8] |= 1 << UInt8(processor % 8) }
        }
        guard sched_setaffinity(thread, MemoryLayout<cpu_set_t>.size, &mask) == 0 else {
            throw SystemFault("sched_setaffinity")
        }
    }
}
