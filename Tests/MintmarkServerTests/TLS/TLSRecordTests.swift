import MintmarkWire
import NIOCore
import NIOEmbedded
import Testing

@testable import MintmarkServer

/// Records of TLS that do not end: TLS keeps what has come of one, and neither time nor memory of it is free.
@Suite struct TLSRecordTests {
    /// Three records, the second without a body, and a part of a fourth.
    private static let stream: [UInt8] =
        [23, 3, 3, 0, 2, 1, 2] + [23, 3, 3, 0, 0] + [23, 3, 3, 1, 1] + [UInt8](repeating: 9, count: 257) + [23, 3]

    @Test(arguments: 1..<stream.count)
    func partsAreCountedHoweverTheyAreCut(count: Int) {
        let ends = [7, 12, 12 + 262]
        var meter = TLSRecordMeter()
        for start in stride(from: 0, to: Self.stream.count, by: count) {
            let piece = Array(Self.stream[start..<min(start + count, Self.stream.count)])
            meter.add(piece.span.bytes)
            let come = start + piece.count
            #expect(meter.partialByteCount == come - (ends.last { $0 <= come } ?? 0))
        }
        #expect(meter.partialByteCount == 2)
    }

    // MARK: Without sockets, in time that stands still

    private static let frameTimeout = TimeAmount.milliseconds(700)

    private static func established() throws -> (ConnectionFixture, EmbeddedTLSClient) {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source()
        let fixture = try ConnectionFixture {
            $0.tls = source
            $0.timeouts.frame = frameTimeout
        }
        let client = try EmbeddedTLSClient(fixture, certificates)
        try client.greet()
        return (fixture, client)
    }

    @Test(arguments: [1, 4, 5, 6, 20])
    func aRecordHasTheDeadlineOfAFrame(byteCount: Int) throws {
        let (fixture, client) = try Self.established()
        let record = try client.encrypt(frame(ping, id: 1))
        try client.deliver(Array(record.prefix(byteCount)))
        fixture.advance(Self.frameTimeout - .nanoseconds(1))
        #expect(try client.answers().isEmpty)
        fixture.advance(.nanoseconds(1))
        #expect(try client.answers().map(\.status) == [.frameTimeout])
    }

    @Test func whatCompletesTheRecordInTimeIsAnswered() throws {
        let (fixture, client) = try Self.established()
        let record = try client.encrypt(frame(ping, id: 1))
        try client.deliver(Array(record.dropLast()))
        fixture.advance(Self.frameTimeout - .nanoseconds(1))
        try client.deliver(Array(record.suffix(1)))
        #expect(try client.answers().map(\.status) == [nil])
        // Between frames nothing runs.
        fixture.advance(Self.frameTimeout + .nanoseconds(1))
        #expect(try client.answers().isEmpty)
        #expect(fixture.channel.isActive)
    }

    /// Neither more bytes of a record nor another record of the same frame begin the deadline anew.
    @Test func moreOfTheSameMovesNoDeadline() throws {
        let (fixture, client) = try Self.established()
        let bytes = frame(ping, id: 1)
        let half = Self.frameTimeout - .milliseconds(400)
        let first = try client.encrypt(Array(bytes.prefix(4)))
        try client.deliver(Array(first.prefix(9)))
        fixture.advance(half)
        try client.deliver(Array(first.dropFirst(9)))
        let second = try client.encrypt(Array(bytes[4..<6]))
        try client.deliver(Array(second.prefix(9)))
        fixture.advance(.milliseconds(400) - .nanoseconds(1))
        #expect(try client.answers().isEmpty)
        fixture.advance(.nanoseconds(1))
        #expect(try client.answers().map(\.status) == [.frameTimeout])
    }

    /// The next frame has a time of its own, though its record came with the end of the one before.
    @Test func aRecordBehindAFrameHasItsOwnDeadline() throws {
        let (fixture, client) = try Self.established()
        let first = try client.encrypt(frame(ping, id: 1))
        let second = try client.encrypt(frame(ping, id: 2))
        try client.deliver(Array(first.dropLast()))
        fixture.advance(Self.frameTimeout - .nanoseconds(1))
        try client.deliver(Array(first.suffix(1) + second.prefix(7)))
        #expect(try client.answers().map(\.status) == [nil])
        fixture.advance(Self.frameTimeout - .nanoseconds(1))
        #expect(try client.answers().isEmpty)
        fixture.advance(.nanoseconds(1))
        #expect(try client.answers().map(\.status) == [.frameTimeout])
    }

