import Glibc
import NIOCore
import Synchronization

/// A connected socket of a ``SocketLoop`` as a channel of NIO: what the handlers of TLS stand on.
///
/// It reads, writes and closes. The peer may end its side alone. What else channels can do, to bind and to connect, nobody
/// asks of it, and is refused as unsupported.
///
/// Unchecked, because what is neither constant nor atomic is confined to the loop.
final class SocketChannel: Channel, @unchecked Sendable {
    /// A channel with more bytes unsent is not writable, until there are less than `unsentBytesLow`.
    static let unsentBytesHigh = SocketTransport.unsentBytesHigh
    static let unsentBytesLow = SocketTransport.unsentBytesLow

    /// Takes bytes without a detour: in a pipeline each event passes every handler, and each of them costs.
    protocol Reader: AnyObject {
        /// What one read has given.
        ///
        /// - Parameter arrival: since when it may have waited in the socket; nil: the loop was told of it just now.
        func received(_ bytes: ByteBuffer, arrival: UInt64?)
        /// Since when what the loop is being told of may have waited.
        var arrival: UInt64 { get }
        /// The channel would like to read.
        func readRequested()
        /// The system has taken some of what it had not taken before.
        func outputTaken()
    }

    enum OutputEnding {
        case none
        /// When everything that was written has left.
        case wanted(EventLoopPromise<Void>?)
        case ended
    }

    let allocator = ByteBufferAllocator()
    let remoteAddress: SocketAddress?
    let loop: SocketLoop
    let descriptor: Int32
    private let closePromise: EventLoopPromise<Void>
    private let onClose: () -> Void
    private let isOpen = Atomic(true)
    private let isRoomy = Atomic(true)

    // Confined to the loop from here on.
    private var ownPipeline: ChannelPipeline?
    /// Who takes what is read and says whether to read on, in place of the pipeline; all else still goes there.
    var reader: (any Reader)?
    /// Nil until the loop watches the socket.
    private var tag: Int?
    /// How much is read at a time.
    var readBytesMax = SocketLoop.readBytesMax {
        didSet { precondition((1...SocketLoop.readBytesMax).contains(readBytesMax)) }
    }
    /// Whether reads wait for the channel's turn: what follows from them takes long.
    var readsInTurn = false
    /// Whether the socket may have something to read that was not read.
    var isReadable = false
    /// Whether the handlers want it.
    var isReadWanted = false
    /// Since when it has been there, for the reader; nil where nothing has waited that anybody knows of.
    var waitingSince: UInt64?
    private var isPutOff = false
    var turnAccount = TurnQueue.Account(beginning: .handshake)
    /// What is to be done at the next turn, if anything.
    private var onTurn: (() -> Void)?
    /// Whether the peer has said that nothing more comes, or sent something beside bytes: a short read is not the end of
    /// what there is to read then.
    var readsOn = false
    /// Whether the peer has ended its side.
    var isPeerEnded = false
    /// Whether nothing more is read: the peer has ended its side, or both sides are to be closed.
    var isInputEnded = false
    var output = SocketOutput()
    var outputEnding = OutputEnding.none
    /// Why nothing can be sent any more, until the handlers are told.
    var sendFault: IOError?

    /// Begins to serve a connected, non-blocking socket, which belongs to it from now on.
    ///
    /// - Parameters:
    ///   - addHandlers: Puts handlers into the pipeline.
    ///   - onClose: Called once, when the socket is closed.
    static func start(
        _ descriptor: Int32,
        on loop: SocketLoop,
        addHandlers: (SocketChannel) throws -> Void,
        onClose: @escaping () -> Void
    ) {
        let channel = SocketChannel(descriptor, loop, onClose)
        do {
            channel.tag = try loop.watchSocket(descriptor, for: channel)
        } catch {
            // The system has no memory to watch another descriptor with.
            return channel.end()
        }
        do {
            try addHandlers(channel)
        } catch {
            return channel.close0(error: error, mode: .all, promise: nil)
        }
        channel.pipeline.syncOperations.fireChannelRegistered()
        channel.pipeline.syncOperations.fireChannelActive()
        channel.askForMore()
    }

