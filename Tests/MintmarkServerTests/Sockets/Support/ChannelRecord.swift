import Glibc
import NIOConcurrencyHelpers
import NIOCore

@testable import MintmarkServer

/// What the last handler of a channel was told. Safe to use from any thread.
final class ChannelRecord: Sendable {
    struct Facts: Sendable {
        var bytes: [UInt8] = []
        var longestRead = 0
        var isInputClosed = false
        var isInactive = false
        var isWritable = true
        var errorCount = 0
        var closeCount = 0
        /// Numbers that the test notes in the order of what happened.
        var left: [Int] = []
    }

    struct Impatient: Error {
        let facts: Facts
    }

    /// Confined to the channel's loop.
    final class Handler: ChannelDuplexHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundIn = ByteBuffer

        let record: ChannelRecord
        /// Whether it lets no wish to read through.
        var isHeldBack = false
        /// Called with each read, behind noting it.
        var onRead: ((SocketChannel) -> Void)?
        /// Called when the channel may be written to, or may not any more.
        var onWritability: ((SocketChannel) -> Void)?
        private(set) var channel: SocketChannel?

        init(_ record: ChannelRecord, _ channel: SocketChannel) {
            self.record = record
            self.channel = channel
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            channel = nil
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            record.change { facts in
                facts.bytes += bytes.readableBytesView
                facts.longestRead = max(facts.longestRead, bytes.readableBytes)
            }
            if let channel { onRead?(channel) }
        }

        func read(context: ChannelHandlerContext) {
            if !isHeldBack { context.read() }
        }

        func channelInactive(context: ChannelHandlerContext) {
            record.change { $0.isInactive = true }
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) {
            let isWritable = context.channel.isWritable
            record.change { $0.isWritable = isWritable }
            if let channel { onWritability?(channel) }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event { record.change { $0.isInputClosed = true } }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            record.change { $0.errorCount += 1 }
        }
    }

    private let facts = NIOLockedValueBox(Facts())
    let loop: SocketLoop
    private let handler = NIOLockedValueBox<NIOLoopBound<Handler>?>(nil)

    init(on loop: SocketLoop) {
        self.loop = loop
    }

    var now: Facts { facts.withLockedValue(\.self) }

    func change(_ body: (inout Facts) -> Void) { facts.withLockedValue(body) }

    /// Notes a number.
    func left(_ number: Int) { change { $0.left.append(number) } }

    /// Begins to serve a nonblocking socket.
    func start(_ descriptor: Int32, readBytesMax: Int) throws {
        try loop.submit { [self] in
            SocketChannel.start(
                descriptor,
                on: loop,
                addHandlers: { channel in
                    channel.readBytesMax = readBytesMax
                    let handler = Handler(self, channel)
                    self.handler.withLockedValue { $0 = NIOLoopBound(handler, eventLoop: loop) }
                    try channel.pipeline.syncOperations.addHandler(handler)
                },
                onClose: { self.change { $0.closeCount += 1 } }
            )
        }.wait()
    }

    /// Does something on the channel's loop, and waits for it.
    func onLoop(_ body: @escaping @Sendable (Handler) throws -> Void) throws {
        try loop.submit { [handler] in
            if let handler = handler.withLockedValue(\.self) { try body(handler.value) }
        }.wait()
    }

    /// Waits until the channel is inactive, and what its end has to tell is told.
    func waitForEnd() throws {
        try wait { $0.isInactive }
        try loop.submit {}.wait()
    }

    func wait(until condition: (Facts) -> Bool) throws {
        let end = NIODeadline.now() + .seconds(60)
        while !condition(now) {
            guard NIODeadline.now() < end else { throw Impatient(facts: now) }
            poll(nil, 0, 1)
        }
    }
}

/// The other end of a channel's socket. Its calls block.
final class ChannelPeer: Sendable {
    struct Fault: Error {
        let call: String
        let code: Int32
    }

    private let descriptor: NIOLockedValueBox<Int32>

    /// A nonblocking socket, and the other end of it.
    static func pair() throws -> (socket: Int32, peer: ChannelPeer) {
        var sockets: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &sockets) == 0 else {
            throw Fault(call: "socketpair", code: errno)
        }
        _ = fcntl(sockets[0], F_SETFL, O_NONBLOCK)
        return (sockets[0], ChannelPeer(sockets[1]))
    }

    init(_ descriptor: Int32) {
        self.descriptor = NIOLockedValueBox(descriptor)
    }

    deinit { close() }

    func send(_ bytes: [UInt8]) throws {
        let count = Glibc.send(descriptor.withLockedValue(\.self), bytes, bytes.count, Int32(MSG_NOSIGNAL))
        guard count == bytes.count else { throw Fault(call: "send", code: errno) }
    }

    func endOutput() {
        _ = shutdown(descriptor.withLockedValue(\.self), Int32(SHUT_WR))
    }

    /// Ends both sides at once, whoever has a copy of the descriptor: a process that another test starts, for a moment.
    func cut() {
        _ = shutdown(descriptor.withLockedValue(\.self), Int32(SHUT_RDWR))
    }

    func close() {
        descriptor.withLockedValue { descriptor in
            if descriptor >= 0 { Glibc.close(descriptor) }
            descriptor = -1
        }
    }

    /// Reads so many bytes, or up to the end where that comes first.
    func read(_ count: Int) throws -> [UInt8] {
        let descriptor = descriptor.withLockedValue(\.self)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < count {
            let received = recv(descriptor, &buffer, min(buffer.count, count - bytes.count), 0)
            guard received >= 0 else { throw Fault(call: "recv", code: errno) }
            guard received > 0 else { break }
            bytes += buffer.prefix(received)
        }
        return bytes
    }

    func readToEnd() throws -> [UInt8] { try read(.max) }
}

/// Runs `body`, which may block, with a channel and the other end of its socket.
func withChannel(
    readBytesMax: Int = SocketLoop.readBytesMax,
    _ body: @escaping @Sendable (ChannelPeer, ChannelRecord) throws -> Void
) async throws {
    let group = try SocketLoopGroup(count: 1)
    // A task, so that what fails is known to belong to this test.
    let task = Task(executorPreference: BlockingThreads()) {
        let (socket, peer) = try ChannelPeer.pair()
        let record = ChannelRecord(on: group.loops[0])
        try record.start(socket, readBytesMax: readBytesMax)
        try body(peer, record)
    }
    let result = await task.result
    await group.stop()
    try result.get()
}
