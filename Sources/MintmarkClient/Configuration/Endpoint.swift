/// Where a server listens.
public enum Endpoint: Hashable, Sendable {
    /// A Unix domain socket. The client checks which user the server runs as.
    case unixSocket(path: String)

    /// TCP without encryption. Only for this machine's own addresses, unless
    /// ``MintmarkClient/Configuration/allowsPlaintextBeyondLoopback`` says otherwise.
    case tcp(host: String, port: Int)

    /// TCP with TLS 1.3. The server proves by a certificate that it is `host`.
    case tls(host: String, port: Int, TLSSettings)
}

extension Endpoint: CustomStringConvertible {
    /// `unix:PATH`, `HOST:PORT` or `tls:HOST:PORT`.
    public var description: String {
        switch self {
        case .unixSocket(let path): "unix:\(path)"
        case .tcp(let host, let port): Self.text(host, port)
        case .tls(let host, let port, _): "tls:\(Self.text(host, port))"
        }
    }

    var isUnixSocket: Bool {
        switch self {
        case .unixSocket: true
        case .tcp, .tls: false
        }
    }

    private static func text(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