    private init(_ descriptor: Int32, _ loop: SocketLoop, _ onClose: @escaping () -> Void) {
        self.descriptor = descriptor
        self.loop = loop
        self.onClose = onClose
        // Asked now: nobody knows it any more once the peer has reset the connection.
        remoteAddress = SocketName.ofPeer(descriptor)
        closePromise = loop.makePromise()
        ownPipeline = ChannelPipeline(channel: self)
    }

    var eventLoop: any EventLoop { loop }
    var closeFuture: EventLoopFuture<Void> { closePromise.futureResult }
    var parent: (any Channel)? { nil }
    /// Nobody asks for it.
    var localAddress: SocketAddress? { nil }
    var isActive: Bool { isOpen.load(ordering: .acquiring) }
    var isWritable: Bool { isRoomy.load(ordering: .acquiring) }
    var _channelCore: any ChannelCore { self }
    var syncOptions: (any NIOSynchronousChannelOptions)? { SocketChannelOptions(unsentByteCount: output.byteCount) }

    var pipeline: ChannelPipeline {
        guard let ownPipeline else { preconditionFailure("a channel without a pipeline") }
        return ownPipeline
    }

    func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) -> EventLoopFuture<Void> {
        loop.makeFailedFuture(ChannelError.operationUnsupported)
    }

    func getOption<Option: ChannelOption>(_ option: Option) -> EventLoopFuture<Option.Value> {
        loop.submit { try SocketChannelOptions(unsentByteCount: self.output.byteCount).getOption(option) }
    }

    /// Calls `action` when the others of the loop have had their turn.
    func awaitTurn(_ action: @escaping () -> Void) {
        onTurn = action
        putOff()
    }

    func putOff() {
        if !isPutOff {
            isPutOff = true
            loop.putOff(self)
        }
    }

    /// Does what waited for the channel's turn; false where nothing did.
    func takeTurn() -> Bool {
        isPutOff = false
        guard let action = onTurn else { return false }
        onTurn = nil
        action()
        return true
    }

    func noteWritability() {
        let isWritable = isWritable
        if isWritable ? output.byteCount > Self.unsentBytesHigh : output.byteCount < Self.unsentBytesLow {
            isRoomy.store(!isWritable, ordering: .releasing)
            pipeline.syncOperations.fireChannelWritabilityChanged()
        }
    }

    /// Closes the socket at once, and tells everybody who waits.
    func end() {
        guard isOpen.exchange(false, ordering: .acquiringAndReleasing) else { return }
        if let tag { loop.forget(descriptor, tag: tag) }
        Glibc.close(descriptor)
        onTurn = nil
        reader = nil
        var promises = output.removeAll()
        if case .wanted(let promise?) = outputEnding { promises.append(promise) }
        outputEnding = .ended
        for promise in promises { promise.fail(ChannelError.ioOnClosedChannel) }
        pipeline.syncOperations.fireChannelInactive()
        pipeline.syncOperations.fireChannelUnregistered()
        onClose()
        // Whoever closed it may be in the middle of the pipeline.
        loop.execute {
            self.removeHandlers(pipeline: self.pipeline)
            self.closePromise.succeed(())
        }
    }
}

/// The options of a ``SocketChannel`` that its handlers ask for; none can be changed.
struct SocketChannelOptions: NIOSynchronousChannelOptions {
    let unsentByteCount: Int

    func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) throws {
        throw ChannelError.operationUnsupported
    }

    func getOption<Option: ChannelOption>(_ option: Option) throws -> Option.Value {
        let value: Any? =
            switch option {
            case is ChannelOptions.Types.AutoReadOption, is ChannelOptions.Types.AllowRemoteHalfClosureOption: true
            case is ChannelOptions.Types.BufferedWritableBytesOption: unsentByteCount
            default: nil
            }
        guard let value = value as? Option.Value else { throw ChannelError.operationUnsupported }
        return value
    }
}
