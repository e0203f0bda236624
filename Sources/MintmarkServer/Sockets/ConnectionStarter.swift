import Glibc
import NIOCore

/// Makes connections of accepted sockets, on the socket loops in turn.
struct ConnectionStarter: Sendable {
    let sockets: SocketLoopGroup
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
        { socket in
            Self.sendAtOnce(socket)
            let loop = sockets.next()
            loop.execute {
                SocketChannel.start(
                    socket,
                    on: loop,
                    addHandlers: { try addHandlers(to: $0, tls) },
                    onClose: { budget.giveBack() }
                )
            }
        }
    }

    private func addHandlers(to channel: SocketChannel, _ tls: TLSSource) throws {
        let worker = workers.worker(of: channel.loop)
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
