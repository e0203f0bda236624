import NIOCore
import NIOPosix
import NIOSSL

/// Connects sockets whose channels live on the client's event loop.
struct Dialer {
    /// When a connection attempt that nobody waits for any more ends. The pool gives up much earlier, by its own clock.
    private static let stragglerTimeout = TimeAmount.seconds(60)

    let eventLoop: any EventLoop

    /// A socket that is connected, and what TLS on it is to be made with.
    struct Connected: Sendable {
        /// Without handlers.
        let channel: any Channel
        /// Nil where nothing is encrypted.
        let tls: NIOSSLContext?
    }

    /// Connects. A name may stand for several addresses, so that several sockets race.
    func connect(to endpoint: Endpoint) -> EventLoopFuture<Connected> {
        guard case .tls(let host, let port, let settings) = endpoint else {
            return socket(to: endpoint).map { Connected(channel: $0, tls: nil) }
        }
        // Read anew for each connection: certificates that live for hours are replaced while the client lives.
        let context = NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { try settings.makeContext() }
        return context.flatMap { context in
            socket(to: .tcp(host: host, port: port)).map { Connected(channel: $0, tls: context) }
        }
    }

    private func socket(to endpoint: Endpoint) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(Dialer.stragglerTimeout)
            .channelOption(.writeBufferWaterMark, value: .init(low: 262_144, high: 1_048_576))
        switch endpoint {
        case .unixSocket(let path): return bootstrap.connect(unixDomainSocketPath: path)
        case .tcp(let host, let port), .tls(let host, let port, _): return bootstrap.connect(host: host, port: port)
        }
    }
}

extension ServerTrust {
    /// Fails with a `MintmarkError` unless the client is willing to speak to whom it is connected with.
    ///
    /// - Parameter handshake: succeeds when TLS is established and the server has proved who it is.
    func examine(
        _ channel: any Channel,
        _ endpoint: Endpoint,
        handshake: EventLoopFuture<Void>?
    ) -> EventLoopFuture<Void> {
        switch endpoint {
        case .tls:
            guard let handshake else { preconditionFailure("a TLS connection without TLS") }
            return handshake
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
