package import MintmarkClient
package import MintmarkWire
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A server on a real socket that does what a script says.
///
/// What it saw is told in `events`; so tests wait for events and never for time.
package final class FakeServer: Sendable {
    /// A frame that came.
    package struct Request: Hashable, Sendable {
        /// The connections are numbered from 0.
        package let connection: Int
        package let kind: Kind
        package let id: UInt32
        package let body: [UInt8]

        package init(connection: Int, kind: Kind, id: UInt32, body: [UInt8]) {
            self.connection = connection
            self.kind = kind
            self.id = id
            self.body = body
        }
    }

    /// Something that happened at the server.
    package enum Event: Hashable, Sendable {
        case connected(Int)
        case request(Request)
        case disconnected(Int)
    }

    /// What the server does about a request, one after the other.
    package enum Reaction: Hashable, Sendable {
        /// Writes bytes in one piece.
        case write([UInt8])
        /// Writes every byte on its own.
        case writeByteByByte([UInt8])
        /// Ends the stream in both directions.
        case close
    }

    /// What the server does about a request. HELLO comes here too.
    package typealias Script = @Sendable (Request) -> [Reaction]

    package let endpoint: Endpoint
    package let events: AsyncStream<Event>

    private let listener: any Channel
    private let connections: NIOLockedValueBox<[any Channel]>
    /// Threads of its own, which end with it.
    private let ownThreads: MultiThreadedEventLoopGroup?

    private init(
        endpoint: Endpoint,
        events: AsyncStream<Event>,
        listener: any Channel,
        connections: NIOLockedValueBox<[any Channel]>,
        ownThreads: MultiThreadedEventLoopGroup?
    ) {
        self.endpoint = endpoint
        self.events = events
        self.listener = listener
        self.connections = connections
        self.ownThreads = ownThreads
    }

    /// Starts on a free port of 127.0.0.1, on a given one, or on a Unix socket.
    ///
    /// Connections take turns on threads that all tests share. Where a script waits for another connection's request, that
    /// one may be on the same thread; then the server needs `threadCount` threads of its own.
    package static func start(
        unixSocket path: String? = nil,
        port: Int = 0,
        threadCount: Int? = nil,
        script: @escaping Script
    ) async throws -> FakeServer {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let connections = NIOLockedValueBox<[any Channel]>([])
        let ownThreads = threadCount.map { MultiThreadedEventLoopGroup(numberOfThreads: $0) }
        let bootstrap = ServerBootstrap(group: ownThreads ?? MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                let number = connections.withLockedValue { channels in
                    channels.append(channel)
                    return channels.count - 1
                }
                return channel.eventLoop.makeCompletedFuture {
                    let handler = FakeConnection(number: number, script: script, events: continuation)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        let listener: any Channel
        let endpoint: Endpoint
        if let path {
            listener = try await bootstrap.bind(unixDomainSocketPath: path).get()
            endpoint = .unixSocket(path: path)
        } else {
            listener = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
            endpoint = .tcp(host: "127.0.0.1", port: listener.localAddress?.port ?? 0)
        }
        return FakeServer(
            endpoint: endpoint,
            events: events,
            listener: listener,
            connections: connections,
            ownThreads: ownThreads
        )
    }

    /// Writes to a connection out of turn.
    package func write(_ bytes: [UInt8], to connection: Int) {
        let channel = connections.withLockedValue { $0[connection] }
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Ends a connection.
    package func close(_ connection: Int) {
        connections.withLockedValue { $0[connection] }.close(promise: nil)
    }

    /// How many connections were ever opened.
    package var connectionCount: Int { connections.withLockedValue { $0.count } }

    /// Takes no more connections and ends all.
    package func stop() async {
        try? await listener.close().get()
        for channel in connections.withLockedValue({ $0 }) {
            try? await channel.close().get()
        }
        try? await ownThreads?.shutdownGracefully()
    }
}

/// Starts a server, and stops it after `body`.
package func withFakeServer<Value>(
    _ script: @escaping FakeServer.Script,
    unixSocket path: String? = nil,
    threadCount: Int? = nil,
    _ body: (FakeServer) async throws -> Value
) async throws -> Value {
    let server = try await FakeServer.start(unixSocket: path, threadCount: threadCount, script: script)
    do {
        let value = try await body(server)
        await server.stop()
        return value
    } catch {
        await server.stop()
        throw error
    }
}

/// One connection of a fake server. Confined to its event loop.
private final class FakeConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let number: Int
    private let script: FakeServer.Script
    private let events: AsyncStream<FakeServer.Event>.Continuation
    private var input: [UInt8] = []

    init(number: Int, script: @escaping FakeServer.Script, events: AsyncStream<FakeServer.Event>.Continuation) {
        self.number = number
        self.script = script
        self.events = events
    }

    func channelActive(context: ChannelHandlerContext) {
        events.yield(.connected(number))
    }

    func channelInactive(context: ChannelHandlerContext) {
        events.yield(.disconnected(number))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        input += unwrapInboundIn(data).readableBytesView
        var offset = 0
        while case .frame(let header, let body) = FrameScanner().scan(input.span.bytes, at: offset) {
            offset = body.upperBound
            guard let kind = header.requestKind else { continue }
            let request = FakeServer.Request(
                connection: number,
                kind: kind,
                id: header.requestID,
                body: Array(input[body])
            )
            let reactions = script(request)
            // Told of first: what a peer does that was answered comes behind it.
            events.yield(.request(request))
            for reaction in reactions {
                perform(reaction, context)
            }
        }
        input.removeFirst(offset)
        context.flush()
    }

    private func perform(_ reaction: FakeServer.Reaction, _ context: ChannelHandlerContext) {
        switch reaction {
        case .write(let bytes):
            context.write(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        case .writeByteByByte(let bytes):
            for byte in bytes {
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [byte])), promise: nil)
            }
        case .close:
            context.flush()
            context.close(promise: nil)
        }
    }
}
