import MintmarkCrypto
import MintmarkEngine
import MintmarkSessions
import MintmarkTokens
import MintmarkWire
import NIOCore
import NIOEmbedded
import Testing

@testable import MintmarkServer

/// One connection without a socket: writability, time and loss come on command.
@Suite struct ConnectionHandlerTests {
    // MARK: The socket fills and empties

    /// What stands behind a fault is never begun, though the socket empties inside every single write.
    @Test func faultBehindAFlushThatFillsAndEmptiesTheSocket() throws {
        let connection = try ConnectionFixture(isReentrant: true)
        try connection.greet()
        try connection.receive(frame(ping, id: 1) + frame(ping, id: 0) + frame(MintmarkWire.OpenRequest.test(), id: 2))
        let answers = try connection.answers()
        #expect(answers.map(\.id) == [1, 0])
        #expect(answers.map(\.status) == [nil, .requestIDZero])
        #expect(connection.sessionsCount == 0)
    }

    /// A burst ends when it is the others' turn, though there is room again before its write returns.
    @Test func turnIsGivenUpThoughTheSocketEmptiesInsideTheWrite() throws {
        let connection = try ConnectionFixture(isReentrant: true)
        try connection.greet()
        let count = UInt32(3 * Connection.framesPerBurstMax)
        try connection.receive((1...count).flatMap { frame(ping, id: $0) }, runsLoop: false)
        #expect(try connection.answers().count == Connection.framesPerBurstMax)
        connection.takeTurns()
        #expect(try connection.answers().map(\.id) == Array(UInt32(Connection.framesPerBurstMax) + 1...count))
    }

    /// A burst also ends with the answer that reaches the bound on output, and goes on after the others' turn.
    @Test func turnIsGivenUpWhenThereIsMuchToWrite() throws {
        let connection = try ConnectionFixture()
        try connection.greet()
        let count = UInt32(Connection.framesPerBurstMax)
        try connection.receive((1...count).flatMap { frame(StatsRequest(), id: $0) }, runsLoop: false)
        let answers = try connection.answers()
        let byteCounts = answers.map { $0.body.count + FrameHeader.Layout.body }
        #expect(byteCounts.reduce(0, +) >= Connection.outputBytesPerBurstMax)
        #expect(byteCounts.dropLast().reduce(0, +) < Connection.outputBytesPerBurstMax)
        connection.takeTurns()
        #expect(try connection.answers().map(\.id) == Array(UInt32(answers.count) + 1...count))
    }

    @Test func stopInsideAFlushThatFillsAndEmptiesTheSocket() throws {
        let connection = try ConnectionFixture(isReentrant: true)
        try connection.greet()
        connection.spigot.onWrite = { connection.subject.shutDown() }
        let opens = (1...200).flatMap { frame(MintmarkWire.OpenRequest.test(), id: $0) }
        try connection.receive(opens)
        let answers = try connection.answers()
        // What the first burst took is answered, and nothing behind it is begun.
        #expect(answers.map(\.id) == Array(1...UInt32(connection.sessionsCount)) + [0])
        #expect(answers.last?.status == .shuttingDown)
        #expect((1..<200).contains(connection.sessionsCount))
    }

    @Test func endOfInputInsideAFlushThatFillsAndEmptiesTheSocket() throws {
        let connection = try ConnectionFixture(isReentrant: true)
        try connection.greet()
        connection.spigot.onWrite = { connection.endInput() }
        try connection.receive((1...200).flatMap { frame(MintmarkWire.OpenRequest.test(), id: $0) } + [0])
        #expect(try connection.answers().map(\.id) == Array(1...200))
        #expect(connection.sessionsCount == 200)
        #expect(!connection.channel.isActive)
    }

    @Test func connectionThatBreaksInsideAFlushBeginsNothingMore() throws {
        let connection = try ConnectionFixture(isReentrant: true)
        try connection.greet()
        connection.spigot.onWrite = { connection.channel.close(promise: nil) }
        try connection.receive((1...500).flatMap { frame(MintmarkWire.OpenRequest.test(), id: $0) })
        #expect((1...Connection.framesPerBurstMax).contains(connection.sessionsCount))
        #expect(connection.subject.input.readableBytes == 0)
    }

    // MARK: Time

    @Test func peerThatTakesBytesNowAndThenIsNotCut() throws {
        let connection = try ConnectionFixture()
        try connection.greet()
        connection.spigot.isOpen = false
        try connection.receive(frame(ping, id: 1))
        connection.setWritable(false)
        for _ in 0..<5 {
            // Just before the deadline the peer takes what there is, and another answer comes to wait.
            connection.advance(.seconds(60) - .nanoseconds(1))
            connection.spigot.drain()
            connection.spigot.isOpen = false
            connection.subject.worker.beginBurst(for: connection.subject)
            connection.subject.worker.appendError(WireError(.storage), requestID: 9)
            connection.subject.flushWriter()
            connection.advance(.nanoseconds(1))
            #expect(connection.channel.isActive)
        }
        connection.advance(.seconds(60))
        #expect(!connection.channel.isActive)
        #expect(connection.count("connections_stalled") == 1)
    }

