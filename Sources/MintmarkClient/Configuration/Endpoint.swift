/// Where a server listens.
public enum Endpoint: Hashable, Sendable {
    /// A Unix domain socket. The client checks which user the server runs as.
    case unixSocket(path: String)

    /// TCP without encryption. Only for this machine's own addresses, unless
    /// ``MintmarkClient/Configuration/allowsPlaintextBeyondLoopback`` says otherwise.
    case tcp(host: String, port: Int)
}

extension Endpoint: CustomStringConvertible {
    /// `unix:PATH` or `HOST:PORT`.
    public var description: String {
        switch self {
        case .unixSocket(let path): "unix:\(path)"
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }

    var isUnixSocket: Bool {
        switch self {
        case .unixSocket: true
        case .tcp: false
        }
    }
}
