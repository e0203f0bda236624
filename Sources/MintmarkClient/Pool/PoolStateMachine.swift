/// Which connection a request goes to, when another is opened, and who waits.
///
/// Pure: no sockets, no tasks, no clock. Time and randomness come in as parameters. Events are reported by the methods
/// named after them; then the driver asks `nextAssignment` and `nextDial` what is to be done now, until both say nothing.
///
/// At most one connection is being opened at a time. Attempts form a *round* that begins when one is needed: each
/// endpoint in turn, a pause, again, until `connectTimeout` has passed since the round began. Then every waiting call is
/// told, and calls that come during the last pause are refused at once.
struct PoolStateMachine: ~Copyable {
    private enum Dialing {
        /// Nothing is under way. The endpoint is the one to try next.
        case resting(endpoint: Int)
        /// A connection is being opened.
        case dialing(ConnectionID, endpoint: Int)
        /// An attempt failed. If `refusing`, the round is over.
        case pausing(until: Instant, refusing: Bool)
    }

    private enum Lifecycle {
        /// Calls may come, and wait.
        case notStarted
        case running
        /// Nothing happens any more.
        case stopped
    }

    private let settings: PoolSettings
    private var lifecycle = Lifecycle.notStarted
    private var members: [PoolMember] = []
    private var waiting = WaitingQueue()
    private var dialing = Dialing.resting(endpoint: 0)
    private var roundStart: Instant?
    /// Attempts that failed, and connections that were lost before they answered anything, in a row.
    private var failures = 0
    private var nextConnection: UInt64 = 1

    init(settings: PoolSettings) {
        self.settings = settings
    }
}

// MARK: - Calls

extension PoolStateMachine {
    /// What becomes of a new call.
    enum Placement: Hashable {
        /// Send it on this connection.
        case send(ConnectionID)
        /// It waits; `nextAssignment` will name it.
        case wait
        /// As many calls wait as may.
        case refuseFull
        /// No connection could be opened lately.
        case refuseUnconnected
    }

    /// A new call has come.
    mutating func submitted(_ call: CallID, at now: Instant) -> Placement {
        if waiting.isEmpty, let index = leastLoadedMember() {
            members[index].inFlight += 1
            return .send(members[index].id)
        }
        if members.isEmpty, case .pausing(let until, true) = dialing, now < until { return .refuseUnconnected }
        guard waiting.count < settings.waitingMax else { return .refuseFull }
        waiting.append(call)
        return .wait
    }

    /// A call lost its connection, or its pause is over, and it is to be sent again. It was let in before: it always
    /// gets a place.
    mutating func resubmitted(_ call: CallID) {
        waiting.resume(call)
    }

    /// A waiting call waits no longer.
    mutating func withdrawn(_ call: CallID) {
        waiting.remove(call)
    }

    /// A waiting call, and the connection to send it on.
    struct Assignment: Hashable {
        let call: CallID
        let connection: ConnectionID
    }

    /// The next waiting call that has a connection now.
    mutating func nextAssignment() -> Assignment? {
        guard !waiting.isEmpty, let index = leastLoadedMember(), let call = waiting.popFirst() else { return nil }
        members[index].inFlight += 1
        return Assignment(call: call, connection: members[index].id)
    }

    private func leastLoadedMember() -> Int? {
        var best: Int?
        for index in members.indices where members[index].hasRoom {
            if best.map({ members[index].inFlight < members[$0].inFlight }) ?? true { best = index }
        }
        return best
    }
}

// MARK: - Connections

extension PoolStateMachine {
    /// Requests on a connection were answered, or were not written after all.
    mutating func answered(on connection: ConnectionID, count: Int = 1) {
        guard let index = index(of: connection) else { return }
        members[index].inFlight -= count
        members[index].hasAnswered = true
        failures = 0
    }

    /// A request that was assigned to a connection was not written.
    mutating func notWritten(on connection: ConnectionID) {
        guard let index = index(of: connection) else { return }
        members[index].inFlight -= 1
    }

    /// A connection's socket takes more bytes, or takes no more for now.
    mutating func writabilityChanged(of connection: ConnectionID, isWritable: Bool) {
        guard let index = index(of: connection) else { return }
        members[index].isWritable = isWritable
    }

