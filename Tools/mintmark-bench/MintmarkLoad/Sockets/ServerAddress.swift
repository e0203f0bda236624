import Glibc
import MintmarkProgram
import MintmarkWire

/// Where the server under load listens.
enum ServerAddress: Hashable, Sendable {
    case tcp(host: String, port: UInt16)
    /// - trustedUserIDs: whom the server may run as.
    case unixSocket(path: String, trustedUserIDs: Set<UInt32>)
    case tls(host: String, port: UInt16, TLSClient)
    /// The same, for a caller that says who it is where that is asked.
    case identified(LoadCaller)

    /// The longest path of a Unix socket, in bytes: `sun_path` with its final zero has 108.
    static let unixPathLengthMax = 107

    /// Reads `HOST:PORT`; an IPv6 host stands in brackets. Nil for anything else.
    init?(server text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(where: { ":[] ".contains($0) }) {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self = .tcp(host: String(host), port: port)
    }

    /// Takes the path of a Unix socket. Nil if it is empty or too long for one.
    ///
    /// - Parameter trustedUserIDs: Whom the server may run as.
    init?(unixPath path: String, trustedUserIDs: Set<UInt32> = TrustedUsers.usual(own: geteuid())) {
        guard (1...Self.unixPathLengthMax).contains(path.utf8.count) else { return nil }
        self = .unixSocket(path: path, trustedUserIDs: trustedUserIDs)
    }
}

extension ServerAddress: CustomStringConvertible {
    var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .tls(let host, let port, _): "tls:\(ServerAddress.tcp(host: host, port: port))"
        case .unixSocket(let path, _): "unix:\(path)"
        case .identified(let caller): caller.address.description
        }
    }
}

extension ServerAddress {
    /// What lies under the protocol: `tcp`, `unix` or `tls`.
    var transport: String {
        switch self {
        case .tcp: "tcp"
        case .tls: "tls"
        case .unixSocket: "unix"
        case .identified(let caller): caller.address.transport
        }
    }

    /// How long a step of opening a stream may take, in nanoseconds, before nobody waits for it any longer.
    static let openNanosecondsMax: Int64 = 60_000_000_000

    /// Opens a stream to the server; with TLS it is established.
    ///
    /// - Parameters:
    ///   - nanosecondsMax: How long each step may take.
    ///   - onConnected: Called when there is a connection, before TLS.
    func open(
        nanosecondsMax: Int64 = openNanosecondsMax,
        onConnected: () -> Void = {}
    ) throws(SystemFault) -> ServerStream {
        if case .identified(let caller) = self {
            return try caller.address.open(nanosecondsMax: nanosecondsMax, onConnected: onConnected)
        }
        let descriptor = try connect(nanosecondsMax: nanosecondsMax)
        onConnected()
        guard case .tls(let host, _, let client) = self else { return ServerStream(owning: descriptor) }
        do throws(SystemFault) {
            return ServerStream(owning: descriptor, session: try client.shakeHands(over: descriptor, host: host))
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Opens a socket to the server; returns its descriptor, which is the caller's to close.
    ///
    /// - Parameter nanosecondsMax: How long connecting may take, and each write to the socket and read from it.
    func connect(nanosecondsMax: Int64 = openNanosecondsMax) throws(SystemFault) -> Int32 {
        switch self {
        case .tcp(let host, let port), .tls(let host, let port, _):
            try Self.connect(host: host, port: port, nanosecondsMax)
        case .unixSocket(let path, let trustedUserIDs):
            try Self.connect(path: path, trustedUserIDs, nanosecondsMax)
        case .identified(let caller): try caller.address.connect(nanosecondsMax: nanosecondsMax)
        }
    }

    /// Who calls there; nil: nobody in particular.
    var identity: LoadIdentity? {
        guard case .identified(let caller) = self else { return nil }
        return caller.identity
    }

    /// The address of a TCP peer as the transcript of AUTH has it; nil for anything else.
    static func peerText(of descriptor: Int32) -> String? {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let isNamed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getpeername(descriptor, address, &length) == 0, address.pointee.sa_family != sa_family_t(AF_UNIX)
                else { return false }
                let flags = NI_NUMERICHOST | NI_NUMERICSERV
                return getnameinfo(
                    address,
                    length,
                    &host,
                    socklen_t(host.count),
                    &service,
                    socklen_t(service.count),
                    flags
                ) == 0
            }
        }
        guard isNamed, let port = Int(text(service)) else { return nil }
        return AuthTranscript.addressText(host: text(host), port: port)
    }

