/// One thread that opens connections, one after the other, and closes them again: what is measured is the handshake.
///
/// Confined to the thread that runs it.
struct HandshakeWorker<World: LoadWorld & ~Copyable>: ~Copyable {
    private let plan: LoadPlan
    private let times: RunTimes
    private let progress: LoadProgress
    private let queue: HandshakeQueue
    private let world: World

    private var tally = Tally()
    private var intervals: IntervalRecorder

    /// No sleep is longer, so that a wish to stop is soon seen.
    private static var sleepNanosecondsMax: Int64 { 100_000_000 }
    /// So long nothing is tried behind a failure in a closed loop: a server that is gone would be asked all the time.
    private static var failurePauseNanoseconds: Int64 { 10_000_000 }

    init(
        _ plan: LoadPlan,
        _ times: RunTimes,
        _ progress: LoadProgress,
        _ queue: HandshakeQueue,
        world: consuming World
    ) {
        self.plan = plan
        self.times = times
        self.progress = progress
        self.queue = queue
        self.world = world
        intervals = IntervalRecorder(start: times.start)
    }

    /// Runs from the plan's start to its end, or to the last handshake if there are no more to begin.
    mutating func run() -> WorkerResult {
        world.sleep(until: times.start)
        let startedAt = world.now()
        let processorStart = world.processorNanoseconds()
        while !progress.isStopRequested, world.now() < times.end {
            let takenAt = world.now()
            guard let next = queue.take(at: takenAt - times.start) else { break }
            let dueAt = times.start + next
            guard dueAt < times.end else {
                // What is measured goes on up to the end, though nothing is due any more.
                _ = wait(until: times.end)
                break
            }
            guard wait(until: dueAt) else { break }
            shakeHands(dueAt: dueAt, isPunctual: dueAt > takenAt)
        }
        let processorNanoseconds = world.processorNanoseconds() - processorStart
        let endedAt = world.now()
        countUnsent(at: endedAt)
        closeIntervals(at: endedAt)
        progress.add(intervals.close(inFlight: 0, connectionsOpen: 0))
        return WorkerResult(
            tally: tally,
            sessions: [],
            processorNanoseconds: processorNanoseconds,
            wallNanoseconds: endedAt - startedAt,
            endedAt: endedAt
        )
    }

    /// Sleeps; returns whether the run still goes on then.
    private mutating func wait(until instant: Int64) -> Bool {
        var now = world.now()
        while now < instant {
            guard !progress.isStopRequested else { return false }
            world.sleep(until: min(instant, now + Self.sleepNanosecondsMax))
            now = world.now()
            closeIntervals(at: now)
        }
        return true
    }

    /// - Parameter isPunctual: Whether the thread was there when it became due, so that its lateness is its own.
    private mutating func shakeHands(dueAt: Int64, isPunctual: Bool) {
        let sentAt = world.now()
        let dueAt = plan.isOpenLoop ? dueAt : sentAt
        closeIntervals(at: sentAt)
        count(dueAt: dueAt, sentAt: sentAt, isPunctual: isPunctual)
        var stepsAt: [(step: HandshakeStep, at: Int64)] = []
        let request = RequestInFlight(requestID: 0, operation: .handshake, item: 0, dueAt: dueAt, sentAt: sentAt)
        do throws(LoadFailure) {
            let stream = try world.connect(nanosecondsMax: plan.timeoutNanoseconds) { step in
                stepsAt.append((step, world.now()))
            }
            let now = world.now()
            stream.endOutput()
            complete(request, at: now)
        } catch {
            fail(request, error)
        }
        if times.measures(dueAt) { record(stepsAt, from: sentAt) }
        let now = world.now()
        let (from, to) = (max(sentAt, times.measuredFrom), min(now, times.end))
        if from < to { tally.inFlightNanoseconds += Double(to - from) }
    }

    private mutating func record(_ stepsAt: [(step: HandshakeStep, at: Int64)], from sentAt: Int64) {
        var beganAt = sentAt
        for (step, endedAt) in stepsAt {
            tally.handshakeSteps[step.rawValue].record(nanoseconds: endedAt - beganAt)
            beganAt = endedAt
        }
    }

    private mutating func count(dueAt: Int64, sentAt: Int64, isPunctual: Bool) {
        intervals.slice.sent += 1
        guard plan.isOpenLoop else { return }
        intervals.slice.offered += 1
        intervals.recordLag(nanoseconds: sentAt - dueAt)
        guard times.measures(dueAt) else { return }
        tally.offered += 1
        if isPunctual { tally.ownLag.record(nanoseconds: sentAt - dueAt) }
    }

    private mutating func complete(_ request: RequestInFlight, at now: Int64) {
        closeIntervals(at: now, underway: 1)
        intervals.recordResponse(.handshake, nanoseconds: now - request.dueAt)
        progress.add(completed: 1, errors: 0)
        tally.lastAnswerAt = now
        if times.measures(now) { tally.operations[LoadOperation.handshake.rawValue].completed += 1 }
        guard times.measures(request.dueAt) else { return }
        tally.operations[LoadOperation.handshake.rawValue].accepted.record(
            request,
            at: now,
            isScheduled: plan.isOpenLoop
        )
    }

    private mutating func fail(_ request: RequestInFlight, _ failure: LoadFailure) {
        let now = world.now()
        closeIntervals(at: now, underway: 1)
        // Whoever ends the run breaks off what is underway.
        guard failure != .interrupted else { return }
        count(failure.connectionError, at: now, failure.message)
        intervals.slice.failed += 1
        if times.measures(request.dueAt) {
            tally.operations[LoadOperation.handshake.rawValue].failed.record(
                request,
                at: now,
                isScheduled: plan.isOpenLoop
            )
        }
        if !plan.isOpenLoop { _ = wait(until: min(now + Self.failurePauseNanoseconds, times.end)) }
    }

    private mutating func count(
        _ error: ErrorClass,
        times count: Int = 1,
        at now: Int64,
        _ example: @autoclosure () -> String
    ) {
        tally.errors.add(error, count: count, at: now - times.start, example())
        intervals.slice.errors[error.name, default: 0] += count
        progress.add(completed: 0, errors: count)
    }

    /// Counts what was due and never begun, because every thread was busy up to the end.
    private mutating func countUnsent(at now: Int64) {
        guard plan.isOpenLoop, now >= times.end else { return }
        var unsent = 0
        while let next = queue.take(at: 0), times.start + next < times.end {
            if times.measures(times.start + next) { unsent += 1 }
        }
        guard unsent > 0 else { return }
        tally.offered += unsent
        tally.notSent += unsent
        let example = "due, but not begun before the end: \(plan.threads) handshakes were underway"
        count(.notSentInFlightCap, times: unsent, at: now, example)
    }

    /// - Parameter underway: Handshakes that have gone on since the last call; each is a connection, and is closed when
    ///   it is done.
    private mutating func closeIntervals(at now: Int64, underway: Int = 0) {
        while now >= intervals.endsAt {
            progress.add(intervals.close(inFlight: underway, connectionsOpen: underway))
        }
    }
}
