/// When requests are sent.
extension LoadWorker where World: ~Copyable {
    /// Runs from the plan's start to the last answer.
    mutating func run() -> WorkerResult {
        world.sleep(until: times.start)
        let startedAt = tick()
        let processorStart = world.processorNanoseconds()
        switch plan.pace {
        case .closedLoop: runClosedLoop()
        case .openLoop(let arrival, let ratePerSecond):
            let schedule = ArrivalSchedule(
                arrival,
                ratePerSecond: ratePerSecond,
                ramp: plan.rampToPerSecond.map { ($0, plan.totalNanoseconds) },
                spike: plan.spike,
                seed: plan.seed
            )
            runOpenLoop(ScheduleShare(schedule, share: thread, of: plan.threads))
        }
        let processorNanoseconds = world.processorNanoseconds() - processorStart
        let endedAt = tick()
        drain()
        tally.tokenDraws = source.tokenDraws
        return WorkerResult(
            tally: tally,
            sessions: source.pool.sessions,
            processorNanoseconds: processorNanoseconds,
            idleNanoseconds: idleNanoseconds,
            wallNanoseconds: endedAt - startedAt,
            endedAt: endedAt
        )
    }

    /// Keeps every connection full: a request for each answer.
    private mutating func runClosedLoop() {
        for index in connections.indices {
            refill(index, at: tick())
            flush(index)
        }
        var servedAt = tick()
        while mustGoOn(at: servedAt) {
            let count = serve(nanosecondsMax: min(times.end - servedAt, waitNanosecondsMax), refills: true)
            let turnAt = servedAt
            servedAt = tick()
            if count == 0 { noteIdleTurn(from: turnAt, to: servedAt) }
        }
    }

    /// Fills a connection. In a closed loop a request is due when there is room for it.
    mutating func refill(_ index: Int, at now: Int64) {
        guard now < times.end else { return }
        while takes(index), hasRoom {
            guard send(on: index, dueAt: now, sentAt: now) else { return }
        }
    }

    /// Sends what the schedule says, on whichever connection has room.
    private mutating func runOpenLoop(_ share: ScheduleShare) {
        var dispatcher = Dispatcher(share: share)
        var now = tick()
        while mustGoOn(at: now) {
            let (turnAt, underway) = (now, inFlight)
            let nextAt = dispatch(&dispatcher)
            let wakeAt = min(nextAt, times.end, now + waitNanosecondsMax)
            let waitsFrom = world.now()
            tally.loopNanosecondsMax = max(tally.loopNanosecondsMax, waitsFrom - now)
            let count = serve(nanosecondsMax: wakeAt - waitsFrom, refills: false)
            now = tick()
            if count == 0, inFlight == underway { noteIdleTurn(from: turnAt, to: now) }
        }
        if mustGoOn(at: times.end - 1) {
            // What fell due in the last turn.
            _ = dispatch(&dispatcher)
        }
        countUnsent(&dispatcher)
    }

    /// A thread that never sleeps has asked in vain whether there is something to do.
    private mutating func noteIdleTurn(from: Int64, to now: Int64) {
        if plan.spins { idleNanoseconds += now - from }
    }

    private mutating func countUnsent(_ dispatcher: inout Dispatcher) {
        // What else ended the run has its own name.
        guard tick() >= times.end else { return }
        let measuredFrom = times.measuredFrom - times.start
        _ = dispatcher.share.skip(through: measuredFrom)
        let unsent = dispatcher.share.skip(through: times.end - times.start)
        tally.offered += unsent
        tally.notSent += unsent
        let example =
            dispatcher.isCapped
            ? "due, but not sent before the end: \(plan.underwayMax) requests were underway"
            : "due just before the end, when the generator did not get to send them"
        count(.notSentInFlightCap, times: unsent, example)
    }

    /// No wait is longer, so that a wish to stop is soon seen.
    private var waitNanosecondsMax: Int64 { 100_000_000 }

    /// So many requests are sent before the clock is read again.
    private var dispatchBatchMax: Int { 32 }

    /// Sends everything that is due; returns when the next request is.
    private mutating func dispatch(_ dispatcher: inout Dispatcher) -> Int64 {
        while true {
            let now = tick()
            let nextAt = dispatchBatch(&dispatcher, at: now)
            for index in dispatcher.dirty where connections[index].isOpen {
                flush(index)
            }
            dispatcher.dirty.removeAll(keepingCapacity: true)
            if dispatcher.isCapped { return times.end }
            if nextAt > now || nextAt >= times.end { return nextAt }
        }
    }

    private mutating func dispatchBatch(_ dispatcher: inout Dispatcher, at now: Int64) -> Int64 {
        for _ in 0..<dispatchBatchMax {
            let dueAt = times.start + dispatcher.share.next
            guard dueAt <= now, dueAt < times.end else { return dueAt }
            guard let index = connectionWithRoom(&dispatcher) else {
                if plan.onFull == .skip {
                    skip(&dispatcher, dueAt: dueAt, at: now)
                    continue
                }
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
            intervals.slice.offered += 1
            if isSent { intervals.recordLag(nanoseconds: now - dueAt) }
            if times.measures(dueAt) {
                tally.offered += 1
                if !isSent { tally.notSent += 1 }
                if isSent, dueAt > dispatcher.cappedUntil { tally.ownLag.record(nanoseconds: now - dueAt) }
            }
            dispatcher.share.advance()
        }
        return times.start + dispatcher.share.next
    }

    /// Counts a request that is due and finds no room.
    private mutating func skip(_ dispatcher: inout Dispatcher, dueAt: Int64, at now: Int64) {
        dispatcher.cappedUntil = now
        dispatcher.share.advance()
        intervals.slice.offered += 1
        intervals.slice.failed += 1
        if times.measures(dueAt) {
            tally.offered += 1
            tally.notSent += 1
        }
        let most = plan.underwayMax
        count(.notSentInFlightCap, "due, and skipped: \(most) requests were underway")
    }

    private func connectionWithRoom(_ dispatcher: inout Dispatcher) -> Int? {
        guard hasRoom else { return nil }
        for _ in connections.indices {
            let index = dispatcher.nextConnection
            dispatcher.nextConnection = index + 1 == connections.count ? 0 : index + 1
            if takes(index) { return index }
        }
        return nil
    }
}
