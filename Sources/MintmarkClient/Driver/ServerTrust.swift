import Glibc
import MintmarkWire
import NIOCore

/// Whom the client is willing to speak to. On a Unix socket that is a question of the server's user, on TCP of the
/// machine it runs on.
struct ServerTrust: Sendable {
    /// The users a server behind a Unix socket may run as.
    let userIDs: Set<UInt32>
    let allowsPlaintextBeyondLoopback: Bool

    /// - Parameter userIDs: Nil means root and this process's user, unless that is the overflow user.
    init(userIDs: Set<UInt32>?, allowsPlaintextBeyondLoopback: Bool) {
        self.userIDs = userIDs ?? TrustedUsers.usual(own: geteuid())
        self.allowsPlaintextBeyondLoopback = allowsPlaintextBeyondLoopback
    }

    /// What is known before any call: a numeric address beyond loopback is refused.
    func objection(to endpoint: Endpoint) -> MintmarkError? {
        guard case .tcp(let host, let port) = endpoint else { return nil }
        guard let address = try? SocketAddress(ipAddress: host, port: port) else { return nil }
        return objection(toPlaintextWith: address)
    }

    /// What is known once a connection is open, before a byte is sent: the address that a name stood for.
    func objection(toPlaintextWith address: SocketAddress?) -> MintmarkError? {
        if allowsPlaintextBeyondLoopback || address?.isLoopback == true { return nil }
        let place = address?.hostAndPort ?? "an unknown address"
        return MintmarkError(.plaintextRefused, "plaintext to \(place) beyond loopback is not allowed")
    }

    /// The user that the server behind a Unix socket runs as.
    func objection(toUserID userID: UInt32) -> MintmarkError? {
        if userIDs.contains(userID) { return nil }
        // By its number: looking up the name would block the event loop.
        let message = "the server runs as user \(userID), who is not trusted"
        return MintmarkError(.serverUntrusted, message, serverUserID: userID)
    }
}

extension SocketAddress {
    /// The address as people write it: `192.0.2.1:7420`, `[2001:db8::1]:7420`; nil for a Unix socket.
    var hostAndPort: String? {
        guard let host = ipAddress, let port else { return nil }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Whether the address is of this machine's loopback: 127.0.0.0/8, ::1, or the former inside IPv6. Unix sockets are.
    var isLoopback: Bool {
        switch self {
        case .v4: ipAddress?.hasPrefix("127.") == true
        case .v6: ipAddress == "::1" || ipAddress?.hasPrefix("::ffff:127.") == true
        case .unixDomainSocket: true
        }
    }
}

/// What SO_PEERCRED tells of the process at the other end (`struct ucred` of Linux).
struct PeerCredentials: Sendable {
    let processID: Int32
    let userID: UInt32
    let groupID: UInt32
}

extension Channel {
    /// Asks the kernel who listens behind a connected Unix socket.
    func peerCredentials() -> EventLoopFuture<PeerCredentials> {
        guard let provider = self as? any SocketOptionProvider else {
            return eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        return provider.unsafeGetSocketOption(
            level: NIOBSDSocket.OptionLevel.socket,
            name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        )
    }
}