    /// A connection has ended.
    mutating func lost(_ connection: ConnectionID, at now: Instant, using generator: inout some RandomNumberGenerator) {
        guard let index = index(of: connection) else { return }
        let hadAnswered = members.remove(at: index).hasAnswered
        guard !hadAnswered, case .resting = dialing else { return }
        // A server that takes connections and ends them is as good as none.
        if roundStart == nil { roundStart = now }
        failures += 1
        let pause = settings.backoff.nanoseconds(afterFailures: failures, using: &generator)
        dialing = .pausing(until: now.advanced(byNanoseconds: pause), refusing: false)
    }

    /// Whether any connection takes requests.
    var isConnected: Bool { !members.isEmpty }

    private func index(of connection: ConnectionID) -> Int? {
        members.firstIndex { $0.id == connection }
    }
}

// MARK: - Opening connections

extension PoolStateMachine {
    /// A connection to open.
    struct Dial: Hashable {
        let connection: ConnectionID
        /// Which of the endpoints to try.
        let endpoint: Int
    }

    /// The connection to open now, if one is needed.
    mutating func nextDial(at now: Instant) -> Dial? {
        guard needsConnection else { return nil }
        let endpoint: Int
        switch dialing {
        case .resting(let next): endpoint = next
        case .pausing(let until, _) where until <= now: endpoint = 0
        case .pausing, .dialing: return nil
        }
        if roundStart == nil { roundStart = now }
        let connection = ConnectionID(number: nextConnection)
        nextConnection += 1
        dialing = .dialing(connection, endpoint: endpoint)
        return Dial(connection: connection, endpoint: endpoint)
    }

    /// The connection whose opening takes too long. Close it, and report `dialFailed`.
    func overdueDial(at now: Instant) -> ConnectionID? {
        guard case .dialing(let connection, _) = dialing, let roundEnd, roundEnd <= now else { return nil }
        return connection
    }

    /// A connection is open. False if it is not wanted any more.
    mutating func dialSucceeded(_ connection: ConnectionID, inFlightMax: Int) -> Bool {
        guard case .dialing(connection, _) = dialing, lifecycle != .stopped else { return false }
        dialing = .resting(endpoint: 0)
        roundStart = nil
        members.append(PoolMember(id: connection, inFlightMax: inFlightMax))
        return true
    }

    /// A connection could not be opened. Returns the calls that need not wait any longer.
    ///
    /// - Parameter isTerminal: Whether trying again, or elsewhere, is of no use.
    mutating func dialFailed(
        _ connection: ConnectionID,
        isTerminal: Bool,
        at now: Instant,
        using generator: inout some RandomNumberGenerator
    ) -> [CallID] {
        guard case .dialing(connection, let endpoint) = dialing, let roundEnd else { return [] }
        if !isTerminal, endpoint + 1 < settings.endpointCount, now < roundEnd {
            dialing = .resting(endpoint: endpoint + 1)
            return []
        }
        failures += 1
        let pause = settings.backoff.nanoseconds(afterFailures: failures, using: &generator)
        let until = now.advanced(byNanoseconds: pause)
        let isOver = isTerminal || until >= roundEnd
        dialing = .pausing(until: until, refusing: isOver)
        guard isOver else { return [] }
        roundStart = nil
        return members.isEmpty ? waiting.removeAll() : []
    }

    private var needsConnection: Bool {
        guard lifecycle == .running, members.count < settings.connectionsMax else { return false }
        if !waiting.isEmpty { return true }
        return !members.isEmpty && members.allSatisfy { $0.inFlight >= settings.requestsPerConnectionTarget }
    }

    private var roundEnd: Instant? { roundStart?.advanced(byNanoseconds: settings.connectTimeoutNanoseconds) }
}

// MARK: - Time and life

extension PoolStateMachine {
    /// When the driver must come back, if nothing happens before.
    var nextWakeup: Instant? {
        switch dialing {
        case .resting: nil
        case .dialing: roundEnd
        case .pausing(let until, _): needsConnection ? until : nil
        }
    }

    /// Connections may be opened from now on.
    mutating func started() {
        if lifecycle == .notStarted { lifecycle = .running }
    }

    /// Everything ends. Returns the calls that waited.
    mutating func stopped() -> [CallID] {
        lifecycle = .stopped
        members.removeAll()
        return waiting.removeAll()
    }
}
