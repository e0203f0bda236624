import MintmarkWire
import NIOCore
import Testing

@testable import MintmarkServer

/// Peers that do nothing, or too little, are closed in time; peers that are idle between frames are not.
@Suite(.serialized) struct DeadlineTests {
    @Test(arguments: [0, 1, 3, 40])
    func handshakeHasADeadline(byteCount: Int) async throws {
        try await withServer {
            $0.timeouts.handshake = .milliseconds(50)
            $0.timeouts.linger = .seconds(60)
        } _: { server in
            let client = try server.connect(greets: false)
            try client.send(Array(frame(HelloRequest.test).prefix(byteCount)))
            let answers = try client.readAll()
            #expect(answers.map(\.status) == [.handshakeTimeout])
            #expect(answers.map(\.id) == [0])
        }
    }

    @Test func bytesOfAFrameDoNotMoveItsDeadline() async throws {
        try await withServer {
            $0.timeouts.frame = .milliseconds(200)
            $0.timeouts.linger = .seconds(60)
        } _: { server in
            let client = try server.connect()
            let started = NIODeadline.now()
            // A frame of 60 000 bytes that comes byte by byte, one whenever the last one was taken.
            try client.send(bigEndian(60_000) + [Kind.ping.requestByte])
            var answers: [Answer] = []
            while answers.isEmpty {
                try client.send([0])
                try server.settle()
                answers = try client.readArrived()
            }
            #expect(answers.map(\.status) == [.frameTimeout])
            #expect(answers.map(\.id) == [0])
            #expect(NIODeadline.now() - started >= .milliseconds(200))
            #expect(try client.readAll().isEmpty)
        }
    }

    @Test func idleConnectionOutlivesEveryDeadline() async throws {
        try await withServer {
            $0.timeouts.frame = .milliseconds(100)
            $0.timeouts.write = .milliseconds(100)
        } _: { server in
            let idle = try server.connect()
            // Another times out meanwhile that came later.
            let half = try server.connect()
            try half.send([0])
            #expect(try half.readAll().map(\.status) == [.frameTimeout])
            _ = try idle.call(ping)
        }
    }

    @Test func peerThatNeverReadsIsBoundedAndCut() async throws {
        try await withServer {
            $0.timeouts.write = .milliseconds(300)
            $0.timeouts.linger = .milliseconds(50)
        } _: { server in
            let client = try server.connect()
            // Each request of 10 bytes is answered with some 6 000: without back-pressure this would go on for ever.
            let requests = (1...1_000).flatMap { frame(StatsRequest(), id: $0) }
            let taken = try client.flood(requests, countMax: 256 << 20)
            #expect(taken < 64 << 20)
            try server.awaitConnections(0)
            #expect(server.count("connections_stalled") == 1)
            #expect(server.count("requests_stats") < 20_000)
        }
    }

    @Test func peerThatEndedItsSideAndNeverReadsIsCut() async throws {
        try await withServer {
            $0.timeouts.write = .milliseconds(300)
        } _: { server in
            let client = try server.connect()
            try client.sendUnread((1...4_000).flatMap { frame(StatsRequest(), id: $0) })
            client.endInput()
            try server.awaitConnections(0)
            #expect(server.count("connections_stalled") == 1)
        }
    }
}
