import MintmarkSessions
import MintmarkWire
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import MintmarkServer

/// What a connection may hold, by itself and together with all others.
@Suite struct ConnectionMemoryTests {
    private static let bytesMax = 1 << 20

    @Test func servedConnectionHoldsNothing() throws {
        let connection = try ConnectionFixture()
        try connection.greet()
        try connection.receive((1...200).flatMap { frame(MintmarkWire.OpenRequest.test(), id: $0) })
        #expect(connection.memory.heldBytes == 0)
    }

    @Test func partOfAFrameIsHeldUntilItIsWhole() throws {
        let connection = try ConnectionFixture()
        try connection.greet()
        let bytes = frame(ping, id: 1)
        try connection.receive(Array(bytes.dropLast()))
        #expect(connection.memory.heldBytes == bytes.count - 1)
        try connection.receive([bytes[bytes.count - 1]])
        #expect(connection.memory.heldBytes == 0)
    }

    /// What five bytes keep alive is no read's whole buffer.
    @Test func fewBytesOfAFrameCostFewBytes() throws {
        let connection = try ConnectionFixture()
        try connection.greet()
        var buffer = ByteBufferAllocator().buffer(capacity: 64 * 1024)
        buffer.writeBytes(bigEndian(UInt32(Limits.frameLengthMax)) + [Kind.ping.requestByte])
        connection.channel.pipeline.fireChannelRead(buffer)
        #expect(connection.subject.input.readableBytes == 5)
        #expect(connection.subject.input.capacity <= 64)
    }

    @Test func parkedAnswersAreHeldUntilTheyAreReleased() throws {
        let connection = try ConnectionFixture { $0.isJournalHeld = true }
        try connection.greet()
        try connection.receive(frame(MintmarkWire.OpenRequest.test(), id: 1))
        // Room for a few answers is taken at once, and counted.
        let held = connection.memory.heldBytes
        #expect(held > 2 * 1024)
        for id: UInt32 in 2...16 {
            try connection.receive(frame(MintmarkWire.OpenRequest.test(), id: id))
        }
        #expect(connection.memory.heldBytes > connection.subject.parkedBytes + 16 * 32, "an answer has an entry, too")
        connection.subject.releaseParked(through: .max)
        #expect(connection.memory.heldBytes == 0)
    }

    @Test func closedConnectionHoldsNothing() throws {
        let connection = try ConnectionFixture { $0.isJournalHeld = true }
        try connection.greet()
        try connection.receive(frame(MintmarkWire.OpenRequest.test(), id: 1) + [0])
        #expect(connection.memory.heldBytes > 0)
        try connection.channel.close().wait()
        #expect(connection.memory.heldBytes == 0)
    }

    /// A socket that breaks inside a write takes everything with it, though much was written to it before.
    @Test func connectionThatBreaksInsideAWriteHoldsNothing() throws {
        let connection = try ConnectionFixture()
        try connection.greet()
        connection.spigot.onWrite = {
            connection.setWritable(false)
            connection.channel.close(promise: nil)
        }
        try connection.receive(frame(ping, id: 1))
        #expect(!connection.channel.isActive)
        #expect(connection.memory.heldBytes == 0)
    }

    @Test func outputIsHeldUntilItIsTaken() throws {
        let connection = try ConnectionFixture()
        try connection.greet()
        connection.spigot.isOpen = false
        try connection.receive(frame(ping, id: 1))
        #expect(connection.memory.heldBytes > 0)
        connection.spigot.drain()
        connection.subject.outputTaken()
        #expect(connection.memory.heldBytes == 0)
    }

    /// Also where the socket has not yet said that it takes no more.
    @Test func peerThatLeavesALittleIsCut() throws {
        let connection = try ConnectionFixture { $0.timeouts.write = .seconds(10) }
        try connection.greet()
        connection.spigot.isOpen = false
        try connection.receive(frame(ping, id: 1))
        connection.advance(.seconds(10) - .nanoseconds(1))
        #expect(connection.channel.isActive)
        connection.advance(.nanoseconds(1))
        #expect(!connection.channel.isActive)
        #expect(connection.count("connections_stalled") == 1)
    }

    /// The system tells of room only when there is much, so it is asked.
    @Test func peerThatTakesALittleUntoldIsNotCut() throws {
        let connection = try ConnectionFixture { $0.timeouts.write = .seconds(10) }
        try connection.greet()
        connection.spigot.isOpen = false
        try connection.receive(frame(ping, id: 1))
        connection.spigot.isOpen = true
        connection.advance(.seconds(10))
        #expect(connection.channel.isActive)
        #expect(connection.memory.heldBytes == 0)
        // The deadline of what is left the next time is another.
        connection.spigot.isOpen = false
        connection.advance(.seconds(9))
        try connection.receive(frame(ping, id: 2))
        connection.advance(.seconds(9))
        #expect(connection.channel.isActive)
        connection.advance(.seconds(1))
        #expect(!connection.channel.isActive)
    }

    // MARK: Of one connection

