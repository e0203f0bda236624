import Glibc
import MintmarkWire
import NIOCore

/// How a connection came in, and what that tells of its peer. Immutable.
enum ConnectionOrigin: Sendable, Equatable {
    /// In clear; the text is the server's own address on this connection, as the transcript of AUTH has it.
    case tcp(serverAddress: String)
    /// The user that the peer ran as when it connected, as this process's user namespace numbers it.
    case unix(userID: UInt32)
    case tls(TLSOrigin)

    /// Finds out where a connection comes from; nil while that is not known yet. Called on the channel's event loop,
    /// when HELLO is handled.
    typealias Finder = @Sendable (any Channel) -> ConnectionOrigin?
}

/// What a TLS handshake has told. Immutable.
struct TLSOrigin: Sendable, Equatable {
    /// SHA-256 of the DER bytes of the server's leaf certificate on this connection: 32 bytes.
    var serverCertificateSHA256: [UInt8]
    /// The names in the client's certificate; nil without one.
    var clientNames: CertificateNames?
}

/// The subject alternative names of a certificate that was verified. Immutable.
struct CertificateNames: Sendable, Equatable {
    var uris: [String]
    var dnsNames: [String]
}

extension ConnectionOrigin {
    /// For listeners of TCP in clear.
    static let ofTCP: Finder = { channel in
        guard let address = channel.localAddress, let host = address.ipAddress, let port = address.port else {
            return nil
        }
        return .tcp(serverAddress: AuthTranscript.addressText(host: host, port: port))
    }

    /// For listeners on a Unix socket.
    static let ofUnixSocket: Finder = { channel in
        channel.peerUserID.map { .unix(userID: $0) }
    }
}

extension ConnectionOrigin {
    /// Where a connection comes from, for people: address and port, or the user at the other end of a Unix socket.
    static func peerText(_ channel: any Channel, _ origin: ConnectionOrigin?) -> String {
        if case .unix(let userID) = origin {
            return "unix:\(userID)"
        }
        guard let address = channel.remoteAddress, let host = address.ipAddress, let port = address.port else {
            return "unix"
        }
        return AuthTranscript.addressText(host: host, port: port)
    }
}

/// What SO_PEERCRED tells of the process at the other end (`struct ucred` of Linux).
private struct PeerCredentials: Sendable {
    var processID: Int32
    var userID: UInt32
    var groupID: UInt32
}

extension Channel {
    /// The user that the peer of a Unix socket ran as when it connected; nil where the kernel does not say.
    fileprivate var peerUserID: UInt32? {
        guard let provider = self as? any SocketOptionProvider else {
            return nil
        }
        let credentials: EventLoopFuture<PeerCredentials> = provider.unsafeGetSocketOption(
            level: NIOBSDSocket.OptionLevel.socket,
            name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        )
        // On its own event loop the channel answers before it returns.
        var userID: UInt32?
        credentials.assumeIsolated().whenSuccess { userID = $0.userID }
        return userID
    }
}
