/// What the server's process had used at one moment of a run.
struct ServerSample: Hashable, Sendable {
    /// Seconds from the run's start.
    var seconds: Double
    var usage: ServerProcess.Usage
}

/// A run as it looks from outside while it goes on; confined to the thread that watches.
struct RunWatch {
    let plan: LoadPlan
    let times: RunTimes
    let progress: LoadProgress
    let process: ServerProcess?
    /// About one a second, where the server's process is known.
    private(set) var samples: [ServerSample] = []
    /// Nanoseconds from the run's start to the last look.
    private(set) var elapsedNanoseconds: Int64 = 0

    private var lookAt: Int64
    private var sampleAt: Int64

    /// Pictures that follow one another faster than this nobody sees.
    private static let lookNanoseconds: Int64 = 100_000_000

    init(plan: LoadPlan, times: RunTimes, progress: LoadProgress, process: ServerProcess?) {
        self.plan = plan
        self.times = times
        self.progress = progress
        self.process = process
        lookAt = times.start + Self.lookNanoseconds
        sampleAt = times.start + IntervalRecorder.nanoseconds
    }

    /// Looks, if it is time to; returns whether it was.
    mutating func look(at now: Int64) -> Bool {
        guard now >= lookAt else { return false }
        lookAt = now + Self.lookNanoseconds
        elapsedNanoseconds = now - times.start
        if now >= sampleAt {
            sampleAt += IntervalRecorder.nanoseconds
            if let usage = process?.usage() {
                samples.append(ServerSample(seconds: Double(now - times.start) / 1e9, usage: usage))
            }
        }
        return true
    }
}
