/// What a thread is to do. Its connections are handed over.
struct WorkerAssignment<Stream: LoadStream & Sendable>: Sendable {
    var plan: LoadPlan
    /// The thread's number, from 0.
    var thread: Int
    var workload: Workload
    /// The sessions that are this thread's alone.
    var sessions: [RefreshSession]
    /// Connected streams behind their handshakes; the thread closes them.
    var streams: [Stream]
    var answerBytesMax: Int
    var times: RunTimes
    var progress: LoadProgress
}

/// What a thread has done.
struct WorkerResult: Sendable {
    var tally: Tally
    /// The sessions that it was given, with their newest tokens.
    var sessions: [RefreshSession]
    /// How long it had a processor while it sent, of how long.
    var processorNanoseconds: Int64
    /// How much of that it spent on asking in vain whether there is something to do, because it never sleeps.
    var idleNanoseconds: Int64 = 0
    var wallNanoseconds: Int64
    /// When it stopped sending, by the monotonic clock.
    var endedAt: Int64
}
