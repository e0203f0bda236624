import MintmarkEngine
import MintmarkWire
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Testing

@testable import MintmarkServer

/// How much of what a peer has sent is answered in one go, on a clock of the test's own.
@Suite struct BurstTests {
    private static let framesPerReading = Connection.framesPerClockReading

    private static func fixture(_ change: (inout TestServer.Options) -> Void = { _ in }) throws -> (
        ConnectionFixture, BurstClock
    ) {
        let clock = BurstClock()
        let connection = try ConnectionFixture { options in
            options.burstClock = { clock.now }
            change(&options)
        }
        try connection.greet()
        return (connection, clock)
    }

    private static func pings(_ count: Int) -> [UInt8] {
        (1...UInt32(count)).flatMap { frame(ping, id: $0) }
    }

    /// How many requests were answered with each burst, when all have had their turn.
    private static func burstCounts(_ bytes: [UInt8], _ connection: ConnectionFixture) throws -> [Int] {
        try connection.receive(bytes)
        var counts: [Int] = []
        while let buffer = try connection.channel.readOutbound(as: ByteBuffer.self) {
            counts.append(try Answer.all(in: Array(buffer.readableBytesView)).count)
        }
        return counts
    }

    /// The first burst is short, and those behind it are long.
    @Test(arguments: [-1, 0, 1])
    func aBurstIsCutWhenItsTimeIsOver(excess: Int) throws {
        let (connection, clock) = try Self.fixture()
        clock.perReading = UInt64(Int(Connection.promptBurstNanosecondsMax) + excess)
        let prompt = excess < 0 ? 2 * Self.framesPerReading : Self.framesPerReading
        // As many readings as do not reach it, and one.
        let readings = Int((Connection.turnBurstNanosecondsMax + clock.perReading - 1) / clock.perReading)
        let turn = readings * Self.framesPerReading
        let counts = try Self.burstCounts(Self.pings(prompt + 2 * turn + 1), connection)
        #expect(counts == [prompt, turn, turn, 1])
    }

    @Test(arguments: [-1, 0, 1])
    func aTurnIsOverWhenItsTimeIs(excess: Int) throws {
        let (connection, clock) = try Self.fixture()
        clock.perReading = Connection.longBurstNanosecondsMin
        _ = try Self.burstCounts(Self.pings(1), connection)
        #expect(connection.subject.takesTurns)
        clock.perReading = UInt64(Int(Connection.turnBurstNanosecondsMax) + excess)
        let turn = excess < 0 ? 2 * Self.framesPerReading : Self.framesPerReading
        #expect(try Self.burstCounts(Self.pings(turn + 1), connection) == [turn, 1])
    }

    /// Many cheap requests do not keep others waiting as long as a few dear ones may.
    @Test(arguments: [-1, 0, 1])
    func aTurnWithManyFramesIsNoLongerThanAnyBurst(excess: Int) throws {
        let (connection, clock) = try Self.fixture()
        clock.perReading = Connection.longBurstNanosecondsMin
        _ = try Self.burstCounts(Self.pings(1), connection)
        #expect(connection.subject.takesTurns)
        let most = Connection.framesPerLongTurnMax
        clock.perReading = Connection.promptBurstNanosecondsMax / UInt64(most / Self.framesPerReading)
        let counts = try Self.burstCounts(Self.pings(most + excess), connection)
        #expect(counts == (excess > 0 ? [most, excess] : [most + excess]))
    }

    /// Whoever asks for what takes long takes turns until it does so no more.
    @Test(arguments: [-1, 0, 1])
    func aLongBurstLeadsToTurns(excess: Int) throws {
        let (connection, clock) = try Self.fixture()
        // From its beginning to its end.
        clock.perReading = UInt64(Int(Connection.longBurstNanosecondsMin) + excess)
        #expect(try Self.burstCounts(Self.pings(1), connection) == [1])
        #expect(connection.subject.takesTurns == (excess >= 0))
    }

    /// Some that are short, and a long one in between begins their count anew.
    @Test func shortBurstsEndTurns() throws {
        let (connection, clock) = try Self.fixture()
        for count in [1, Connection.shortBurstsOutOfTurns - 1, Connection.shortBurstsOutOfTurns] {
            clock.perReading = Connection.longBurstNanosecondsMin
            _ = try Self.burstCounts(Self.pings(1), connection)
            clock.perReading = 0
            for _ in 0..<count {
                #expect(connection.subject.takesTurns)
                _ = try Self.burstCounts(Self.pings(1), connection)
            }
        }
        #expect(!connection.subject.takesTurns)
    }

    /// What the disk, or the peer, has kept waiting goes on in its turn, and not with all others that it kept.
    @Test func aLongBurstGoesOnInItsTurnWhenThereIsRoom() throws {
        let (connection, clock) = try Self.fixture()
        clock.perReading = Connection.turnBurstNanosecondsMax / 4
        _ = try Self.burstCounts(Self.pings(2 * Self.framesPerReading), connection)
        connection.setWritable(false)
        try connection.receive(Self.pings(2 * Self.framesPerReading))
        connection.setWritable(true)
        #expect(try connection.answers().isEmpty)
        let isAwaitingTurn = connection.subject.machine.isAwaitingTurn
        #expect(isAwaitingTurn)
        connection.takeTurns()
        #expect(try connection.answers().count == 2 * Self.framesPerReading)
        // Whoever takes none goes on at once.
        clock.perReading = 0
        for _ in 1..<Connection.shortBurstsOutOfTurns {
            _ = try Self.burstCounts(Self.pings(1), connection)
        }
        try connection.receive(frame(ping))
        connection.setWritable(false)
        try connection.receive(frame(ping))
        _ = try connection.answers()
        connection.setWritable(true)
        #expect(try connection.answers().count == 1)
    }

    /// The audit log's disk can take long for each of them.
    @Test func aBurstEndsBehindAWaitForTheAuditLog() throws {
        let audit = SlowAuditLog()
        let (connection, clock) = try Self.fixture { $0.audit = audit }
        audit.onCommit { clock.advance(Connection.turnBurstNanosecondsMax) }
        let revokes = (1...3 as ClosedRange<UInt32>).flatMap { frame(RevokeRequest(.subject("nobody")), id: $0) }
        #expect(try Self.burstCounts(revokes + frame(ping, id: 4), connection) == [1, 1, 1, 1])
    }

    /// On a disk that is quick they go on.
    @Test func aBurstGoesOnBehindAQuickAuditLog() throws {
        let (connection, _) = try Self.fixture { $0.audit = SlowAuditLog() }
        let revokes = (1...3 as ClosedRange<UInt32>).flatMap { frame(RevokeRequest(.subject("nobody")), id: $0) }
        #expect(try Self.burstCounts(revokes, connection) == [3])
    }
}

/// An audit log that does something else before an event is kept.
private final class SlowAuditLog: AuditTrail {
    private let action = NIOLockedValueBox<@Sendable () -> Void>({})

    var isWritable: Bool { true }

    func onCommit(_ action: @escaping @Sendable () -> Void) {
        self.action.withLockedValue { $0 = action }
    }

    func commit(_ event: AuditEvent) -> Bool {
        action.withLockedValue { $0 }()
        return true
    }

    func record(_ event: AuditEvent) {}
}
