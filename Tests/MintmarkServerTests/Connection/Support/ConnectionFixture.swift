import MintmarkCrypto
import MintmarkEngine
import MintmarkSessions
import MintmarkTokens
import MintmarkWire
import NIOCore
import NIOEmbedded
import Testing

@testable import MintmarkServer

/// A connection on a channel without a socket, whose loop's time stands still. Confined to one test.
final class ConnectionFixture {
    let channel = EmbeddedChannel()
    /// What is tested.
    let subject: Connection
    private let handler: ConnectionHandler
    let worker: LoopWorker
    let spigot: Spigot
    let memory: ConnectionMemory
    private let connections: ConnectionBudget
    private let engine: Engine
    private let heldJournal: HeldJournal?

    /// - Parameter isReentrant: every write fills the socket and empties it before it returns.
    init(isReentrant: Bool = false, _ change: (inout TestServer.Options) -> Void = { _ in }) throws {
        var options = TestServer.Options()
        // How long a burst takes is the test's business, too.
        options.burstClock = { 0 }
        change(&options)
        let clock = ServerClock(tick: { _ in nil })
        heldJournal = options.isJournalHeld ? HeldJournal { clock.now().serviceMilliseconds } : nil
        let journal: any SessionJournal = heldJournal ?? MemoryJournal()
        engine = try TestServer.engine(options, journal: journal)
        connections = ConnectionBudget(connectionsMax: options.connectionsMax)
        memory = ConnectionMemory(bytesMax: options.memoryBytesMax, connections: connections)
        worker = LoopWorker(
            eventLoop: channel.eventLoop,
            executor: RequestExecutor(engine: engine, claimsWriter: ClaimsWriter(random: SystemRandom())),
            settings: LoopWorker.Settings(
                frameLengthMax: options.frameLengthMax,
                inFlightMax: options.inFlightMax,
                memory: memory,
                queueTimeNanoseconds: options.queueTimeNanoseconds
            ),
            callers: options.directory,
            clock: clock,
            journal: journal,
            burstClock: options.burstClock
        )
        let gate = options.tls.map { [worker] in TLSGate(source: $0, worker: worker, linger: options.timeouts.linger) }
        handler = ConnectionHandler(
            worker: worker,
            timeouts: options.timeouts,
            gate: gate,
            originFinder: { [origin = options.origin] _ in origin }
        )
        subject = try #require(handler.connection)
        spigot = Spigot(channel: channel, isReentrant: isReentrant)
        try channel.pipeline.syncOperations.addHandler(spigot)
        if let gate { try channel.pipeline.syncOperations.addHandler(gate) }
        try channel.pipeline.syncOperations.addHandler(handler)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    deinit {
        // A close through TLS waits for the peer's.
        subject.cut()
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    /// As many others seem to be open.
    func fillConnections(_ count: Int) {
        for _ in 0..<count { connections.take() }
    }

    var sessionsCount: Int { engine.sessions.count }

    func count(_ name: String) -> UInt64? {
        engine.statistics.read().first { $0.name == name }?.value
    }

    func greet() throws {
        try receive(frame(HelloRequest.test))
        #expect(try answers().map(\.status) == [nil])
    }

    /// Bytes come from the peer; then the loop does all that it has to do.
    func receive(_ bytes: [UInt8], runsLoop: Bool = true) throws {
        channel.pipeline.fireChannelRead(ByteBuffer(bytes: bytes))
        if runsLoop { takeTurns() }
    }

    /// The disk has come as far as it has been asked to.
    func makeDurable() {
        heldJournal?.release()
        worker.releaseParked()
        takeTurns()
    }

    /// The loop does all that it has to do, and each turn that was given up comes again.
    func takeTurns() {
        channel.embeddedEventLoop.run()
        while subject.machine.isAwaitingTurn {
            advance(ConnectionHandler.turnPause)
        }
    }

    func endInput() {
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    /// Whether the channel reads once more when it asks to.
    func takesAnotherRead() -> Bool {
        spigot.readsCount = 0
        channel.read()
        return spigot.readsCount == 1
    }

    func setWritable(_ isWritable: Bool) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    func advance(_ time: TimeAmount) {
        channel.embeddedEventLoop.advanceTime(by: time)
    }

    /// The bytes that left since the last call.
    func takeWritten() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            bytes += buffer.readableBytesView
        }
        return bytes
    }

    /// The frames that left since the last call.
    func answers() throws -> [Answer] {
        try Answer.all(in: takeWritten())
    }
}

extension Answer {
    /// The frames that these bytes are.
    static func all(in bytes: [UInt8]) throws -> [Answer] {
        var answers: [Answer] = []
        let scanner = FrameScanner(lengthMax: Limits.frameLengthMaxCeiling)
        var offset = 0
        while case .frame(let header, let body) = scanner.scan(bytes.span.bytes, at: offset) {
            answers.append(Answer(header: header, body: Array(bytes[body])))
            offset = body.upperBound
        }
        #expect(offset == bytes.count)
        return answers
    }
}

/// Stands for the socket: counts reads, holds output back, or fills and empties inside each write.
final class Spigot: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    /// Whether what is flushed leaves.
    var isOpen = true
    /// Called once, inside the next write.
    var onWrite: (() -> Void)?
    /// Times that the socket would have been read.
    var readsCount = 0
    private let channel: EmbeddedChannel
    private let isReentrant: Bool
    private var context: ChannelHandlerContext?

    init(channel: EmbeddedChannel, isReentrant: Bool) {
        self.channel = channel
        self.isReentrant = isReentrant
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func read(context: ChannelHandlerContext) {
        readsCount += 1
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(data, promise: promise)
        let action = onWrite
        onWrite = nil
        action?()
        guard isReentrant else { return }
        for isWritable in [false, true] {
            channel.isWritable = isWritable
            channel.pipeline.fireChannelWritabilityChanged()
        }
    }

    func flush(context: ChannelHandlerContext) {
        if isOpen { context.flush() }
    }

    /// Lets out what was held back.
    func drain() {
        context?.flush()
    }
}
