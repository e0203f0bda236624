import Dispatch
import MintmarkWire
import NIOCore
import Testing

@testable import MintmarkServer

/// Who comes before whom where many have sent something at once, over real sockets.
@Suite(.serialized) struct TurnTests {
    private static let dearCount = 16
    /// So a batch is a long burst, though no longer than a turn, and one request is a short one.
    private static let nanosecondsPerReading = Connection.longBurstNanosecondsMin * 3 / 4
    private static let batch = (1...16 as ClosedRange<UInt32>).flatMap { frame(SignRequest.test(), id: $0) }

    /// A connection over either kind of transport.
    private struct Caller {
        let send: ([UInt8]) throws -> Void
        let read: () throws -> Answer

        func readBatch() throws {
            for id in 1...16 as ClosedRange<UInt32> { #expect(try read().id == id) }
        }
    }

    private static func withServer(
        overTLS: Bool,
        nanosecondsPerReading: UInt64 = nanosecondsPerReading,
        _ change: @escaping (inout TestServer.Options) -> Void = { _ in },
        _ body: @escaping @Sendable (TestServer, BurstClock, () throws -> Caller) throws -> Void
    ) async throws {
        let clock = BurstClock()
        clock.perReading = nanosecondsPerReading
        let certificates = try overTLS ? TestCertificates.shared.get() : nil
        let source = try certificates?.source(.required)
        try await MintmarkServerTests.withServer {
            $0.burstClock = { clock.now }
            $0.tls = source
            change(&$0)
        } _: { server in
            try body(server, clock) {
                guard let certificates else {
                    let client = try server.connect()
                    return Caller(send: { try client.sendUnread($0) }, read: { try client.read() })
                }
                let client = try server.connectTLS(certificates.client())
                return Caller(send: { try client.send($0) }, read: { try client.read() })
            }
        }
    }

    /// Those who ask for what takes long, each of whom has done so before.
    private static func dearCallers(_ connect: () throws -> Caller) throws -> [Caller] {
        try (0..<dearCount).map { _ in
            let caller = try connect()
            try caller.send(batch)
            try caller.readBatch()
            return caller
        }
    }

    /// However many of those have sent theirs before.
    @Test(arguments: [false, true])
    func whatIsCheapComesBeforeWhatIsDear(overTLS: Bool) async throws {
        try await Self.withServer(overTLS: overTLS) { server, _, connect in
            let dear = try Self.dearCallers(connect)
            let cheap = try connect()
            let signedBefore = server.count("requests_sign")
            try server.whileItsLoopStands {
                for caller in dear { try caller.send(Self.batch) }
                try cheap.send(frame(StatsRequest(), id: 1))
            }
            let statistics = try cheap.read().decoded(as: StatsResponse.self)
            let signed = statistics.counters.first { $0.name == "requests_sign" }?.value
            #expect(signed == signedBefore)
            for caller in dear { try caller.readBatch() }
            #expect(server.count("requests_sign") == signedBefore + UInt64(dear.count * 16))
        }
    }

    /// Whoever waits for its turn has waited since the loop was told of it, not since its turn came.
    @Test(arguments: [false, true])
    func aWaitForATurnCounts(overTLS: Bool) async throws {
        try await Self.withServer(overTLS: overTLS) { server, _, connect in
            let dear = try Self.dearCallers(connect)
            try server.whileItsLoopStands {
                for caller in dear { try caller.send(Self.batch) }
            }
            for caller in dear { try caller.readBatch() }
            let loop = server.sockets.loops[0]
            let waited = try loop.submit {
                let worker = server.workers.worker(of: loop)
                return worker.lastReading - worker.burstArrival
            }
            .wait()
            // Of the last one: each burst has read the clock five times.
            let readingsCount = UInt64(dear.count * 5 - 1)
            #expect(waited >= readingsCount * Self.nanosecondsPerReading)
        }
    }

    /// Somebody's batch that takes two turns waits longer than the limit, again and again. Nobody is refused for that.
    @Test(arguments: [false, true])
    func aBatchThatWaitsForItsOwnSakeHasNobodyElseRefused(overTLS: Bool) async throws {
        let reading = Connection.longBurstNanosecondsMin
        try await Self.withServer(overTLS: overTLS, nanosecondsPerReading: reading) { options in
            // Each of the others' bursts reads the clock twice, each of the batch's for every fourth frame.
            options.queueTimeNanoseconds = 24 * reading
        } _: { server, clock, connect in
            let ids = 1...UInt32(2 * Connection.framesPerLongTurnMax)
            let batch = ids.flatMap { frame(SignRequest.test(), id: $0) }
            let (batcher, others) = (try connect(), try (0..<8).map { _ in try connect() })
            func call() throws {
                try server.whileItsLoopStands {
                    try batcher.send(batch)
                    for other in others { try other.send(frame(SignRequest.test(), id: 1)) }
                }
                for other in others { #expect(try other.read().status == nil) }
                for _ in ids { #expect(try batcher.read().status == nil) }
            }
            // With the first they find out that they take turns, with the second how long those last.
            for _ in 0..<2 { try call() }
            clock.advance(2 * LoadShedding.patienceNanoseconds)
            for _ in 0..<4 {
                try call()
                clock.advance(LoadShedding.patienceNanoseconds / 2)
            }
        }
    }
}

extension TestServer {
    /// Does something while the one loop of the server does nothing.
    func whileItsLoopStands(_ body: () throws -> Void) rethrows {
        let (stands, goesOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        sockets.loops[0].execute {
            stands.signal()
            goesOn.wait()
        }
        stands.wait()
        defer { goesOn.signal() }
        try body()
    }
}