    @Test func peerThatTakesNothingIsCut() throws {
        let connection = try ConnectionFixture()
        try connection.greet()
        connection.spigot.isOpen = false
        try connection.receive(frame(ping, id: 1))
        connection.setWritable(false)
        connection.advance(.seconds(60) - .nanoseconds(1))
        #expect(connection.channel.isActive)
        connection.advance(.nanoseconds(1))
        #expect(!connection.channel.isActive)
        #expect(connection.count("connections_stalled") == 1)
    }

    /// The handshake's deadline ends with it, and there is none for saying nothing.
    @Test func whoWasGreetedMaySayNothingForADay() throws {
        let connection = try ConnectionFixture { $0.timeouts.handshake = .seconds(10) }
        connection.advance(.seconds(10) - .nanoseconds(1))
        try connection.greet()
        connection.advance(.hours(24))
        try connection.receive(frame(ping, id: 1))
        #expect(try connection.answers().map(\.id) == [1])
    }

    /// While the server does not read, the peer cannot send the rest; when it reads again, the time begins anew.
    @Test func frameDeadlineStandsStillWhileTheServerDoesNotRead() throws {
        let connection = try ConnectionFixture { $0.timeouts.frame = .seconds(10) }
        try connection.greet()
        try connection.receive(frame(ping, id: 1) + [0])
        connection.advance(.seconds(9))
        connection.setWritable(false)
        connection.advance(.seconds(20))
        connection.setWritable(true)
        connection.advance(.seconds(10) - .nanoseconds(1))
        #expect(try connection.answers().map(\.id) == [1])
        connection.advance(.nanoseconds(1))
        #expect(try connection.answers().map(\.status) == [.frameTimeout])
    }

    @Test func frameDeadlineStandsStillWhileThereIsNoRoomForAnAnswer() throws {
        let connection = try ConnectionFixture {
            $0.isJournalHeld = true
            $0.inFlightMax = 1
            $0.timeouts.frame = .seconds(10)
        }
        try connection.greet()
        try connection.receive([0])
        connection.advance(.seconds(9))
        let open = frame(MintmarkWire.OpenRequest.test(), id: 1)
        try connection.receive(open.dropFirst() + [0])
        connection.advance(.seconds(20))
        connection.subject.releaseParked(through: LogSequenceNumber(1))
        connection.advance(.seconds(10) - .nanoseconds(1))
        #expect(try connection.answers().map(\.status) == [nil])
        connection.advance(.nanoseconds(1))
        #expect(try connection.answers().map(\.status) == [.frameTimeout])
    }

    @Test func frameDeadlineIsNotMovedByBytesThatCompleteNothing() throws {
        let connection = try ConnectionFixture { $0.timeouts.frame = .seconds(10) }
        try connection.greet()
        try connection.receive(bigEndian(60_000))
        for _ in 0..<10 {
            try connection.receive([0])
            connection.advance(.seconds(1) - .nanoseconds(1))
        }
        #expect(try connection.answers().isEmpty)
        connection.advance(.nanoseconds(10))
        #expect(try connection.answers().map(\.status) == [.frameTimeout])
    }

    /// A journal that hangs keeps no connection that has to end.
    @Test func endingConnectionDoesNotWaitForTheJournalForEver() throws {
        let connection = try ConnectionFixture {
            $0.isJournalHeld = true
            $0.timeouts.drain = .seconds(10)
        }
        try connection.greet()
        try connection.receive(frame(MintmarkWire.OpenRequest.test(), id: 1) + frame(ping, id: 0))
        connection.advance(.seconds(10) - .nanoseconds(1))
        #expect(try connection.answers().isEmpty)
        connection.advance(.nanoseconds(1))
        let answers = try connection.answers()
        #expect(answers.map(\.id) == [1, 0])
        #expect(answers.map(\.status) == [.storage, .requestIDZero])
    }

    /// Neither does a disk that takes too long for a snapshot: all that is parked is told at once, and then the fault.
    @Test func endingConnectionDoesNotWaitForASnapshotForEver() throws {
        let snapshots = HeldSnapshots()
        let connection = try ConnectionFixture {
            $0.isJournalHeld = true
            $0.snapshots = snapshots
            $0.timeouts.drain = .seconds(10)
        }
        try connection.greet()
        let parked = frame(SnapshotRequest(), id: 1) + frame(MintmarkWire.OpenRequest.test(), id: 2)
        try connection.receive(parked + frame(ping, id: 0))
        connection.advance(.seconds(10) - .nanoseconds(1))
        #expect(try connection.answers().isEmpty)
        connection.advance(.nanoseconds(1))
        let answers = try connection.answers()
        #expect(Set(answers.map(\.id).dropLast()) == [1, 2])
        #expect(answers.map(\.status) == [.storage, .storage, .requestIDZero])
        // What is published later finds nobody.
        snapshots.publish()
        connection.subject.worker.releaseParked()
        #expect(try connection.answers().isEmpty)
    }