    /// The text before the final zero.
    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Nothing has been sent when it turns out that the server may be anybody's.
    private static func connect(
        path: String,
        _ trustedUserIDs: Set<UInt32>,
        _ nanosecondsMax: Int64
    ) throws(SystemFault) -> Int32 {
        let descriptor = try socket(family: AF_UNIX, nanosecondsMax)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafeBytes(of: &address) { bytes in
            Glibc.connect(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
        }
        _ = try checked(descriptor, result)
        let userID = PeerCredentials(of: descriptor)?.userID
        guard let userID, trustedUserIDs.contains(userID) else {
            close(descriptor)
            throw untrusted(userID)
        }
        return descriptor
    }

    private static func untrusted(_ userID: UInt32?) -> SystemFault {
        guard let userID else { return SystemFault("connect", reason: "the system does not say who the server is") }
        let option = "--server-user \(MachineUsers.name(ofUserID: userID) ?? "\(userID)")"
        let user = MachineUsers.text(ofUserID: userID)
        return SystemFault("connect", reason: "the server runs as \(user), who is not trusted; \(option) trusts it")
    }

    private static func connect(
        host: String,
        port: UInt16,
        _ nanosecondsMax: Int64
    ) throws(SystemFault) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0, let first = list else {
            throw SystemFault("getaddrinfo", reason: String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(first) }
        var fault = SystemFault("connect", reason: "no address")
        for entry in sequence(first: first, next: { $0.pointee.ai_next }) {
            do throws(SystemFault) {
                let descriptor = try socket(family: entry.pointee.ai_family, nanosecondsMax)
                let result = Glibc.connect(descriptor, entry.pointee.ai_addr, entry.pointee.ai_addrlen)
                _ = try checked(descriptor, result)
                // A request must not wait for the acknowledgement of the one before.
                setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1))
                return descriptor
            } catch {
                fault = error
            }
        }
        throw fault
    }

    private static func socket(family: Int32, _ nanosecondsMax: Int64) throws(SystemFault) -> Int32 {
        let descriptor = Glibc.socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemFault("socket") }
        // Of the two the one for writes holds for connecting, too.
        setOption(descriptor, SOL_SOCKET, SO_SNDTIMEO, limit(nanosecondsMax))
        setOption(descriptor, SOL_SOCKET, SO_RCVTIMEO, limit(nanosecondsMax))
        return descriptor
    }

    private static func checked(_ descriptor: Int32, _ result: Int32) throws(SystemFault) -> Int32 {
        guard result == 0 else {
            let fault = SystemFault("connect")
            close(descriptor)
            throw fault
        }
        return descriptor
    }

    private static func setOption<Value>(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Value) {
        withUnsafeBytes(of: value) { bytes in
            _ = setsockopt(descriptor, level, name, bytes.baseAddress, socklen_t(bytes.count))
        }
    }

    /// Makes reads fail that wait for longer.
    static func limitReads(of descriptor: Int32, nanoseconds: Int64) {
        setOption(descriptor, SOL_SOCKET, SO_RCVTIMEO, limit(nanoseconds))
    }

    private static func limit(_ nanoseconds: Int64) -> timeval {
        // Zero would be no limit.
        let microseconds = max(1, nanoseconds / 1_000)
        return timeval(tv_sec: Int(microseconds / 1_000_000), tv_usec: Int(microseconds % 1_000_000))
    }
}
