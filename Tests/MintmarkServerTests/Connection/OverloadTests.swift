import MintmarkSessions
import MintmarkWire
import NIOCore
import Synchronization
import Testing

@testable import MintmarkServer

/// What a connection answers whose requests have waited, on a clock of the test's own.
@Suite struct OverloadTests {
    private static let millisecond: UInt64 = 1_000_000
    private static let limit = 100 * millisecond

    private static func fixture(_ change: (inout TestServer.Options) -> Void = { _ in }) throws -> (
        ConnectionFixture, BurstClock
    ) {
        let clock = BurstClock()
        let connection = try ConnectionFixture { options in
            options.queueTimeNanoseconds = limit
            options.cacheBytes = 1 << 20
            options.burstClock = { clock.now }
            change(&options)
        }
        try connection.greet()
        // What comes from now on comes behind the greeting, however long it has waited.
        clock.advance(4 * limit)
        return (connection, clock)
    }

    /// Requests that have waited so long; then the loop does all that it has to do.
    private static func receive(_ bytes: [UInt8], waited: UInt64, _ connection: ConnectionFixture, _ clock: BurstClock)
    {
        connection.subject.received(bytes.span.bytes, arrival: clock.now - waited)
        connection.takeTurns()
    }

    /// Requests come too late for as long as the server has patience.
    private static func overload(_ connection: ConnectionFixture, _ clock: BurstClock) throws {
        for _ in 0...1 {
            receive(frame(ping, id: 1), waited: limit + 1, connection, clock)
            clock.advance(LoadShedding.patienceNanoseconds)
        }
        _ = try connection.answers()
    }

    @Test(arguments: [-1, 0, 1])
    func signingIsBusyFromTheLimitOn(excess: Int) throws {
        let (connection, clock) = try Self.fixture()
        let waited = UInt64(Int(Self.limit) + excess)
        for id: UInt32 in 1...3 {
            Self.receive(frame(SignRequest.test(), id: id), waited: waited, connection, clock)
            // Each came behind the one before.
            clock.advance(LoadShedding.patienceNanoseconds * 4 / 5)
        }
        let answers = try connection.answers()
        let busy: Status? = excess > 0 ? .busy : nil
        #expect(answers.map(\.status) == [nil, nil, busy])
        #expect(answers[2].error?.retryAfterMilliseconds == (excess > 0 ? 100 : nil))
        #expect(connection.count("shed_waiting") == (excess > 0 ? 1 : 0))
        #expect(connection.count("shed_memory") == 0)
    }

    /// What had waited for long when its connection was served last waits for that one's sake. That is refused where it is
    /// late again and again, and the loop is not overloaded by it.
    @Test func whoWaitsForItselfOverloadsNobody() throws {
        let (connection, clock) = try Self.fixture()
        Self.receive(frame(SignRequest.test(), id: 1), waited: 0, connection, clock)
        for id: UInt32 in 2...6 {
            clock.advance(Self.limit / 2)
            Self.receive(frame(SignRequest.test(), id: id), waited: Self.limit + 1, connection, clock)
        }
        let statuses = try connection.answers().map(\.status)
        #expect(statuses == [nil, nil, nil, .busy, .busy, .busy])
        clock.advance(2 * Self.limit)
        Self.receive(frame(SignRequest.test(), id: 9), waited: Self.limit, connection, clock)
        #expect(try connection.answers().map(\.status) == [nil])
    }

    /// What is cheap, and what is terminal, is answered as ever.
    @Test func onlyWhatCostsMuchIsRefused() throws {
        let (connection, clock) = try Self.fixture()
        try connection.receive(
            frame(SignRequest.test(), id: 1) + frame(MintmarkWire.OpenRequest.test(), id: 2)
        )
        let first = try connection.answers()
        let known = try first[0].decoded(as: SignResponse.self).accessToken
        let token = try first[1].decoded(as: OpenResponse.self).grant.refreshToken
        try Self.overload(connection, clock)
        let unknown = Array(known.dropLast()) + [known.last == 65 ? 81 : 65]
        let dead = Array(token.dropLast()) + [UInt8(ascii: "?")]
        let sessions = connection.sessionsCount
        let requests =
            frame(ping, id: 1) + frame(StatsRequest(), id: 2)
            + frame(VerifyRequest(accessToken: known, expectedAudience: .any), id: 3)
            + frame(VerifyRequest(accessToken: unknown, expectedAudience: .any), id: 4)
            + frame(SignRequest.test(), id: 5) + frame(MintmarkWire.OpenRequest.test(), id: 6)
            + frame(RefreshRequest(refreshToken: token), id: 7) + frame(RefreshRequest(refreshToken: dead), id: 8)
        Self.receive(requests, waited: Self.limit + 1, connection, clock)
        let answers = try connection.answers()
        #expect(answers.map(\.status) == [nil, nil, nil, .busy, .busy, .busy, .busy, .invalid])
        #expect(connection.sessionsCount == sessions)
        #expect(connection.count("shed_waiting") == 4)
        // Whoever has not waited is served, in overload too; the token that was refused is still good.
        try connection.receive(frame(SignRequest.test(), id: 9) + frame(RefreshRequest(refreshToken: token), id: 10))
        #expect(try connection.answers().map(\.status) == [nil, nil])
    }

