import MintmarkWire
import NIOCore
import NIOEmbedded
import NIOPosix
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

    /// A connection that never becomes one gives its place back and is not counted.
    @Test func placeOfAConnectionThatFailsAtItsStartIsGivenBack() async throws {
        try await withServer {
            $0.connectionsMax = 1
        } _: { server in
            let failing = ServerBootstrap(
                group: server.group,
                workers: server.workers,
                budget: server.budget,
                timeouts: ConnectionTimeouts(handshake: .hours(1), frame: .hours(1), write: .hours(1)),
                origin: ConnectionOrigin.ofTCP
            )
            .childChannelInitializer { $0.eventLoop.makeFailedFuture(ChannelError.operationUnsupported) }
            let listener = try failing.bind(host: "127.0.0.1", port: 0).wait()
            let port = try #require(listener.localAddress?.port)
            for _ in 0..<3 {
                #expect(try server.connect(greets: false, port: port).readAllUntilBroken().isEmpty)
            }
            try server.awaitConnections(0)
            #expect(server.count("connections_opened") == 0)
            #expect(server.count("connections_closed") == 0)
            _ = try server.connect().call(ping)
            try listener.close().wait()
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

    @Test func exhaustedDescriptorsPauseAccepting() throws {
        let channel = EmbeddedChannel()
        let recorder = ReadRecorder()
        try channel.pipeline.syncOperations.addHandlers(
            recorder,
            AcceptGate(budget: ConnectionBudget(connectionsMax: 9))
        )
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let count = recorder.count
        for _ in 0..<1_000 {
            channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
            channel.read()
        }
        #expect(recorder.count == count)
        channel.embeddedEventLoop.advanceTime(by: AcceptGate.exhaustionPause - .nanoseconds(1))
        #expect(recorder.count == count)
        channel.embeddedEventLoop.advanceTime(by: .nanoseconds(1))
        #expect(recorder.count > count)
        _ = try channel.finish()
    }

    @Test func otherAcceptErrorsAreNotSwallowed() throws {
        let channel = EmbeddedChannel()
        let gate = AcceptGate(budget: ConnectionBudget(connectionsMax: 9))
        try channel.pipeline.syncOperations.addHandler(gate)
        channel.pipeline.fireErrorCaught(IOError(errnoCode: EBADF, reason: "accept"))
        #expect(throws: IOError.self) { try channel.throwIfErrorCaught() }
        _ = try? channel.finish()
    }

    /// Counts the reads that reach the socket.
    private final class ReadRecorder: ChannelOutboundHandler {
        typealias OutboundIn = Never
        private(set) var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }
}
