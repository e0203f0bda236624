import Glibc

/// A TCP address to listen on: a numeric host and a port. Immutable.
package struct ListenAddress: Sendable, Hashable {
    /// The host in its canonical numeric spelling, an IPv6 host without brackets.
    package let host: String
    /// 0 lets the system pick a free port.
    package let port: UInt16
    package let isIPv6: Bool

    /// Reads `HOST:PORT`: a dotted IPv4 host, an IPv6 host in brackets, or `localhost`, which means 127.0.0.1.
    ///
    /// Nothing is looked up: any other name gives nil, as does a port above 65535.
    package init?(_ text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard let host = Self.canonicalIPv6(String(host.dropFirst().dropLast())) else { return nil }
            self.init(host: host, port: port, isIPv6: true)
        } else {
            guard let host = Self.canonicalIPv4(host == "localhost" ? "127.0.0.1" : String(host)) else { return nil }
            self.init(host: host, port: port, isIPv6: false)
        }
    }

    private init(host: String, port: UInt16, isIPv6: Bool) {
        self.host = host
        self.port = port
        self.isIPv6 = isIPv6
    }

    /// Whether only processes of this machine can connect: 127.0.0.0/8 or ::1.
    package var isLoopback: Bool {
        isIPv6 ? host == "::1" : host.hasPrefix("127.")
    }

    /// Whether it is every address of this machine, loopback among them: 0.0.0.0 or ::.
    var isWildcard: Bool {
        host == (isIPv6 ? "::" : "0.0.0.0")
    }

    /// Whether a socket that listens on one of them leaves no room for one on the other. Port 0 always finds room. Who
    /// listens on :: listens on all addresses of IPv4, too (RFC 3493 section 3.7).
    func collides(with other: Self) -> Bool {
        port != 0 && port == other.port && (self.covers(other) || other.covers(self))
    }

    /// Whether the other's host is among the addresses that this one's stands for.
    private func covers(_ other: Self) -> Bool {
        let (own, others) = (unmapped, other.unmapped)
        return own.host == others.host || own.isWildcard && (own.isIPv6 || !others.isIPv6)
    }

    /// The address of IPv4 that is written as one of IPv6 (RFC 4291 section 2.5.5.2), or else this one.
    private var unmapped: Self {
        let prefix = "::ffff:"
        guard isIPv6, host.hasPrefix(prefix), let host = Self.canonicalIPv4(String(host.dropFirst(prefix.count))) else {
            return self
        }
        return Self(host: host, port: port, isIPv6: false)
    }

    private static func canonicalIPv4(_ text: String) -> String? {
        var address = in_addr()
        guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET_ADDRSTRLEN)) { buffer in
            inet_ntop(AF_INET, &address, buffer.baseAddress, socklen_t(buffer.count)).map { String(cString: $0) }
        }
    }

    private static func canonicalIPv6(_ text: String) -> String? {
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            inet_ntop(AF_INET6, &address, buffer.baseAddress, socklen_t(buffer.count)).map { String(cString: $0) }
        }
    }
}

extension ListenAddress: CustomStringConvertible {
    /// `HOST:PORT`, an IPv6 host in brackets.
    package var description: String { description(withPort: Int(port)) }

    /// The same with the port that the system has picked.
    func description(withPort port: Int) -> String {
        isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