    /// The answer that reaches the bound on what waits for the disk is the last that is begun.
    @Test func noMoreIsTakenThanMayBeParked() throws {
        let connection = try ConnectionFixture { options in
            options.isJournalHeld = true
            options.inFlightMax = Limits.inFlightMaxCeiling
        }
        try connection.greet()
        let count: UInt32 = 3_000
        let claims = Array(#"{"padding":"\#(String(repeating: "x", count: 2_000))"}"#.utf8)
        let open = MintmarkWire.OpenRequest(claims: claims, subject: "user-1", audience: ["api"])
        for id in 1...count { try connection.receive(frame(open, id: id)) }
        let taken = connection.sessionsCount
        #expect(taken < Int(count))
        let parked = connection.subject.parkedBytes
        #expect(parked >= Connection.parkedBytesMax)
        #expect(parked - parked / taken < Connection.parkedBytesMax)
        var answered = 0
        while connection.subject.hasParked {
            connection.subject.releaseParked(through: .max)
            connection.takeTurns()
            answered += try connection.answers().count
        }
        #expect(answered == Int(count))
    }

    // MARK: Of all connections

    /// Whoever holds no more than its share is not to blame for what others hold.
    @Test func newSessionsAreMadeForThoseWhoHoldLittle() throws {
        let connection = try ConnectionFixture { $0.memoryBytesMax = Self.bytesMax }
        try connection.greet()
        connection.memory.add(Self.bytesMax)
        try connection.receive(frame(MintmarkWire.OpenRequest.test(), id: 1))
        #expect(try connection.answers().map(\.status) == [nil])
    }

    @Test(arguments: [-1, 0, 1])
    func newSessionsAreBusyFromTheBoundOn(excess: Int) throws {
        let connection = try ConnectionFixture { $0.memoryBytesMax = Self.bytesMax }
        try connection.greet()
        try connection.receive(frame(MintmarkWire.OpenRequest.test(), id: 1))
        let token = try #require(try connection.answers().first).decoded(as: OpenResponse.self).grant.refreshToken
        // It holds three bytes itself, and may hold one.
        connection.memory.add(Self.bytesMax + excess - 3)
        connection.fillConnections(Self.bytesMax)
        let dead = Array(token.dropLast()) + [UInt8(ascii: "?")]
        let refreshes = [token, dead].enumerated().flatMap {
            frame(RefreshRequest(refreshToken: $1), id: UInt32(3 + $0))
        }
        let requests = frame(MintmarkWire.OpenRequest.test(), id: 2) + refreshes + frame(ping, id: 5)
        try connection.receive(Array(requests.prefix(3)))
        try connection.receive(Array(requests.dropFirst(3)))
        let answers = try connection.answers()
        let busy: Status? = excess < 0 ? nil : .busy
        // Whose token is dead is told so, whatever the server holds.
        #expect(answers.map(\.status) == [busy, busy, .invalid, nil])
        #expect(answers[0].error?.retryAfterMilliseconds == (excess < 0 ? nil : 100))
        #expect(connection.sessionsCount == (excess < 0 ? 2 : 1))
    }

    /// One that holds more than the parts of a frame and of a record: answers that wait for the disk.
    private static func greedy(_ change: (inout TestServer.Options) -> Void = { _ in }) throws -> ConnectionFixture {
        let connection = try ConnectionFixture {
            $0.memoryBytesMax = bytesMax
            $0.isJournalHeld = true
            change(&$0)
        }
        try connection.greet()
        let claims = Array(#"{"padding":"\#(String(repeating: "x", count: 2_000))"}"#.utf8)
        let open = MintmarkWire.OpenRequest(claims: claims, subject: "user-1", audience: ["api"])
        for id: UInt32 in 1...40 { try connection.receive(frame(open, id: id)) }
        return connection
    }

    @Test func whoHoldsMoreThanAShareIsNotReadUntilThereIsRoom() throws {
        let connection = try Self.greedy()
        connection.memory.add(Self.bytesMax)
        // A share of one connection is everything: less than that is never held back.
        try connection.receive(frame(ping, id: 41))
        #expect(connection.takesAnotherRead())
        connection.fillConnections(Self.bytesMax)
        try connection.receive(frame(ping, id: 42))
        #expect(try connection.answers().map(\.id) == [41, 42], "what has come is served")
        #expect(!connection.takesAnotherRead())
        connection.advance(LoopWorker.holdBackPause)
        #expect(connection.spigot.readsCount == 0)
        #expect(connection.count("connections_held_back") == 1, "it is held back once")
        connection.memory.add(-Self.bytesMax)
        connection.advance(LoopWorker.holdBackPause)
        #expect(connection.spigot.readsCount == 1)
    }

    /// The deadline of a frame does not run while the server does not read its rest.
    @Test func deadlineOfAFrameStandsStillWhileTheConnectionIsHeldBack() throws {
        let connection = try Self.greedy { $0.timeouts.frame = .seconds(60) }
        connection.memory.add(Self.bytesMax)
        connection.fillConnections(Self.bytesMax)
        try connection.receive([0, 0])
        connection.advance(.seconds(120))
        #expect(try connection.answers().isEmpty)
        connection.makeDurable()
        #expect(try connection.answers().count == 40)
        connection.advance(.seconds(60) - .nanoseconds(1))
        #expect(try connection.answers().isEmpty)
        connection.advance(.nanoseconds(1))
        #expect(try connection.answers().map(\.status) == [.frameTimeout])
    }

    /// With the part of a frame alone nothing becomes less by waiting: it is read to its end, or to its deadline.
    @Test func partOfAFrameIsReadOnWhateverIsHeld() throws {
        let connection = try ConnectionFixture { $0.memoryBytesMax = Self.bytesMax }
        try connection.greet()
        connection.memory.add(Self.bytesMax)
        connection.fillConnections(Self.bytesMax)
        let count = Limits.frameLengthMax
        try connection.receive(bigEndian(UInt32(count)) + [UInt8](repeating: 0, count: count - 1))
        #expect(connection.memory.heldBytes == Self.bytesMax + count + 3)
        #expect(connection.takesAnotherRead())
        #expect(connection.count("connections_held_back") == 0)
        connection.advance(.seconds(60))
        #expect(try connection.answers().map(\.status) == [.frameTimeout])
    }

    /// Whoever takes a byte now and then keeps its connection, but not what others need: of that it takes half in time.
    @Test(arguments: [false, true], [1, 2])
    func whoTakesLittleIsCutWhereAllMemoryIsHeld(isExhausted: Bool, part: Int) throws {
        let connection = try ConnectionFixture {
            $0.memoryBytesMax = Self.bytesMax
            $0.timeouts.write = .seconds(10)
        }
        try connection.greet()
        connection.spigot.isOpen = false
        try connection.receive(frame(ping, id: 1))
        connection.setWritable(false)
        if isExhausted {
            connection.memory.add(Self.bytesMax)
            connection.fillConnections(Self.bytesMax)
        }
        // What was taken since then: one byte, or half of what was there.
        let takenCount = part == 1 ? 1 : connection.subject.deadlines.unsentCount / 2
        connection.subject.deadlines.takenCount -= takenCount
        connection.advance(.seconds(10))
        let isCut = isExhausted && part == 1
        #expect(connection.channel.isActive == !isCut)
        #expect(connection.count("connections_stalled") == (isCut ? 1 : 0))
    }

    /// However much others hold, and however little it was.
    @Test func whoTakesAllIsNotCut() throws {
        let connection = try ConnectionFixture {
            $0.memoryBytesMax = Self.bytesMax
            $0.timeouts.write = .seconds(10)
        }
        try connection.greet()
        connection.memory.add(Self.bytesMax)
        connection.fillConnections(Self.bytesMax)
        connection.spigot.isOpen = false
        try connection.receive(frame(ping, id: 1))
        connection.setWritable(false)
        connection.spigot.drain()
        connection.setWritable(true)
        connection.advance(.seconds(60))
        #expect(connection.channel.isActive)
    }

    /// What many have sent, and nothing else, fills the memory: everybody is answered, and nobody stays who has gone.
    @Test(arguments: [false, true], [false, true])
    func inputAloneHoldsNobodyUp(overTLS: Bool, endsInput: Bool) async throws {
        let clock = BurstClock()
        // A few requests are a turn: the rest of what was read with them stays in the input.
        clock.perReading = Connection.turnBurstNanosecondsMax
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source()
        try await withServer {
            $0.burstClock = { clock.now }
            $0.memoryBytesMax = 64 * 1024
            $0.tls = overTLS ? source : nil
        } _: { server in
            let token = [UInt8](repeating: UInt8(ascii: "x"), count: 4 * 1024)
            let request = VerifyRequest(accessToken: token, expectedAudience: .any)
            let bytes = (1...32).flatMap { frame(request, id: $0) }
            let clients = try (0..<16).map { _ in
                overTLS ? Self.peer(try server.connectTLS(certificates.client())) : Self.peer(try server.connect())
            }
            try server.whileItsLoopStands {
                for client in clients {
                    try client.send(bytes)
                    if endsInput { try client.endInput() }
                }
            }
            for client in clients {
                #expect(try (1...32).map { _ in try client.read() } == Array(1...32))
            }
            for client in clients { try client.endInput() }
            try server.awaitConnections(0)
            #expect(server.memory.heldBytes == 0)
        }
    }

    private struct Peer {
        let send: ([UInt8]) throws -> Void
        let read: () throws -> UInt32
        let endInput: () throws -> Void
    }

    private static func peer(_ client: RawClient) -> Peer {
        Peer(send: { try client.sendUnread($0) }, read: { try client.read().id }, endInput: { client.endInput() })
    }

    private static func peer(_ client: OpenSSLClient) -> Peer {
        Peer(send: { try client.send($0) }, read: { try client.read().id }, endInput: { try client.endOutput() })
    }
}
