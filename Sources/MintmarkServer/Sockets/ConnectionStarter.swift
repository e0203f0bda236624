import Glibc
import NIOCore
import NIOPosix

/// Makes connections of accepted sockets: in clear on the socket loops in turn, with TLS on NIO's.
struct ConnectionStarter: Sendable {
    let sockets: SocketLoopGroup
    /// For TLS; nil where nothing listens with it.
    let channels: MultiThreadedEventLoopGroup?
    let workers: WorkerPool
    let budget: ConnectionBudget
    let timeouts: ConnectionTimeouts

    /// Takes sockets of a listener in clear.
    func acceptor(_ originFinder: @escaping SocketTransport.OriginFinder) -> SocketListener.Acceptor {
        { socket in
            Self.sendAtOnce(socket)
            let loop = sockets.next()
            loop.execute {
                SocketTransport.start(
                    socket,
                    on: loop,
                    worker: workers.worker(of: loop),
                    timeouts: timeouts,
                    originFinder: originFinder,
                    onClose: { budget.giveBack() }
                )
            }
        }
    }

    /// Takes sockets of a listener with TLS.
    func acceptor(_ tls: TLSSource) -> SocketListener.Acceptor {
        guard let channels else {
            preconditionFailure("nobody serves TLS")
        }
        return { socket in
            Self.sendAtOnce(socket)
            let channel = ClientBootstrap(group: channels)
                .channelOption(.allowRemoteHalfClosure, value: true)
                // One buffer per turn: all that was read is served before the loop looks at its sockets again.
                .channelOption(.maxMessagesPerRead, value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try addHandlers(to: channel, tls) }
                }
                .withConnectedSocket(socket)
            channel.whenSuccess { $0.closeFuture.whenComplete { _ in budget.giveBack() } }
            channel.whenFailure { _ in budget.giveBack() }
        }
    }

    private func addHandlers(to channel: any Channel, _ tls: TLSSource) throws {
        let worker = workers.worker(of: channel.eventLoop)
        let gate = TLSGate(source: tls, worker: worker, linger: timeouts.linger)
        let handler = ConnectionHandler(
            worker: worker,
            timeouts: timeouts,
            gate: gate,
            originFinder: ConnectionOrigin.ofTLS
        )
        try channel.pipeline.syncOperations.addHandlers(gate, handler)
    }

    /// An answer does not wait for the acknowledgement of the one before it.
    private static func sendAtOnce(_ socket: Int32) {
        var isOn: Int32 = 1
        // A Unix socket knows no such option, and never waits.
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }
}
