import MintmarkWire

/// The generator: one thread and its connections, in a world that tells the time and waits.
///
/// It is no task and has no event loop of others below it, because it must send faster than the server can answer:
/// requests are encoded beforehand, answers are judged where they lie, there is one write for each connection and
/// wake-up, and nothing is allocated for a request. Confined to the thread that runs it.
struct LoadWorker<World: LoadWorld & ~Copyable>: ~Copyable where World.Stream: Sendable {
    let plan: LoadPlan
    let thread: Int
    let times: RunTimes
    let progress: LoadProgress
    let world: World
    let connections: UnsafeMutableBufferPointer<LoadConnection<World.Stream>>
    let scanner = FrameScanner(lengthMax: Limits.frameLengthMaxCeiling)
    /// The most requests underway on this thread's connections.
    let inFlightMax: Int
    /// How often it is looked for requests that have waited too long.
    let sweepNanoseconds: Int64

    var source: RequestSource
    var checker: AnswerChecker
    var tally = Tally()
    var intervals: IntervalRecorder
    /// Right answers of the read that is being looked at, not recorded yet.
    var answerRun = AnswerRun()

    /// Connections that are open, and those that are being replaced.
    var openCount: Int
    /// Connections that are being replaced.
    var renewingCount = 0
    /// Requests without an answer, those that were given up included.
    var inFlight = 0
    /// Those of them that were given up.
    var givenUp = 0
    /// Whether everything that was to be sent once was sent.
    var isExhausted = false
    /// The last reading of the clock.
    var lastTickAt: Int64
    var sweepAt: Int64
    /// Spent on asking in vain whether there is something to do, by a thread that never sleeps.
    var idleNanoseconds: Int64 = 0
    /// Right answers and others since the last wake-up.
    var completedSinceReport = 0
    var errorsSinceReport = 0

    init(_ assignment: WorkerAssignment<World.Stream>, world: consuming World) {
        plan = assignment.plan
        thread = assignment.thread
        times = assignment.times
        progress = assignment.progress
        inFlightMax = plan.inFlightMax(ofThread: thread)
        // Often enough for a time-out to come at most a twentieth late, unless that would cost processor time.
        sweepNanoseconds = min(max(plan.timeoutNanoseconds / 20, 1_000_000), 100_000_000)
        source = RequestSource(
            plan: plan,
            workload: assignment.workload,
            sessions: assignment.sessions,
            thread: assignment.thread
        )
        checker = AnswerChecker(
            workload: assignment.workload,
            omitsClaims: plan.omitsClaims,
            samplePeriod: plan.samplePeriod
        )
        intervals = IntervalRecorder(start: times.start)
        lastTickAt = times.start
        sweepAt = times.start + sweepNanoseconds
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
        self.world = world
    }

