import NIOCore
import NIOPosix

/// Connects sockets whose channels live on the client's event loop.
struct Dialer {
    let eventLoop: any EventLoop
    let connectTimeoutNanoseconds: UInt64

    /// Connects, with `handler` in the channel from the start, so that it can end the attempt.
    func connect(to endpoint: Endpoint, _ handler: ConnectionHandler) -> EventLoopFuture<any Channel> {
        let bound = NIOLoopBound(handler, eventLoop: eventLoop)
        let timeout = Int64(clamping: connectTimeoutNanoseconds)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(.nanoseconds(timeout))
            .channelOption(.writeBufferWaterMark, value: .init(low: 262_144, high: 1_048_576))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
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
