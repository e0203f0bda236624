import MintmarkWire
import NIOCore

/// How a connection came in, and what that tells of its peer. Immutable.
enum ConnectionOrigin: Sendable, Equatable {
    /// In clear; the text is the server's own address on this connection, as the transcript of AUTH has it.
    case tcp(serverAddress: String)
    /// The user that the peer ran as when it connected, as this process's user namespace numbers it.
    case unix(userID: UInt32)
    case tls(TLSOrigin)

    /// Finds out where a connection on a channel comes from; nil while that is not known yet. Called on the channel's event
    /// loop, when HELLO is handled.
    typealias ChannelFinder = @Sendable (any Channel) -> ConnectionOrigin?
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
    static let ofTCP: SocketTransport.OriginFinder = { socket in
        guard let address = SocketName.ofServer(socket), let host = address.ipAddress, let port = address.port else {
            return nil
        }
        return .tcp(serverAddress: AuthTranscript.addressText(host: host, port: port))
    }

    /// For listeners on a Unix socket.
    static let ofUnixSocket: SocketTransport.OriginFinder = { socket in
        SocketName.peerUserID(socket).map { .unix(userID: $0) }
    }

    /// Where a connection comes from, for people: address and port, or the user at the other end of a Unix socket; `unknown`
    /// where the system does not say.
    static func peerText(_ address: SocketAddress?, _ origin: ConnectionOrigin?) -> String {
        if case .unix(let userID) = origin {
            return "unix:\(userID)"
        }
        guard let address, let host = address.ipAddress, let port = address.port else {
            return "unknown"
        }
        return AuthTranscript.addressText(host: host, port: port)
    }
}
