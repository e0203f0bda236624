/// What became of the cores that a server may run on, in cores. What is not listed here others have used.
struct CoreShares: Hashable, Sendable {
    /// The server.
    var used: Double
    /// Nobody.
    var idle: Double
    /// The machine below this virtual one.
    var stolen: Double

    /// Nil for no time at all.
    init?(from before: ServerProcess.Usage, to after: ServerProcess.Usage, seconds: Double) {
        guard seconds > 0 else { return nil }
        func cores(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 / seconds }
        used = cores(after.processorNanoseconds - before.processorNanoseconds)
        idle = cores(after.processors.idleNanoseconds - before.processors.idleNanoseconds)
        stolen = cores(after.processors.stolenNanoseconds - before.processors.stolenNanoseconds)
    }
}
