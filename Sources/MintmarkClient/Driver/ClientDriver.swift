import MintmarkWire
import NIOCore

/// Does what the state machines decide: takes calls from the inbox, opens and closes connections, sends requests,
/// completes calls, sets the alarm.
///
/// Confined to one event loop; only `inbox` is touched by others. Events change states; `settle` then performs everything
/// that follows from them, and writes once per connection.
final class ClientDriver {
    let eventLoop: any EventLoop
    let inbox: Inbox
    let settings: ClientSettings
    let timekeeper: any Timekeeper
    let observer: ClientObserver

    var generator: any RandomNumberGenerator & Sendable
    var pool: PoolStateMachine
    var calls = CallTable()
    /// The open connections.
    var connections: [ConnectionID: ConnectionHandler] = [:]
    /// The connection that is being opened.
    var dialing: ConnectionHandler?
    /// Why the latest attempt to open a connection failed.
    var latestDialError: MintmarkError?

    /// The calls between two attempts.
    var pauses = PauseQueue()
    /// No call's deadline lies before this.
    var nextDeadline: Instant?
    var alarm: Alarm?

    private var batch = Inbox.Batch()
    /// Connections with requests that are not flushed.
    private var unflushed: [ConnectionHandler] = []
    /// Names of ended calls, to be given back to the inbox.
    private var ended: [CallID] = []
    /// How many calls the observer knows of.
    private var observedCalls = 0
    private var isSettling = false
    private var mustSettleAgain = false
    private var life = Life.notStarted

    private enum Life {
        case notStarted
        case running(CheckedContinuation<Void, Never>)
        case finishing(CheckedContinuation<Void, Never>?)
        case stopped
    }

    init(
        eventLoop: any EventLoop,
        inbox: Inbox,
        settings: ClientSettings,
        timekeeper: any Timekeeper,
        observer: ClientObserver,
        generator: any RandomNumberGenerator & Sendable
    ) {
        self.eventLoop = eventLoop
        self.inbox = inbox
        self.settings = settings
        self.timekeeper = timekeeper
        self.observer = observer
        self.generator = generator
        pool = PoolStateMachine(settings: settings.pool)
    }
}

// MARK: - Life

extension ClientDriver {
    /// Connections may be opened. `stopped` is resumed when all are closed again.
    func start(_ stopped: CheckedContinuation<Void, Never>) {
        switch life {
        case .notStarted:
            life = .running(stopped)
            pool.started()
            settle()
        case .finishing(nil):
            life = .finishing(stopped)
            pool.started()
            settle()
        case .running, .finishing:
            preconditionFailure("run() was called twice")
        case .stopped:
            stopped.resume()
        }
    }

    /// The inbox was closed: when the calls that came before have ended, everything stops.
    func finish() {
        takeCalls()
        switch life {
        case .notStarted: life = .finishing(nil)
        case .running(let stopped): life = .finishing(stopped)
        case .finishing, .stopped: break
        }
        settle()
    }

    /// Everything stops now. Calls that have not ended fail.
    func stop() {
        inbox.close()
        takeCalls()
        let stopped: CheckedContinuation<Void, Never>?
        switch life {
        case .notStarted: stopped = nil
        case .running(let continuation): stopped = continuation
        case .finishing(let continuation): stopped = continuation
        case .stopped: return
        }
        life = .stopped
        _ = pool.stopped()
        failEverything(.shutDown)
        for connection in [dialing].compactMap({ $0 }) + Array(connections.values) {
            connection.end(.shutDown)
        }
        settle()
        stopped?.resume()
    }

    private func failEverything(_ error: MintmarkError) {
        var ids: [CallID] = []
        calls.forEach { ids.append($0.id) }
        for id in ids {
            giveUpWaiting(id, error)
        }
    }

    private var hasFinished: Bool {
        guard case .finishing = life else { return false }
        return calls.count == 0
    }
}

// MARK: - Calls

extension ClientDriver {
    /// Calls have come, or were cancelled.
    func inboxFilled() {
        takeCalls()
        settle()
    }

    private func takeCalls() {
        inbox.take(into: &batch)
        let now = timekeeper.now()
        for (id, call) in batch.submissions {
            admit(id, call, at: now)
        }
        for id in batch.cancellations {
            giveUpWaiting(id, MintmarkError(.cancelled, "the task was cancelled"))
        }
        batch.submissions.removeAll(keepingCapacity: batch.submissions.capacity <= 65_536)
        batch.cancellations.removeAll(keepingCapacity: true)
    }

