import Glibc
import NIOCore
import NIOPosix

/// The bound listening sockets: TCP addresses, with TLS or in clear, and at most one Unix socket.
struct ListenerSet {
    private(set) var tcpAddresses: [String] = []
    private(set) var tlsAddresses: [String] = []
    private(set) var unixPath: String?
    private var channels: [any Channel] = []

    /// Binds one TCP address for connections in clear; port 0 picks a free one.
    mutating func bind(_ address: ListenAddress, _ bootstrap: ServerBootstrap) async throws {
        tcpAddresses.append(try await bound(address, bootstrap))
    }

    /// Binds one TCP address for TLS, which `bootstrap` must bring; port 0 picks a free one.
    mutating func bind(tls address: ListenAddress, _ bootstrap: ServerBootstrap) async throws {
        tlsAddresses.append(try await bound(address, bootstrap))
    }

    /// Binds; returns the address with the port that it got.
    private mutating func bound(_ address: ListenAddress, _ bootstrap: ServerBootstrap) async throws -> String {
        let channel = try await bootstrap.bind(host: address.host, port: Int(address.port)).get()
        channels.append(channel)
        guard let port = channel.localAddress?.port else {
            preconditionFailure("a bound TCP listener has no port")
        }
        return address.isIPv6 ? "[\(address.host)]:\(port)" : "\(address.host):\(port)"
    }

    mutating func bind(unixPath path: String, _ bootstrap: ServerBootstrap) async throws {
        try UnixSocketPath.prepare(path)
        let descriptor = try UnixSocketPath.bind(path)
        unixPath = path
        do throws(UnixSocketPath.Fault) {
            try UnixSocketPath.restrict(path)
            try UnixSocketPath.listen(path, descriptor, backlog: ServerBootstrap.backlog)
        } catch {
            // Nobody else knows it yet.
            Glibc.close(descriptor)
            throw error
        }
        channels.append(try await bootstrap.withBoundSocket(descriptor).get())
    }

    /// Stops accepting. Connections that were accepted are not touched.
    mutating func close() async {
        for channel in channels {
            // A listener that is closed already is as good.
            try? await channel.close().get()
        }
        channels.removeAll()
        if let unixPath {
            try? UnixSocketPath.remove(unixPath)
        }
    }
}
