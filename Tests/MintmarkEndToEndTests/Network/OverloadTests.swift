import MintmarkWire
import Testing

/// A real daemon that is asked for more than it can do.
@Suite(.serialized) struct OverloadTests {
    private static let connectionsCount = 24
    private static let requestsCount = 300

    private static func waiting(_ limit: String) -> [String: String] { ["MINTMARK_LIMITS_QUEUE_TIME": limit] }

    /// How many are served, how many are told to come again, and when.
    private struct Outcome {
        var served = 0
        var busy = 0
        var retryMilliseconds: Set<UInt32?> = []
    }

    private static func outcome(of connection: RawConnection, into outcome: inout Outcome) throws {
        for _ in 0..<requestsCount {
            let answer = try #require(try connection.receive())
            guard answer.header.isError else {
                outcome.served += 1
                continue
            }
            let error = try ErrorResponse(decoding: answer.body.span.bytes)
            #expect(error.status.status == .busy)
            outcome.busy += 1
            outcome.retryMilliseconds.insert(error.retryAfterMilliseconds)
        }
    }

    /// Thousands of signatures at once, on many connections: some are made, the others are told to come again, and who asks
    /// for little is answered meanwhile. When it is over everything is as it was.
    @Test func whatCannotBeServedInTimeIsTold() async throws {
        let daemon = try DaemonProcess(configuration: "threads: 1\n", environment: Self.waiting("5ms"))
        let sign = SignRequest(subject: "user-1", audience: ["api"])
        let requests = try (1...Self.requestsCount).flatMap { try RawConnection.frame(sign, id: UInt32($0)) }
        let flood = try (0..<Self.connectionsCount).map { _ in try RawConnection(unixPath: daemon.unixPath) }
        let honest = try RawConnection(unixPath: daemon.unixPath)
        for connection in flood { connection.sendWithoutWaiting(requests) }
        try honest.send(PingRequest(), id: 1)
        #expect(try honest.receive()?.header.responseKind == .ping)
        var outcome = Outcome()
        for connection in flood { try Self.outcome(of: connection, into: &outcome) }
        #expect(outcome.served + outcome.busy == Self.connectionsCount * Self.requestsCount)
        #expect(outcome.served > 0)
        #expect(outcome.busy > 0)
        #expect(outcome.retryMilliseconds == [100])
        let counted = try await daemon.counter("shed_waiting")
        #expect(counted == UInt64(outcome.busy))
        try honest.send(sign, id: 2)
        #expect(try honest.receive()?.header.responseKind == .sign)
    }

    /// With room to wait in, nobody is told to come again, however many ask at once.
    @Test func aBurstIsNoOverload() async throws {
        let daemon = try DaemonProcess(configuration: "threads: 1\n", environment: Self.waiting("1m"))
        let sign = SignRequest(subject: "user-1", audience: ["api"])
        let requests = try (1...Self.requestsCount).flatMap { try RawConnection.frame(sign, id: UInt32($0)) }
        let burst = try (0..<Self.connectionsCount).map { _ in try RawConnection(unixPath: daemon.unixPath) }
        for connection in burst { connection.sendWithoutWaiting(requests) }
        var outcome = Outcome()
        for connection in burst { try Self.outcome(of: connection, into: &outcome) }
        #expect(outcome.served == Self.connectionsCount * Self.requestsCount)
        #expect(outcome.busy == 0)
    }
}
