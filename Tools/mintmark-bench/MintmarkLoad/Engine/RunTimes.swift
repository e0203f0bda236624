/// The instants of a run, by the monotonic clock, in nanoseconds: the same for all threads.
struct RunTimes: Hashable, Sendable {
    let start: Int64
    /// From here on it is measured.
    let measuredFrom: Int64
    /// Nothing is sent any more.
    let end: Int64

    init(start: Int64, plan: LoadPlan) {
        self.start = start
        measuredFrom = start + plan.warmupNanoseconds
        end = start + plan.totalNanoseconds
    }

    /// Whether an instant lies in the measured interval.
    @inline(__always)
    func measures(_ instant: Int64) -> Bool { instant >= measuredFrom && instant < end }
}