    /// Lets the world watch every connection. To be called once, before anything is sent.
    func watchConnections() throws(SystemFault) {
        for index in connections.indices {
            try world.add(connections[index].stream, tag: index)
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

    /// Whether one more request may be underway.
    var hasRoom: Bool { inFlight < inFlightMax }

    /// Whether a connection takes one more request.
    @inline(__always)
    func takes(_ index: Int) -> Bool {
        connections[index].freeCount > 0 && connections[index].isOpen
            && connections[index].sentCount < plan.reconnectEvery ?? .max
    }
}

extension LoadWorker where World: ~Copyable {
    /// Reads the clock, and accounts for the time since the last reading.
    mutating func tick() -> Int64 {
        let now = world.now()
        let (from, to) = (max(lastTickAt, times.measuredFrom), min(now, times.end))
        if from < to { tally.inFlightNanoseconds += Double(inFlight) * Double(to - from) }
        lastTickAt = now
        if now >= intervals.endsAt { closeIntervals(at: now) }
        return now
    }

    private mutating func closeIntervals(at now: Int64) {
        while now >= intervals.endsAt {
            progress.add(intervals.close(inFlight: inFlight, connectionsOpen: openCount))
        }
    }

    /// Waits for answers, and takes them.
    ///
    /// - Parameter refills: Whether a request takes the place of each answer.
    /// - Returns: How many connections had something; 0 if it waited in vain.
    @discardableResult
    mutating func serve(nanosecondsMax: Int64, refills: Bool) -> Int {
        let count = world.wait(nanosecondsMax: plan.spins ? 0 : min(nanosecondsMax, sweepNanoseconds))
        for place in 0..<count {
            let event = world.event(place)
            guard event.tag >= 0 else {
                takeOpened(refills: refills)
                continue
            }
            guard connections[event.tag].isOpen else { continue }
            if event.isWritable { flush(event.tag) }
            receive(event.tag, refills: refills)
        }
        if lastTickAt >= sweepAt {
            sweepAt = lastTickAt + sweepNanoseconds
            giveUp(sentBefore: lastTickAt - plan.timeoutNanoseconds, at: lastTickAt)
        }
        progress.add(completed: completedSinceReport, errors: errorsSinceReport)
        completedSinceReport = 0
        errorsSinceReport = 0
        return count
    }

    /// Waits for what is still unanswered, and gives up the rest.
    mutating func drain() {
        var now = tick()
        let drainEnd = now + plan.drainNanoseconds
        while inFlight > givenUp, now < drainEnd {
            serve(nanosecondsMax: min(drainEnd - now, 100_000_000), refills: false)
            now = tick()
        }
        giveUp(sentBefore: .max, at: now)
        while renewingCount > 0, now < drainEnd {
            // A handshake that was begun is waited for, so that the server does not see it broken off.
            serve(nanosecondsMax: min(drainEnd - now, 100_000_000), refills: false)
            now = tick()
        }
        // What came meanwhile came too late.
        serve(nanosecondsMax: 0, refills: false)
        source.abandonRest()
        progress.add(intervals.close(inFlight: inFlight, connectionsOpen: openCount))
        tally.sampled = checker.sampled
    }

    /// Gives up requests that were sent before an instant. Their answers are still owed: until they come, a connection
    /// has less room, and their sessions are not used.
    private mutating func giveUp(sentBefore instant: Int64, at now: Int64) {
        guard inFlight > givenUp else { return }
        var overdue: [RequestInFlight] = []
        for index in connections.indices where connections[index].isOpen {
            connections[index].giveUp(sentBefore: instant) { overdue.append($0) }
        }
        givenUp += overdue.count
        for request in overdue {
            source.outcomeUnknown(request)
            intervals.slice.failed += 1
            if times.measures(request.dueAt) {
                tally.operations[request.operation.rawValue].timedOut += 1
                tally.operations[request.operation.rawValue].accepted.record(
                    request,
                    at: now,
                    isScheduled: plan.isOpenLoop
                )
            }
            let milliseconds = (now - request.sentAt) / 1_000_000
            count(.requestTimeout, "\(request.operation.name) had no answer \(milliseconds) ms after it was sent")
        }
    }
}

extension LoadWorker where World: ~Copyable {
    /// Counts what went wrong.
    mutating func count(_ error: ErrorClass, times count: Int = 1, _ example: @autoclosure () -> String) {
        errorsSinceReport += count
        tally.errors.add(error, count: count, at: lastTickAt - times.start, example())
        intervals.slice.errors[error.name, default: 0] += count
    }

    /// Counts a request that ended as it should not, and how long it took.
    mutating func fail(_ request: RequestInFlight) {
        guard !request.hasTimedOut else { return }
        intervals.slice.failed += 1
        guard times.measures(request.dueAt) else { return }
        tally.operations[request.operation.rawValue].failed.record(
            request,
            at: lastTickAt,
            isScheduled: plan.isOpenLoop
        )
    }

    /// Accounts for a request whose place is free again.
    @inline(__always)
    mutating func leave(_ request: RequestInFlight) {
        inFlight -= 1
        if request.hasTimedOut { givenUp -= 1 }
    }

    /// Ends a connection, and everything that was underway on it.
    mutating func lose(_ index: Int, _ error: ErrorClass, _ example: @autoclosure () -> String) {
        let underway = connections[index].inFlightCount
        count(error, times: max(1, underway), example())
        openCount -= 1
        world.remove(connections[index].stream)
        var unanswered: [RequestInFlight] = []
        connections[index].endAll { unanswered.append($0) }
        connections[index].abandon()
        for request in unanswered {
            leave(request)
            fail(request)
            source.outcomeUnknown(request)
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
        world.setWantsWriting(wantsWriting, connections[index].stream, tag: index)
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
            intervals.slice.sent += 1
            return true
        case .failure(.sessionStarved):
            intervals.slice.failed += 1
            count(.sessionStarved, "every session had a refresh underway: give more --sessions")
            return false
        case .failure(.exhausted):
            isExhausted = true
            return false
        }
    }
}