    /// A peer that has ended its own side waits for its snapshot as long as one that has not, and for the journal as
    /// long as ever.
    @Test func peerThatEndedItsSideGetsItsSnapshotHoweverLongThatTakes() throws {
        let snapshots = HeldSnapshots()
        let connection = try ConnectionFixture {
            $0.isJournalHeld = true
            $0.snapshots = snapshots
            $0.timeouts.drain = .seconds(10)
        }
        try connection.greet()
        try connection.receive(frame(SnapshotRequest(), id: 1) + frame(MintmarkWire.OpenRequest.test(), id: 2))
        connection.endInput()
        connection.advance(.seconds(10))
        let lost = try connection.answers()
        #expect(lost.map(\.id) == [2])
        #expect(lost.map(\.status) == [.storage])
        connection.advance(.seconds(3_600))
        #expect(try connection.answers().isEmpty)
        snapshots.publish()
        connection.subject.worker.releaseParked()
        let answers = try connection.answers()
        #expect(answers.map(\.id) == [1])
        #expect(answers.map(\.status) == [nil])
        #expect(!connection.channel.isActive)
    }

    /// But not for longer than a stop may take.
    @Test func stopDoesNotWaitForTheSnapshotOfAPeerThatEndedItsSide() throws {
        let connection = try ConnectionFixture {
            $0.snapshots = HeldSnapshots()
            $0.timeouts.drain = .seconds(10)
        }
        try connection.greet()
        try connection.receive(frame(SnapshotRequest(), id: 1))
        connection.endInput()
        connection.advance(.seconds(3_600))
        connection.subject.shutDown()
        connection.advance(.seconds(10))
        #expect(try connection.answers().map(\.status) == [.storage])
        #expect(!connection.channel.isActive)
    }

    /// What became of a snapshot is noted before anything is written.
    @Test(arguments: [SnapshotProgress.Outcome.published, .failed])
    func releaseInsideWhichTheSocketFillsAndEmpties(outcome: SnapshotProgress.Outcome) throws {
        let snapshots = HeldSnapshots()
        let connection = try ConnectionFixture(isReentrant: true) {
            $0.snapshots = snapshots
            $0.inFlightMax = 2
        }
        try connection.greet()
        try connection.receive((1...3).flatMap { frame(SnapshotRequest(), id: $0) } + frame(ping, id: 0))
        #expect(snapshots.requestedCount == 2)
        if outcome == .published { snapshots.publish() } else { snapshots.fail() }
        connection.subject.worker.releaseParked()
        let status = outcome == .published ? nil : Status.storage
        #expect(try connection.answers().map(\.status) == [status, status])
        #expect(snapshots.requestedCount == 3)
        snapshots.publish()
        connection.subject.worker.releaseParked()
        #expect(try connection.answers().map(\.id) == [3, 0])
    }

    @Test func deadlineOfAFrameThatNobodyWaitsForIsNoFault() throws {
        let connection = try ConnectionFixture { $0.isJournalHeld = true }
        try connection.greet()
        try connection.receive(frame(MintmarkWire.OpenRequest.test(), id: 1) + [0])
        connection.subject.shutDown()
        connection.advance(.seconds(120))
        #expect(connection.count("connections_faults") == 0)
    }

    // MARK: What is kept and counted

    @Test func closedConnectionKeepsNoInput() throws {
        let connection = try ConnectionFixture()
        try connection.greet()
        try connection.receive(bigEndian(60_000) + [UInt8](repeating: 0, count: 50_000))
        #expect(connection.subject.input.readableBytes == 50_004)
        connection.channel.close(promise: nil)
        #expect(connection.subject.input.readableBytes == 0)
    }

    @Test func refusedAuthIsCounted() throws {
        let connection = try ConnectionFixture()
        try connection.greet()
        try connection.receive(frame(kind: Kind.auth.requestByte))
        #expect(try connection.answers().map(\.status) == [.authNotOwed])
        #expect(connection.count("requests_auth") == 1)
    }

    /// What is left is moved to the front only when it is the smaller part.
    @Test(arguments: [(1, 1), (49, 49), (50, 0), (99, 0), (100, 0)])
    func consumedBytesAreMovedRarely(count: Int, readerIndex: Int) {
        var bytes = ByteBuffer(bytes: 0..<100)
        bytes.consume(count)
        #expect(bytes.readerIndex == readerIndex)
        #expect(Array(bytes.readableBytesView) == Array(UInt8(count)..<100))
    }
}
