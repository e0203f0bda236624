import Glibc
import NIOCore

/// The bound listening sockets: TCP addresses, with TLS or in clear, and at most one Unix socket.
struct ListenerSet {
    private(set) var tcpAddresses: [String] = []
    private(set) var tlsAddresses: [String] = []
    private(set) var unixPath: String?
    /// The file that was bound: another may stand in its place when this server stops.
    private var unixIdentity: UnixSocketPath.Identity?
    private var listeners: [NIOLoopBound<SocketListener>] = []
    private let loop: SocketLoop
    private let budget: ConnectionBudget

    /// - Parameter loop: Where connections are accepted.
    init(on loop: SocketLoop, budget: ConnectionBudget) {
        self.loop = loop
        self.budget = budget
    }

    /// Binds one TCP address for connections in clear; port 0 picks a free one.
    mutating func bind(_ address: ListenAddress, _ acceptor: @escaping SocketListener.Acceptor) async throws {
        tcpAddresses.append(try await bound(address, acceptor))
    }

    /// Binds one TCP address for TLS, which `acceptor` must bring; port 0 picks a free one.
    mutating func bind(tls address: ListenAddress, _ acceptor: @escaping SocketListener.Acceptor) async throws {
        tlsAddresses.append(try await bound(address, acceptor))
    }

    /// Binds; returns the address with the port that it got.
    private mutating func bound(
        _ address: ListenAddress,
        _ acceptor: @escaping SocketListener.Acceptor
    ) async throws -> String {
        let descriptor = try ListeningSocket.bind(address)
        guard let port = SocketName.ofServer(descriptor)?.port else {
            preconditionFailure("a bound TCP listener has no port")
        }
        try await listen(descriptor, acceptor)
        return address.isIPv6 ? "[\(address.host)]:\(port)" : "\(address.host):\(port)"
    }

    mutating func bind(unixPath path: String, _ acceptor: @escaping SocketListener.Acceptor) async throws {
        try UnixSocketPath.prepare(path)
        let descriptor = try UnixSocketPath.bind(path)
        unixPath = path
        unixIdentity = UnixSocketPath.Identity(path)
        do throws(UnixSocketPath.Fault) {
            try UnixSocketPath.restrict(path)
            try UnixSocketPath.listen(path, descriptor, backlog: ListeningSocket.backlog)
        } catch {
            // Nobody else knows it yet.
            Glibc.close(descriptor)
            throw error
        }
        try await listen(descriptor, acceptor, share: .all)
    }

    private mutating func listen(
        _ descriptor: Int32,
        _ acceptor: @escaping SocketListener.Acceptor,
        share: ConnectionBudget.Share = .open
    ) async throws {
        let listener = try await loop.submit { [loop, budget] in
            NIOLoopBound(
                try SocketListener(descriptor, on: loop, budget: budget, share: share, accept: acceptor),
                eventLoop: loop
            )
        }.get()
        listeners.append(listener)
    }

    /// Stops accepting. Connections that were accepted are not touched. To be called before the loop ends.
    mutating func close() async {
        // Asked while the socket is bound: later another file may have its identity.
        let ownPath = unixPath.flatMap { UnixSocketPath.Identity($0) == unixIdentity ? $0 : nil }
        for listener in listeners {
            // Closing throws nothing.
            try? await loop.submit { listener.value.close() }.get()
        }
        listeners.removeAll()
        if let ownPath {
            try? UnixSocketPath.remove(ownPath)
        }
    }
}
