import Glibc
import MintmarkTestSupport
import MintmarkWire
import NIOCore
import Synchronization
import Testing

@testable import MintmarkServer

/// Connections are accepted while there is a place, over all listeners together.
@Suite(.serialized) struct AdmissionTests {
    @Test(arguments: [1, 3])
    func connectionBeyondTheCapWaitsForAPlace(cap: Int) async throws {
        try await withServer {
            $0.connectionsMax = cap
        } _: { server in
            let served = try (0..<cap).map { _ in try server.connect() }
            let waiting = try server.connect(greets: false)
            try waiting.send(frame(HelloRequest.test))
            for client in served { _ = try client.call(ping) }
            #expect(try waiting.readArrived().isEmpty)
            #expect(server.openConnectionsCount == cap)
            served[0].close()
            _ = try waiting.read().decoded(as: HelloResponse.self)
            for client in served.dropFirst() { _ = try client.call(ping) }
        }
    }

    /// Whoever opens and closes connections all the time leaves no deadlines of theirs to be kept.
    @Test func closedConnectionsLeaveFewTimersBehind() async throws {
        try await withServer { server in
            let honest = try server.connect()
            let count = 3 * TimerQueue.purgeCountMin
            for _ in 0..<count { try server.connect(greets: false).close() }
            while server.openConnectionsCount > 1 { _ = try honest.call(ping) }
            let loop = server.sockets.loops[0]
            let timersCount = try loop.submit { loop.timers.count }.wait()
            #expect(timersCount <= TimerQueue.purgeCountMin)
        }
    }

    @Test func twoListenersShareThePlaces() async throws {
        try await withServer {
            $0.connectionsMax = 2
            $0.secondListener = true
        } _: { server in
            let first = try server.connect(port: server.ports[0])
            let second = try server.connect(port: server.ports[1])
            let waiting = try server.connect(greets: false, port: server.ports[1])
            try waiting.send(frame(HelloRequest.test))
            _ = try second.call(ping)
            #expect(try waiting.readArrived().isEmpty)
            first.close()
            _ = try waiting.read().decoded(as: HelloResponse.self)
        }
    }

    /// Whoever reaches only a port cannot shut out those on the Unix socket, for whom an eighth of the places is kept.
    @Test func placesAreKeptForTheUnixSocket() async throws {
        let directory = try TemporaryDirectory()
        try await withServer {
            $0.connectionsMax = 16
            $0.unixPath = directory.file("s")
        } _: { server in
            let strangers = try (0..<14).map { _ in try server.connect() }
            let waiting = try server.connect(greets: false)
            try waiting.send(frame(HelloRequest.test))
            let neighbours = try (0..<2).map { _ in try RawClient(unixPath: try #require(server.unixPath)) }
            for client in neighbours { try client.greet() }
            _ = try strangers[0].call(ping)
            #expect(try waiting.readArrived().isEmpty)
            #expect(server.openConnectionsCount == 16)
            neighbours[0].close()
            strangers[0].close()
            strangers[1].close()
            _ = try waiting.read().decoded(as: HelloResponse.self)
        }
    }

    /// Whoever took over the path of the Unix socket keeps it when this server stops.
    @Test(arguments: [false, true])
    func stopLeavesTheSocketOfASuccessor(hasSuccessor: Bool) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("s")
        try await withServer {
            $0.unixPath = path
        } _: { _ in
            guard hasSuccessor else { return }
            try UnixSocketPath.remove(path)
            close(try UnixSocketPath.bind(path))
        }
        #expect((UnixSocketPath.Identity(path) != nil) == hasSuccessor)
    }

    /// Where no Unix socket listens, and where there are fewer places than eight, none is kept.
    @Test(arguments: [(7, true, 7), (8, true, 7), (9, true, 8), (1_024, true, 960), (1_024, false, 1_024)])
    func placesForAll(connectionsMax: Int, keepsPlaces: Bool, openPlaces: Int) {
        let budget = ConnectionBudget(connectionsMax: connectionsMax, keepsPlaces: keepsPlaces)
        for _ in 0..<openPlaces {
            #expect(budget.hasPlace(in: .open) {})
            budget.take()
        }
        #expect(!budget.hasPlace(in: .open) {})
        #expect(budget.hasPlace(in: .all) {} == (openPlaces < connectionsMax))
    }

    @Test func twiceTheCapIsServedInTurn() async throws {
        try await withServer {
            $0.connectionsMax = 8
        } _: { server in
            let clients = try (0..<16).map { _ in try server.connect(greets: false) }
            for client in clients {
                try client.greet()
                client.close()
            }
            try server.awaitConnections(0)
        }
    }

    @Test func claimsOfGreatLengthCostNothing() async throws {
        try await withServer {
            $0.frameLengthMax = Limits.frameLengthMaxCeiling
        } _: { server in
            let clients = try (0..<200).map { _ in try server.connect() }
            for client in clients { try client.send(bigEndian(UInt32(Limits.frameLengthMaxCeiling)) + [3]) }
            for client in clients { try client.send([0]) }
            _ = try server.connect().call(ping)
            for client in clients { try client.send(bigEndian(UInt32.max)) }
            #expect(server.openConnectionsCount >= 200)
        }
    }

    // MARK: What accepting meets

    /// A socket whose connection cannot be accepted stays readable: whoever asks again at once never rests.
    @Test func exhaustedDescriptorsPauseAccepting() async throws {
        try await withServer { server in
            let calls = Atomic(0)
            let listener = try server.listen { descriptor in
                guard calls.add(1, ordering: .relaxed).newValue > 1 else {
                    errno = EMFILE
                    return -1
                }
                return SocketListener.acceptNonblocking(descriptor)
            }
            let begin = NIODeadline.now()
            _ = try server.connect(port: listener.port).call(ping)
            #expect(NIODeadline.now() - begin >= SocketListener.exhaustionPause)
            // Once refused, once accepted, and once more to learn that nobody else waits.
            #expect(calls.load(ordering: .relaxed) == 3)
            try listener.close()
        }
    }

    /// A peer that is gone before it is accepted, and a signal, concern nobody else.
    @Test(arguments: [ECONNABORTED, EINTR, EAGAIN, EPROTO])
    func otherAcceptErrorsPass(code: Int32) async throws {
        try await withServer { server in
            let calls = Atomic(0)
            let listener = try server.listen { descriptor in
                guard calls.add(1, ordering: .relaxed).newValue > 3 else {
                    errno = code
                    return -1
                }
                return SocketListener.acceptNonblocking(descriptor)
            }
            _ = try server.connect(port: listener.port).call(ping)
            #expect(calls.load(ordering: .relaxed) == 5)
            try listener.close()
        }
    }

    /// A connection that never becomes one gives its place back and is not counted.
    @Test func placeOfAConnectionThatFailsAtItsStartIsGivenBack() async throws {
        try await withServer {
            $0.connectionsMax = 1
        } _: { server in
            let starter = server.starter
            for _ in 0..<3 {
                server.budget.take()
                starter.acceptor(ConnectionOrigin.ofTCP)(-1)
                try server.awaitConnections(0)
            }
            #expect(server.count("connections_opened") == 0)
            #expect(server.count("connections_closed") == 0)
            _ = try server.connect().call(ping)
        }
    }
}
