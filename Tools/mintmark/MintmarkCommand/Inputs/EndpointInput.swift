import MintmarkClient

extension Endpoint {
    /// The longest path of a Unix socket, in bytes: `sun_path` with its final zero has 108.
    static let unixPathLengthMax = 107

    /// Reads `HOST:PORT`. An IPv6 host stands in brackets; a port is 1 to 65535.
    init(server text: String) throws(UsageError) {
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            throw Self.noServer
        }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]"), host.contains(":") {
            self = .tcp(host: String(host.dropFirst().dropLast()), port: port)
        } else {
            guard !host.isEmpty, !host.contains(where: { ":[] ".contains($0) }) else { throw Self.noServer }
            self = .tcp(host: String(host), port: port)
        }
    }

    /// Reads `HOST:PORT` of a server that takes TLS.
    init(tls text: String, _ settings: TLSSettings) throws(UsageError) {
        guard case .tcp(let host, let port) = try Endpoint(server: text) else {
            preconditionFailure("HOST:PORT is the address of a TCP port")
        }
        self = .tls(host: host, port: port, settings)
    }

    /// Reads the path of a Unix socket.
    init(unixPath path: String) throws(UsageError) {
        guard (1...Self.unixPathLengthMax).contains(path.utf8.count) else {
            throw UsageError("the path of a Unix socket has 1 to \(Self.unixPathLengthMax) bytes")
        }
        self = .unixSocket(path: path)
    }

    private static let noServer = UsageError(
        "a server is given as HOST:PORT, such as 127.0.0.1:7420 or [::1]:7420, with a port from 1 to 65535"
    )

    private static func port(_ digits: Substring) -> Int? {
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(digits).flatMap { (1...65_535).contains($0) ? $0 : nil }
    }
}
