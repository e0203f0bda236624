import Glibc

/// When requests are sent.
extension LoadWorker {
    /// Runs from the plan's start to the last answer.
    mutating func run() -> WorkerResult {
        waitForStart()
        let startedAt = MonotonicClock.now()
        let processorStart = ProcessorTime.ofThread()
        switch plan.pace {
        case .closedLoop: runClosedLoop()
        case .openLoop(let arrival, let ratePerSecond):
            let schedule = ArrivalSchedule(arrival, ratePerSecond: ratePerSecond, seed: plan.seed)
            runOpenLoop(ScheduleShare(schedule, share: thread, of: plan.threads))
        }
        let processorNanoseconds = ProcessorTime.ofThread() - processorStart
        let endedAt = MonotonicClock.now()
        drain()
        return WorkerResult(
            tally: tally,
            processorNanoseconds: processorNanoseconds,
            wallNanoseconds: endedAt - startedAt,
            endedAt: endedAt
        )
    }

    private func waitForStart() {
        let rest = max(0, times.start - MonotonicClock.now())
        var pause = timespec(tv_sec: Int(rest / 1_000_000_000), tv_nsec: Int(rest % 1_000_000_000))
        nanosleep(&pause, nil)
    }

    /// Keeps every connection full: a request for each answer.
    private mutating func runClosedLoop() {
        for index in connections.indices {
            refill(index, at: MonotonicClock.now())
            flush(index)
        }
        while true {
            let now = MonotonicClock.now()
            guard mustGoOn(at: now) else { return }
            serve(nanosecondsMax: min(times.end - now, Self.waitNanosecondsMax), refills: true)
        }
    }

    /// Fills a connection. In a closed loop a request is due when there is room for it.
    mutating func refill(_ index: Int, at now: Int64) {
        guard now < times.end else { return }
        while connections[index].freeCount > 0 {
            guard send(on: index, dueAt: now, sentAt: now) else { return }
        }
    }

    /// Sends what the schedule says, on whichever connection has room.
    private mutating func runOpenLoop(_ share: ScheduleShare) {
        var dispatcher = Dispatcher(share: share)
        while true {
            let now = MonotonicClock.now()
            guard mustGoOn(at: now) else { break }
            let nextAt = dispatch(&dispatcher)
            let wakeAt = min(nextAt, times.end, now + Self.waitNanosecondsMax)
            serve(nanosecondsMax: wakeAt - MonotonicClock.now(), refills: false)
        }
        countUnsent(&dispatcher)
    }

    private mutating func countUnsent(_ dispatcher: inout Dispatcher) {
        // What else ended the run has its own name.
        guard MonotonicClock.now() >= times.end else { return }
        let measuredFrom = times.measuredFrom - times.start
        _ = dispatcher.share.skip(through: measuredFrom)
        let unsent = dispatcher.share.skip(through: times.end - times.start)
        tally.offered += unsent
        let example =
            dispatcher.isCapped
            ? "due, but not sent before the end: \(plan.connections) × \(plan.depth) requests were underway"
            : "due just before the end, when the generator did not get to send them"
        count(.notSentInFlightCap, times: unsent, example)
    }

    /// No wait is longer, so that a wish to stop is soon seen.
    private static let waitNanosecondsMax: Int64 = 100_000_000

    /// How far an open loop has come.
    struct Dispatcher {
        var share: ScheduleShare
        /// Where the search for room begins.
        var nextConnection = 0
        /// Whether all connections were full at the last try.
        var isCapped = false
        /// What was due before this instant may be late because all connections were full.
        var cappedUntil: Int64 = 0
        /// Connections with requests that were not written yet.
        var dirty: [Int] = []

        init(share: ScheduleShare) {
            self.share = share
        }
    }

    /// So many requests are sent before the clock is read again.
    private static let dispatchBatchMax = 32

    /// Sends everything that is due; returns when the next request is.
    private mutating func dispatch(_ dispatcher: inout Dispatcher) -> Int64 {
        while true {
            let now = MonotonicClock.now()
            let nextAt = dispatchBatch(&dispatcher, at: now)
            for index in dispatcher.dirty where connections[index].isOpen {
                flush(index)
            }
            dispatcher.dirty.removeAll(keepingCapacity: true)
            if dispatcher.isCapped { return times.end }
            if nextAt > now { return nextAt }
        }
    }

    private mutating func dispatchBatch(_ dispatcher: inout Dispatcher, at now: Int64) -> Int64 {
        for _ in 0..<Self.dispatchBatchMax {
            let dueAt = times.start + dispatcher.share.next
            guard dueAt <= now, dueAt < times.end else { return dueAt }
            guard let index = connectionWithRoom(&dispatcher) else {
                dispatcher.isCapped = true
                return dueAt
            }
            if dispatcher.isCapped {
                dispatcher.isCapped = false
                dispatcher.cappedUntil = now
            }
            if !connections[index].hasOutput { dispatcher.dirty.append(index) }
            let isSent = send(on: index, dueAt: dueAt, sentAt: now)
            guard !isExhausted else { return times.end }
            if times.measures(dueAt) {
                tally.offered += 1
                if isSent, dueAt > dispatcher.cappedUntil { tally.ownLag.record(nanoseconds: now - dueAt) }
            }
            dispatcher.share.advance()
        }
        return times.start + dispatcher.share.next
    }

    private func connectionWithRoom(_ dispatcher: inout Dispatcher) -> Int? {
        for _ in connections.indices {
            let index = dispatcher.nextConnection
            dispatcher.nextConnection = index + 1 == connections.count ? 0 : index + 1
            if connections[index].isOpen, connections[index].freeCount > 0 { return index }
        }
        return nil
    }
}