    @Test func whatTLSKeepsIsHeld() throws {
        let (fixture, client) = try Self.established()
        #expect(fixture.memory.heldBytes == 0)
        let record = try client.encrypt([UInt8](repeating: 0, count: 3) + [200] + [UInt8](repeating: 1, count: 100))
        try client.deliver(Array(record.dropLast()))
        #expect(fixture.memory.heldBytes == record.count - 1)
        try client.deliver(Array(record.suffix(1)))
        // From here on it is a part of a frame.
        #expect(fixture.memory.heldBytes == 104)
        try client.deliver(Array(try client.encrypt([1]).dropLast()))
        #expect(fixture.memory.heldBytes > 104)
        fixture.subject.cut()
        fixture.takeTurns()
        #expect(fixture.memory.heldBytes == 0)
    }

    // MARK: Over sockets

    /// Whether its length has come or not.
    @Test(arguments: [1, 4, 5, 6, 20])
    func aPartOfARecordIsHeldUntilTheRestComes(byteCount: Int) async throws {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source()
        try await withServer {
            $0.tls = source
        } _: { server in
            let client = try server.connectTLS(certificates.client())
            try client.sendPart(of: frame(ping, id: 1), byteCount: byteCount)
            try server.awaitTrue { server.memory.heldBytes == byteCount }
            try client.sendRest()
            #expect(try client.read().id == 1)
            try server.awaitTrue { server.memory.heldBytes == 0 }
        }
    }

    @Test(arguments: [false, true])
    func peerThatDripsIsCutInTime(hasManyRecords: Bool) async throws {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source()
        try await withServer {
            $0.tls = source
            $0.timeouts.frame = .milliseconds(200)
        } _: { server in
            let client = try server.connectTLS(certificates.client())
            let started = NIODeadline.now()
            if hasManyRecords {
                try client.send(Array((bigEndian(60_000) + [Kind.ping.requestByte])), recordBytesMax: 1)
            } else {
                try client.sendPart(of: frame(ping, id: 1), byteCount: 6)
            }
            let answers = try client.readAll()
            #expect(answers.map(\.status) == [.frameTimeout])
            // A loop of NIO's may go by the time at which its turn began.
            #expect(NIODeadline.now() - started >= .milliseconds(100))
            try server.awaitConnections(0)
            #expect(server.memory.heldBytes == 0)
        }
    }

    enum Leaving: CaseIterable, Sendable {
        /// In the middle of the first message of the handshake.
        case greeting
        /// The same, and at its deadline.
        case greetingSilently
        /// Behind the server's part of the handshake.
        case handshake
        /// In the middle of a record.
        case record
        case recordWithReset
    }

    /// However it goes, and whatever of a record or a handshake it has left behind.
    @Test(arguments: Leaving.allCases)
    func nothingIsHeldOfAConnectionThatIsGone(leaving: Leaving) async throws {
        let certificates = try TestCertificates.shared.get()
        let source = try certificates.source()
        try await withServer {
            $0.tls = source
            $0.timeouts.handshake = leaving == .greetingSilently ? .milliseconds(200) : .seconds(60)
        } _: { server in
            let client = try OpenSSLClient(port: server.tlsPort, certificates.client())
            switch leaving {
            case .greeting, .greetingSilently:
                try client.beginHandshake(bytesMax: 100)
                if leaving == .greeting { try client.endOutput(says: false) }
            case .handshake:
                try client.beginHandshake()
                try client.endOutput(says: false)
            case .record, .recordWithReset:
                try client.shakeHands()
                try client.greet()
                try client.sendPart(of: frame(ping, id: 1), byteCount: 20)
                try server.awaitTrue { server.memory.heldBytes == 20 }
                if leaving == .record { try client.endOutput(says: false) } else { client.reset() }
            }
            try server.awaitTrue { server.count("connections_closed") == 1 }
            #expect(server.memory.heldBytes == 0)
            withExtendedLifetime(client) {}
        }
    }
}