    private func admit(_ id: CallID, _ call: Call, at now: Instant) {
        let deadline = now.advanced(byNanoseconds: call.timeoutNanoseconds)
        let progress = CallProgress(kind: call.kind, repetition: call.repetition, deadline: deadline)
        calls.insert(CallTable.Record(id: id, call: call, progress: progress, place: .waiting))
        guard deadline > now else {
            return finish(id, with: MintmarkError(.deadlineExceeded, "the call was given no time"))
        }
        switch pool.submitted(id, at: now) {
        case .send(let connection):
            send(id, on: connection, at: now)
        case .wait:
            break
        case .refuseFull:
            finish(id, with: MintmarkError(.queueFull, "\(settings.pool.waitingMax) calls wait for a connection"))
        case .refuseUnconnected:
            finish(id, with: latestDialError ?? MintmarkError(.cannotConnect, "there is no connection"))
        }
        nextDeadline = .earliest(nextDeadline, deadline)
    }

    /// Writes a request to a connection that the pool has chosen.
    func send(_ id: CallID, on connectionID: ConnectionID, at now: Instant) {
        guard let connection = connections[connectionID], let record = calls[id] else {
            preconditionFailure("the pool assigns a call that has ended, or to a connection that has ended")
        }
        let hasUnflushed = connection.hasUnflushed
        switch connection.send(id, kind: record.call.kind, frame: record.call.frame, at: now) {
        case .write(let requestID):
            calls.update(id) { record in
                record.progress.sent(at: now)
                record.place = .inFlight(connectionID, requestID: requestID)
            }
            if !hasUnflushed { unflushed.append(connection) }
        case .tooLong(let limit):
            pool.notWritten(on: connectionID)
            finish(id, with: MintmarkError(.invalidRequest, "the request is longer than the server's \(limit) bytes"))
        case .unavailable:
            preconditionFailure("the pool assigns a call to a connection without room")
        }
    }

    /// Ends a call, whose record must be in no queue any more.
    func finish(_ id: CallID, with error: MintmarkError) {
        guard let record = calls.remove(id) else { return }
        ended.append(id)
        record.call.completion(.failure(error.withOutcome(unknown: record.progress.isOutcomeUnknown)))
    }

    /// Ends a call with success.
    func finish(_ id: CallID, with answer: Answer) {
        guard let record = calls.remove(id) else { return }
        ended.append(id)
        record.call.completion(.success(answer))
    }

    /// Nobody waits for a call any more, wherever it is: it was cancelled, its time is over, or the client stops.
    func giveUpWaiting(_ id: CallID, _ error: MintmarkError) {
        // A cancellation may cross the end of its call.
        guard calls.contains(id) else { return }
        let place = calls.update(id) { record in
            if case .inFlight = record.place { record.progress.abandonedInFlight() }
            return record.place
        }
        switch place {
        case .waiting: pool.withdrawn(id)
        case .inFlight(let connection, let requestID):
            connections[connection]?.abandon(requestID, lateAnswer: calls[id]?.call.lateAnswer)
        case .pausing: pauses.withdraw(id)
        }
        finish(id, with: error)
    }
}

// MARK: - Settling

extension ClientDriver {
    /// Performs everything that follows from the present states. Called behind every event.
    func settle() {
        guard !isSettling else {
            mustSettleAgain = true
            return
        }
        isSettling = true
        let now = timekeeper.now()
        repeat {
            mustSettleAgain = false
            while let assignment = pool.nextAssignment() {
                send(assignment.call, on: assignment.connection, at: now)
            }
            if let next = pool.nextDial(at: now) {
                dial(next)
                mustSettleAgain = true
            }
            flush()
        } while mustSettleAgain
        isSettling = false
        observeCalls()
        if !ended.isEmpty {
            inbox.release(ended)
            ended.removeAll(keepingCapacity: ended.capacity <= 65_536)
        }
        if hasFinished { return stop() }
        setAlarm(at: now)
    }

    private func observeCalls() {
        guard calls.count != observedCalls else { return }
        observer.callsChanged(by: calls.count - observedCalls)
        observedCalls = calls.count
    }

    private func flush() {
        // Writing may end a connection, whose calls may then be sent on another.
        while let connection = unflushed.popLast() {
            connection.flush()
        }
    }
}
