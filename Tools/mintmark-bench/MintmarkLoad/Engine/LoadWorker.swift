import Glibc
import MintmarkWire

/// What a thread is to do. Its connections are handed over.
struct WorkerAssignment: Sendable {
    var plan: LoadPlan
    /// The thread's number, from 0.
    var thread: Int
    var workload: Workload
    /// The sessions that are this thread's alone.
    var sessions: [RefreshSession]
    /// Connected sockets behind their handshakes; the thread closes them.
    var streams: [ServerStream]
    var answerBytesMax: Int
    var times: RunTimes
    var progress: LoadProgress
}

/// What a thread has done.
struct WorkerResult: Sendable {
    var tally: Tally
    /// How long it had a processor while it sent, of how long.
    var processorNanoseconds: Int64
    var wallNanoseconds: Int64
    /// When it stopped sending, by the monotonic clock.
    var endedAt: Int64
}

/// The generator: one thread, its connections and its epoll instance.
///
/// It is no task and has no event loop of others below it, because it must send faster than the server can answer:
/// requests are encoded beforehand, answers are judged where they lie, there is one write for each connection and
/// wake-up, and nothing is allocated for a request. Confined to the thread that runs it.
struct LoadWorker: ~Copyable {
    let plan: LoadPlan
    let thread: Int
    let times: RunTimes
    let progress: LoadProgress
    let poller: Poller
    let connections: UnsafeMutableBufferPointer<LoadConnection>
    let scanner = FrameScanner(lengthMax: Limits.frameLengthMaxCeiling)

    var source: RequestSource
    var checker: AnswerChecker
    var tally = Tally()

    var openCount: Int
    var inFlight = 0
    /// Whether everything that was to be sent once was sent.
    var isExhausted = false
    /// Right answers and others since the last wake-up.
    var completedSinceReport = 0
    var errorsSinceReport = 0

    init(_ assignment: WorkerAssignment, poller: consuming Poller) {
        plan = assignment.plan
        thread = assignment.thread
        times = assignment.times
        progress = assignment.progress
        source = RequestSource(
            plan: plan,
            workload: assignment.workload,
            sessions: assignment.sessions,
            thread: assignment.thread
        )
        checker = AnswerChecker(workload: assignment.workload, omitsClaims: plan.omitsClaims)
        openCount = assignment.streams.count
        connections = .allocate(capacity: openCount)
        let frameBytesMax = assignment.workload.frameBytesMax
        for (index, stream) in assignment.streams.enumerated() {
            let connection = LoadConnection(
                owning: stream,
                depth: plan.depth,
                frameBytesMax: frameBytesMax,
                answerBytesMax: assignment.answerBytesMax
            )
            connections.initializeElement(at: index, to: connection)
        }
        self.poller = poller
    }

    /// Lets the poller watch every connection. To be called once, before anything is sent.
    func watchConnections() throws(SystemFault) {
        for index in connections.indices {
            try poller.add(connections[index].descriptor, tag: index)
        }
    }

    deinit {
        connections.deinitialize()
        connections.deallocate()
    }

    /// Whether sending goes on at this instant.
    func mustGoOn(at now: Int64) -> Bool {
        now < times.end && openCount > 0 && !isExhausted && !progress.isStopRequested
    }

    /// Waits for answers, and takes them.
    ///
    /// - Parameter refills: Whether a request takes the place of each answer.
    mutating func serve(nanosecondsMax: Int64, refills: Bool) {
        let count = poller.wait(nanosecondsMax: plan.spins ? 0 : nanosecondsMax)
        for place in 0..<count {
            let event = poller[place]
            guard connections[event.tag].isOpen else { continue }
            if event.isWritable { flush(event.tag) }
            receive(event.tag, refills: refills)
        }
        progress.add(completed: completedSinceReport, errors: errorsSinceReport)
        completedSinceReport = 0
        errorsSinceReport = 0
    }

    /// Waits for what is still unanswered, and gives up the rest.
    mutating func drain() {
        var now = MonotonicClock.now()
        let drainEnd = now + plan.drainNanoseconds
        while inFlight > 0, now < drainEnd {
            serve(nanosecondsMax: min(drainEnd - now, 100_000_000), refills: false)
            now = MonotonicClock.now()
        }
        for index in connections.indices {
            giveUp(index, at: now)
        }
        tally.sampled = checker.sampled
    }

    private mutating func giveUp(_ index: Int, at now: Int64) {
        guard connections[index].inFlightCount > 0 else { return }
        var overdue: [RequestInFlight] = []
        connections[index].endAll { overdue.append($0) }
        inFlight -= overdue.count
        for request in overdue {
            let waited = now - request.dueAt
            tally.operations[request.operation.rawValue].response.record(nanoseconds: waited)
            count(.requestTimeout, "\(request.operation.kind.name) had no answer after \(waited / 1_000_000) ms")
        }
    }
}

extension LoadWorker {
    /// Counts what went wrong.
    mutating func count(_ error: ErrorClass, times count: Int = 1, _ example: @autoclosure () -> String) {
        errorsSinceReport += count
        tally.errors.add(error, count: count, example())
    }

    /// Ends a connection, and everything that was underway on it.
    mutating func lose(_ index: Int, _ error: ErrorClass, _ example: @autoclosure () -> String) {
        let underway = connections[index].inFlightCount
        count(error, times: max(1, underway), example())
        inFlight -= underway
        openCount -= 1
        poller.remove(connections[index].descriptor)
        var unanswered: [RequestInFlight] = []
        connections[index].endAll { unanswered.append($0) }
        connections[index].abandon()
        for request in unanswered {
            if request.operation == .refresh { source.pool.sessions[Int(request.item)].outcomeUnknown() }
            source.finish(request)
        }
    }

    /// Writes what is queued on a connection, or waits until the socket takes more.
    mutating func flush(_ index: Int) {
        switch connections[index].write() {
        case .done, .ended: setWantsWriting(index, false)
        case .blocked: setWantsWriting(index, true)
        case .broken(let fault): lose(index, .reset, "\(fault)")
        }
    }

    private mutating func setWantsWriting(_ index: Int, _ wantsWriting: Bool) {
        guard connections[index].wantsWriting != wantsWriting else { return }
        connections[index].wantsWriting = wantsWriting
        poller.setWantsWriting(wantsWriting, connections[index].descriptor, tag: index)
    }

    /// Queues one request on a connection that has room; false if there was none to send.
    @inline(__always)
    mutating func send(on index: Int, dueAt: Int64, sentAt: Int64) -> Bool {
        switch source.draw() {
        case .success(let draw):
            source.withFrame(of: draw) { frame in
                connections[index].begin(draw.operation, item: draw.item, frame: frame, dueAt: dueAt, sentAt: sentAt)
            }
            inFlight += 1
            return true
        case .failure(.sessionStarved):
            count(.sessionStarved, "every session had a refresh underway: give more --sessions")
            return false
        case .failure(.exhausted):
            isExhausted = true
            return false
        }
    }
}
