/// What the kernel has counted for some of the machine's processors, all together, since the machine's start.
///
/// Counted in ticks: good to a hundredth of a second.
struct ProcessorTimes: Hashable, Sendable {
    /// Nothing ran on them.
    var idleNanoseconds: Int64 = 0
    /// The machine below this virtual one ran something else.
    var stolenNanoseconds: Int64 = 0

    init() {}

    /// - Parameters:
    ///   - statText: `/proc/stat`.
    ///   - processors: their numbers; those that are not in the text count nothing.
    ///   - nanosecondsPerTick: the text's unit.
    init(statText: String, processors: Set<Int>, nanosecondsPerTick: Int64) {
        for line in statText.split(separator: "\n") {
            // cpu0 user nice system idle iowait irq softirq steal …
            let fields = line.split(separator: " ")
            guard fields.count > 8, fields[0].hasPrefix("cpu"), let number = Int(fields[0].dropFirst(3)) else {
                continue
            }
            guard processors.contains(number) else { continue }
            idleNanoseconds += ((Int64(fields[4]) ?? 0) + (Int64(fields[5]) ?? 0)) * nanosecondsPerTick
            stolenNanoseconds += (Int64(fields[8]) ?? 0) * nanosecondsPerTick
        }
    }
}
