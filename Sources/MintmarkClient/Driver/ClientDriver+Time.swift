import NIOCore

extension ClientDriver {
    /// Deadlines are not looked at more often than this.
    private static let sweepIntervalNanoseconds: UInt64 = 1_000_000

    /// The alarm has rung.
    private func alarmRang() {
        alarm = nil
        let now = timekeeper.now()
        if pool.overdueDial(at: now) != nil { dialOverdue() }
        endPauses(at: now)
        endSilentConnections(at: now)
        if let nextDeadline, nextDeadline <= now { endOverdueCalls(at: now) }
        settle()
    }

    private func endPauses(at now: Instant) {
        while let id = pauses.popEnded(at: now) {
            guard calls.contains(id) else { continue }
            calls.update(id) { $0.place = .waiting }
            pool.resubmitted(id)
        }
    }

    private func endSilentConnections(at now: Instant) {
        for connection in Array(connections.values) {
            guard let end = silenceEnd(of: connection), end <= now else { continue }
            connection.end(MintmarkError(.connectionLost, "the server is silent"))
        }
    }

    /// Ends the calls whose time is over, and finds the next deadline.
    ///
    /// Most calls end long before their deadline. So deadlines are in no order; all calls are looked through when the
    /// earliest deadline that was ever seen since the last look has come.
    private func endOverdueCalls(at now: Instant) {
        var overdue: [CallID] = []
        var next: Instant?
        calls.forEach { record in
            if record.progress.deadline <= now {
                overdue.append(record.id)
            } else {
                next = .earliest(next, record.progress.deadline)
            }
        }
        nextDeadline = next.map { max($0, now.advanced(byNanoseconds: ClientDriver.sweepIntervalNanoseconds)) }
        for id in overdue {
            giveUpWaiting(id, overdueError(of: id))
        }
    }

    /// What is told to a call whose time is over. One that was never sent, because there was no connection to send it
    /// on, has not met a slow server: it has met none.
    private func overdueError(of id: CallID) -> MintmarkError {
        if calls[id]?.progress.attempts == 0, !pool.isConnected {
            return latestDialError ?? slowDial
        }
        let cause = latestDialError.map { ": \($0.message)" } ?? ""
        return MintmarkError(.deadlineExceeded, "the call's time is over\(cause)")
    }

    private func silenceEnd(of connection: ConnectionHandler) -> Instant? {
        connection.silentSince?.advanced(byNanoseconds: settings.silenceMaxNanoseconds)
    }

    /// Sets the alarm to the next moment at which something is due without any other event.
    func setAlarm(at now: Instant) {
        var next = Instant.earliest(pool.nextWakeup, calls.count > 0 ? nextDeadline : nil)
        next = .earliest(next, pauses.nextEnd)
        for connection in connections.values {
            next = .earliest(next, silenceEnd(of: connection))
        }
        if let alarm, let next, alarm.instant <= next { return }
        alarm?.cancel()
        alarm = nil
        guard let next else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        alarm = timekeeper.schedule(at: next, on: eventLoop) { bound.value.alarmRang() }
    }
}
