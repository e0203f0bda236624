import MintmarkTestSupport
import Testing

@testable import MintmarkClient

/// A pool with a clock in milliseconds.
private final class Pool {
    var machine: PoolStateMachine
    var generator = SeededGenerator(seed: 1)
    var now: UInt64 = 0
    private var serial = 0

    init(connections: Int = 2, target: Int = 2, waiting: Int = 4, endpoints: Int = 1, isStarted: Bool = true) {
        machine = PoolStateMachine(
            settings: PoolSettings(
                connectionsMax: connections,
                requestsPerConnectionTarget: target,
                waitingMax: waiting,
                endpointCount: endpoints,
                connectTimeoutNanoseconds: Pool.nanoseconds(1_000),
                backoff: Backoff(initialNanoseconds: Pool.nanoseconds(100), maxNanoseconds: Pool.nanoseconds(400))
            )
        )
        if isStarted { machine.started() }
    }

    static func nanoseconds(_ milliseconds: UInt64) -> UInt64 { milliseconds * 1_000_000 }

    var instant: Instant { Instant(nanoseconds: Pool.nanoseconds(now)) }

    func submit() -> (call: CallID, placement: PoolStateMachine.Placement) {
        let call = CallID(slot: serial, serial: 0)
        serial += 1
        return (call, machine.submitted(call, at: instant))
    }

    var nextWakeup: Instant? { machine.nextWakeup }

    func nextAssignment() -> PoolStateMachine.Assignment? { machine.nextAssignment() }

    func nextDial() -> PoolStateMachine.Dial? { machine.nextDial(at: instant) }

    func fail(_ dial: PoolStateMachine.Dial, isTerminal: Bool = false) -> [CallID] {
        machine.dialFailed(dial.connection, isTerminal: isTerminal, at: instant, using: &generator)
    }

    func lose(_ connection: ConnectionID) {
        machine.lost(connection, at: instant, using: &generator)
    }

    /// Submits a call so that a connection is opened, opens it, and answers the call.
    func open(inFlightMax: Int = 8) throws -> ConnectionID {
        let (call, _) = submit()
        let dial = try #require(nextDial())
        _ = machine.dialSucceeded(dial.connection, inFlightMax: inFlightMax)
        let assignment = nextAssignment()
        #expect(assignment?.call == call)
        machine.answered(on: dial.connection)
        return dial.connection
    }
}

@Suite("Pool: calls")
struct PoolCallTests {
    @Test("nothing is opened before the client runs, and nothing without a call")
    func isLazy() {
        let pool = Pool(isStarted: false)
        let (_, placement) = pool.submit()
        #expect(placement == .wait)
        let early = pool.nextDial()
        #expect(early == nil)
        pool.machine.started()
        let dial = pool.nextDial()
        #expect(dial?.endpoint == 0)
        let second = pool.nextDial()
        #expect(second == nil)

        let idle = Pool()
        let none = idle.nextDial()
        #expect(none == nil)
    }

    @Test("calls wait in order; room is filled from the front")
    func order() throws {
        let pool = Pool(connections: 1)
        let connection = try pool.open(inFlightMax: 2)
        let placements = (0..<4).map { _ in pool.submit() }
        #expect(placements.map(\.placement) == [.send(connection), .send(connection), .wait, .wait])
        let full = pool.nextAssignment()
        #expect(full == nil)
        pool.machine.answered(on: connection)
        let assignment = pool.nextAssignment()
        #expect(assignment?.call == placements[2].call)
    }

    @Test("a new call does not overtake one that waits")
    func fairness() throws {
        let pool = Pool(connections: 1)
        let connection = try pool.open(inFlightMax: 1)
        _ = pool.submit()
        let (waiting, _) = pool.submit()
        pool.machine.answered(on: connection)
        let (_, placement) = pool.submit()
        #expect(placement == .wait)
        let assignment = pool.nextAssignment()
        #expect(assignment?.call == waiting)
    }