    /// The window of a retry does not stop in overload, so a retry is answered.
    @Test func retriesAreServed() throws {
        let (connection, clock) = try Self.fixture()
        try connection.receive(frame(MintmarkWire.OpenRequest.test(), id: 1))
        let token = try connection.answers()[0].decoded(as: OpenResponse.self).grant.refreshToken
        try connection.receive(frame(RefreshRequest(refreshToken: token), id: 2))
        let successor = try connection.answers()[0].decoded(as: RefreshResponse.self).grant.refreshToken
        try Self.overload(connection, clock)
        let requests =
            frame(RefreshRequest(refreshToken: token), id: 3) + frame(RefreshRequest(refreshToken: successor), id: 4)
            + frame(MintmarkWire.OpenRequest.test(), id: 5)
        Self.receive(requests, waited: Self.limit + 1, connection, clock)
        let answers = try connection.answers()
        #expect(answers.map(\.status) == [nil, .busy, .busy])
        #expect(try answers[0].decoded(as: RefreshResponse.self).grant.refreshToken == successor)
    }

    /// Frames that were read together and had to wait for turns have waited since they came.
    @Test func turnsCount() throws {
        let (connection, clock) = try Self.fixture()
        try Self.overload(connection, clock)
        let count = 100 * Connection.framesPerClockReading
        let requests = (1...UInt32(count)).flatMap { frame(SignRequest.test(), id: $0) }
        clock.perReading = Connection.turnBurstNanosecondsMax
        connection.subject.received(requests.span.bytes)
        connection.takeTurns()
        let statuses = try connection.answers().map(\.status)
        let served = statuses.prefix { $0 == nil }.count
        #expect(statuses.count == count)
        #expect(statuses.dropFirst(served).allSatisfy { $0 == .busy })
        // A burst is as many frames as one reading is for, and three readings, 2.4 ms: in a quarter of the limit 11 are begun.
        #expect(served == 11 * Connection.framesPerClockReading)
    }

    /// A loop that has worked on what waits for the disk was not idle meanwhile.
    @Test func burstWhoseAnswersAreAllParkedIsNotedToItsEnd() throws {
        let (connection, clock) = try Self.fixture { $0.isJournalHeld = true }
        let opens = (1...UInt32(Connection.framesPerClockReading + 1)).flatMap {
            frame(MintmarkWire.OpenRequest.test(), id: $0)
        }
        clock.perReading = 1
        connection.subject.received(opens.span.bytes, arrival: clock.now)
        // The burst's end was the last time that the clock was read.
        #expect(connection.worker.lastReading == clock.now - 1)
    }

    /// A peer that takes no answers waits for nobody but itself.
    @Test func waitForRoomDoesNotCount() throws {
        let (connection, clock) = try Self.fixture()
        try Self.overload(connection, clock)
        connection.setWritable(false)
        let request = frame(SignRequest.test(), id: 1)
        connection.subject.received(request.span.bytes, arrival: clock.now)
        clock.advance(4 * Self.limit)
        #expect(try connection.answers().isEmpty)
        connection.setWritable(true)
        connection.takeTurns()
        #expect(try connection.answers().map(\.status) == [nil])
    }
}

/// Confined to one test, but for what asks.
final class BurstClock: Sendable {
    private let time = Atomic<UInt64>(10_000_000_000)
    private let step = Atomic<UInt64>(0)

    /// How much later each reading is than the one before.
    var perReading: UInt64 {
        get { step.load(ordering: .relaxed) }
        set { step.store(newValue, ordering: .relaxed) }
    }

    var now: UInt64 { time.add(perReading, ordering: .relaxed).newValue }

    func advance(_ nanoseconds: UInt64) {
        time.add(nanoseconds, ordering: .relaxed)
    }
}
