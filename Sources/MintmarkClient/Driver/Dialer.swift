import NIOCore
import NIOPosix

/// Connects sockets whose channels live on the client's event loop.
struct Dialer {
    /// When a connection attempt that nobody waits for any more ends. The pool gives up much earlier, by its own clock.
    private static let stragglerTimeout = TimeAmount.seconds(60)

    let eventLoop: any EventLoop

    /// Connects. A name may stand for several addresses, so that several sockets race; the channel that comes out is
    /// without handlers.
    func connect(to endpoint: Endpoint) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(Dialer.stragglerTimeout)
            .channelOption(.writeBufferWaterMark, value: .init(low: 262_144, high: 1_048_576))
        switch endpoint {
        case .unixSocket(let path): return bootstrap.connect(unixDomainSocketPath: path)
        case .tcp(let host, let port): return bootstrap.connect(host: host, port: port)
        }
    }
}

extension ServerTrust {
    /// Fails with a `MintmarkError` unless the client is willing to speak to whom it is connected with.
    func examine(_ channel: any Channel, _ endpoint: Endpoint) -> EventLoopFuture<Void> {
        switch endpoint {
        case .tcp:
            let objection = objection(toPlaintextWith: channel.remoteAddress)
            return channel.eventLoop.makeCompletedFuture { if let objection { throw objection } }
        case .unixSocket:
            return channel.peerCredentials().flatMapThrowing { credentials in
                if let objection = objection(toUserID: credentials.userID) { throw objection }
            }
        }
    }
}