    @Test("a call that lost its connection goes before new ones, even beyond the queue's limit")
    func resubmission() throws {
        let pool = Pool(connections: 1, waiting: 2)
        let connection = try pool.open(inFlightMax: 1)
        let (sent, _) = pool.submit()
        let (first, _) = pool.submit()
        _ = pool.submit()
        pool.lose(connection)
        pool.machine.resubmitted(sent)
        let dial = try #require(pool.nextDial())
        _ = pool.machine.dialSucceeded(dial.connection, inFlightMax: 8)
        let order = (0..<3).map { _ in pool.nextAssignment()?.call }
        #expect(order[0] == sent)
        #expect(order[1] == first)
    }

    @Test("the queue takes as many calls as it may", arguments: [1, 4])
    func queueLimit(_ limit: Int) {
        let pool = Pool(waiting: limit)
        let placements = (0...limit).map { _ in pool.submit().placement }
        #expect(placements == Array(repeating: .wait, count: limit) + [.refuseFull])
    }

    @Test("a call that left the queue makes room")
    func withdrawal() {
        let pool = Pool(waiting: 1)
        let (call, _) = pool.submit()
        pool.machine.withdrawn(call)
        let (_, placement) = pool.submit()
        #expect(placement == .wait)
    }

    @Test("a socket that takes no more bytes gets no more requests")
    func writability() throws {
        let pool = Pool(connections: 1)
        let connection = try pool.open()
        pool.machine.writabilityChanged(of: connection, isWritable: false)
        let (call, placement) = pool.submit()
        #expect(placement == .wait)
        pool.machine.writabilityChanged(of: connection, isWritable: true)
        let assignment = pool.nextAssignment()
        #expect(assignment == PoolStateMachine.Assignment(call: call, connection: connection))
    }

    @Test("a connection that opens behind the end is not wanted")
    func stopped() throws {
        let pool = Pool()
        let (call, _) = pool.submit()
        let dial = try #require(pool.nextDial())
        let waiting = pool.machine.stopped()
        #expect(waiting == [call])
        let isWanted = pool.machine.dialSucceeded(dial.connection, inFlightMax: 1)
        #expect(!isWanted)
    }
}

@Suite("Pool: connections")
struct PoolConnectionTests {
    @Test("another connection is opened when every one has enough to do, up to the limit")
    func growth() throws {
        let pool = Pool(connections: 2, target: 2)
        let first = try pool.open()
        _ = pool.submit()
        let early = pool.nextDial()
        #expect(early == nil)
        _ = pool.submit()
        let dial = try #require(pool.nextDial())
        _ = pool.machine.dialSucceeded(dial.connection, inFlightMax: 8)
        let next = (0..<2).map { _ in pool.submit().placement }
        #expect(next == [.send(dial.connection), .send(dial.connection)])
        let beyond = pool.nextDial()
        #expect(beyond == nil)
        pool.machine.answered(on: first, count: 2)
        let (_, placement) = pool.submit()
        #expect(placement == .send(first))
    }

    @Test("a lost connection is replaced only when it is needed, and then at once")
    func replacement() throws {
        let pool = Pool()
        let connection = try pool.open()
        pool.lose(connection)
        let idle = pool.nextDial()
        #expect(idle == nil)
        _ = pool.submit()
        let dial = pool.nextDial()
        #expect(dial != nil)
        #expect(dial?.connection != connection)
    }

    @Test("connections that end before they answered are opened again with growing pauses")
    func flapping() throws {
        let pool = Pool()
        _ = pool.submit()
        var pauses: [UInt64] = []
        for _ in 0..<3 {
            let dial = try #require(pool.nextDial())
            _ = pool.machine.dialSucceeded(dial.connection, inFlightMax: 8)
            let call = try #require(pool.nextAssignment()?.call)
            pool.lose(dial.connection)
            pool.machine.resubmitted(call)
            let wakeup = try #require(pool.nextWakeup)
            pauses.append((wakeup.nanoseconds - pool.instant.nanoseconds) / 1_000_000)
            let early = pool.nextDial()
            #expect(early == nil)
            pool.now = wakeup.nanoseconds / 1_000_000 + 1
        }
        #expect((50...100).contains(pauses[0]))
        #expect((100...200).contains(pauses[1]))
        #expect((200...400).contains(pauses[2]))
    }
}

