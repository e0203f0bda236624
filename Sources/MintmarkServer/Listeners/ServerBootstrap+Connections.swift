import NIOCore
import NIOPosix

extension ServerBootstrap {
    /// Connections that may wait for being accepted, on each listener.
    static let backlog: Int32 = 1024

    /// Accepts connections within `budget` and serves each with the worker of its event loop; in clear, or with the
    /// certificates of `tls`.
    convenience init(
        group: MultiThreadedEventLoopGroup,
        workers: WorkerPool,
        budget: ConnectionBudget,
        timeouts: ConnectionTimeouts,
        origin: @escaping ConnectionOrigin.Finder,
        tls: TLSSource? = nil
    ) {
        self.init(group: group)
        _ = self.serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // One connection per read: each takes its place in the budget first.
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptGate(budget: budget))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // One buffer per turn: all that was read is served before the loop looks at its sockets again.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let worker = workers.worker(of: channel.eventLoop)
                    let gate = tls.map { tls in
                        TLSGate(source: tls, worker: worker, linger: timeouts.linger)
                    }
                    if let gate {
                        try channel.pipeline.syncOperations.addHandler(gate)
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        ConnectionHandler(worker: worker, timeouts: timeouts, findOrigin: origin, gate: gate)
                    )
                }
            }
    }
}
