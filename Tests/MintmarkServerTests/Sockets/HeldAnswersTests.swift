import MintmarkWire
import Synchronization
import Testing

@testable import MintmarkServer

/// A burst that is cut leaves its answers with the system, to be sent with those of the next.
@Suite(.serialized) struct HeldAnswersTests {
    /// Each burst ends when the clock is asked for the first time.
    private static let framesPerBurst = Connection.framesPerClockReading

    private func withCutBursts(_ body: @escaping @Sendable (TestServer) throws -> Void) async throws {
        let reads = ClockReads()
        try await withServer {
            $0.isJournalHeld = true
            $0.burstClock = { reads.next() }
        } _: {
            try body($0)
        }
    }

    /// A clock that goes on by the length of a burst whenever it is read.
    private final class ClockReads: Sendable {
        private let now = Atomic<UInt64>(0)
        func next() -> UInt64 {
            now.wrappingAdd(Connection.turnBurstNanosecondsMax, ordering: .relaxed).newValue
        }
    }

    @Test(arguments: [-1, 0, 1])
    func answersOfSoManyBurstsLeaveTogether(more: Int) async throws {
        try await withCutBursts { server in
            let burstCount = SocketTransport.heldBurstsMax + 1 + more
            let pings = (1...UInt32(burstCount * Self.framesPerBurst)).flatMap { frame(ping, id: $0) }
            // The least of a few attempts that could hardly all be disturbed: the requests, too, can come in parts.
            let segmentCounts = try (0..<5).map { _ in
                let client = try server.connect()
                let before = client.dataSegmentsReceived
                try client.sendUnread(pings)
                _ = try client.read(burstCount * Self.framesPerBurst)
                return client.dataSegmentsReceived - before
            }
            #expect(segmentCounts.min() == (more > 0 ? 2 : 1))
        }
    }

    /// The system keeps what it may hold for 200 ms.
    @Test func answersDoNotWaitForABurstThatWritesNothing() async throws {
        try await withCutBursts { server in
            let pings = (1...UInt32(Self.framesPerBurst)).flatMap { frame(ping, id: $0) }
            let opens = (10..<10 + UInt32(Self.framesPerBurst)).flatMap { frame(OpenRequest.test(), id: $0) }
            // When the loop is done with both bursts; on a machine that is busy for 200 ms nothing can be told.
            let counts = try (0..<5).map { _ in
                let client = try server.connect()
                try client.sendUnread(pings + opens)
                try server.settle()
                return try client.readArrived().count
            }
            #expect(counts.max() == Self.framesPerBurst)
        }
    }
}