@Suite("Pool: rounds of attempts")
struct PoolRoundTests {
    @Test("endpoints are tried in turn without a pause, then there is one")
    func endpoints() throws {
        let pool = Pool(endpoints: 2)
        _ = pool.submit()
        let first = try #require(pool.nextDial())
        #expect(first.endpoint == 0)
        let none = pool.fail(first)
        #expect(none.isEmpty)
        let second = try #require(pool.nextDial())
        #expect(second.endpoint == 1)
        _ = pool.fail(second)
        let paused = pool.nextDial()
        #expect(paused == nil)
        pool.now = 100
        let third = pool.nextDial()
        #expect(third?.endpoint == 0)
    }

    @Test("after the connect time-out all who wait are told, and who comes during the pause is refused")
    func givingUp() throws {
        let pool = Pool()
        let (call, _) = pool.submit()
        var told: [CallID] = []
        var attempts = 0
        while told.isEmpty {
            if let dial = pool.nextDial() {
                attempts += 1
                told = pool.fail(dial)
            }
            pool.now += 1
        }
        #expect(told == [call])
        #expect((4...8).contains(attempts))
        #expect(pool.now <= 1_001)
        let (_, refused) = pool.submit()
        #expect(refused == .refuseUnconnected)
        let idle = pool.nextWakeup
        #expect(idle == nil)
        pool.now += 400
        let (_, placement) = pool.submit()
        #expect(placement == .wait)
        let dial = pool.nextDial()
        #expect(dial != nil)
    }

    @Test("a terminal failure is told at once and ends the round")
    func terminal() throws {
        let pool = Pool(endpoints: 2)
        let (call, _) = pool.submit()
        let dial = try #require(pool.nextDial())
        let told = pool.fail(dial, isTerminal: true)
        #expect(told == [call])
        let (_, placement) = pool.submit()
        #expect(placement == .refuseUnconnected)
    }

    @Test("an attempt is overdue when the round is", arguments: [(999, false), (1_000, true), (1_001, true)])
    func overdue(_ milliseconds: Int, _ isOverdue: Bool) throws {
        let pool = Pool()
        _ = pool.submit()
        let dial = try #require(pool.nextDial())
        let wakeup = pool.nextWakeup
        #expect(wakeup == Instant(nanoseconds: Pool.nanoseconds(1_000)))
        pool.now = UInt64(milliseconds)
        let overdue = pool.machine.overdueDial(at: pool.instant)
        #expect(overdue == (isOverdue ? dial.connection : nil))
    }

    @Test("calls wait on while another connection is open")
    func otherConnection() throws {
        let pool = Pool(connections: 2, target: 1)
        let connection = try pool.open(inFlightMax: 1)
        _ = pool.submit()
        let (waiting, _) = pool.submit()
        let dial = try #require(pool.nextDial())
        let told = pool.fail(dial, isTerminal: true)
        #expect(told.isEmpty)
        pool.machine.answered(on: connection)
        let assignment = pool.nextAssignment()
        #expect(assignment?.call == waiting)
    }

    @Test("an attempt that was given up counts no more")
    func lateFailure() throws {
        let pool = Pool()
        _ = pool.submit()
        let dial = try #require(pool.nextDial())
        _ = pool.fail(dial, isTerminal: true)
        let again = pool.fail(dial, isTerminal: true)
        #expect(again.isEmpty)
        let isWanted = pool.machine.dialSucceeded(dial.connection, inFlightMax: 1)
        #expect(!isWanted)
    }
}
